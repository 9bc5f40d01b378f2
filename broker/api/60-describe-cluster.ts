// DescribeCluster, versions 0 to 2. On a broker listener: the brokers (fenced ones from v2 when asked) and any live
// one as controller; on a controller listener: the controllers and the active one. Asking one kind of endpoint for
// the other is MISMATCHED_ENDPOINT_TYPE.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  DescribeCluster,
  type DescribeClusterRequest,
} from '../../protocol/schemas/60-describe-cluster.ts'
import type { RequestContext } from '../network/types.ts'
import { AuthorizedOperations, nodesOn } from './topic-metadata.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const TYPE_NAMES: Readonly<Record<number, string>> = { 1: 'BROKER', 2: 'CONTROLLER' }
const BROKER_TYPE = 1
const CONTROLLER_TYPE = 2

export const describeCluster = defineHandler({
  api: DescribeCluster,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    const { config, metadata } = services
    const isController = config.controllerListenerNames.includes(context.connection.listenerName)
    const type = isController ? CONTROLLER_TYPE : BROKER_TYPE
    const refused = checkType(request.endpointType, type, context.apiVersion)
    if (refused) return refused
    const { brokers, controllerId } = isController
      ? controllers(services, context)
      : liveBrokers(services, context, request)
    return {
      endpointType: type,
      clusterId: metadata.image.clusterId,
      controllerId: brokers.some(({ brokerId }) => brokerId === controllerId) ? controllerId : -1,
      brokers,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? AuthorizedOperations.CLUSTER
        : AuthorizedOperations.NOT_ASKED,
    }
  },
})

function checkType(asked: number, type: number, version: number) {
  if (asked === type) return null
  const askedName = TYPE_NAMES[asked]
  const errorCode =
    askedName === undefined
      ? ErrorCode.UNSUPPORTED_ENDPOINT_TYPE
      : ErrorCode.MISMATCHED_ENDPOINT_TYPE
  const errorMessage =
    askedName === undefined
      ? `Unsupported endpoint type ${asked}`
      : `The request was sent to an endpoint of type ${TYPE_NAMES[type]}, ` +
        `but we wanted an endpoint of type ${askedName}`
  return { errorCode: version === 0 ? ErrorCode.INVALID_REQUEST : errorCode, errorMessage }
}

function liveBrokers(
  services: BrokerServices,
  context: RequestContext,
  request: DescribeClusterRequest,
) {
  const { image } = services.metadata
  const nodes = nodesOn(image, context.connection.listenerName, request.includeFencedBrokers)
  const live = nodes.filter((node) => !node.isFenced)
  const controller = live[services.runtime.random.int(Math.max(1, live.length))]
  const brokers = nodes.map(({ id, host, port, rack, isFenced }) => ({
    brokerId: id,
    host,
    port,
    rack,
    isFenced,
  }))
  return { brokers, controllerId: controller?.id ?? -1 }
}

function controllers(services: BrokerServices, context: RequestContext) {
  const listener = context.connection.listenerName
  const brokers = []
  for (const controller of services.metadata.image.controllers.values()) {
    const endpoint = controller.endpoints.find(({ name }) => name === listener)
    if (!endpoint) continue
    const { host, port } = endpoint
    brokers.push({ brokerId: controller.id, host, port, rack: null, isFenced: false })
  }
  return { brokers, controllerId: services.raft.leaderAndEpoch.leaderId ?? -1 }
}
