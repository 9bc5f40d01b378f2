// FindCoordinator, versions 0 to 6: one key up to version 3, many from 4; groups and transactional ids. Where the
// coordinator's own topic does not exist yet it is created, and COORDINATOR_NOT_AVAILABLE answered meanwhile:
// clients ask again. Gaps: share groups (key type 2) have no coordinator here: INVALID_REQUEST.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  FindCoordinator,
  type FindCoordinatorRequest,
} from '../../protocol/schemas/10-find-coordinator.ts'
import { OFFSETS_TOPIC } from '../coordinator/group/group-coordinator.ts'
import { TRANSACTION_TOPIC } from '../coordinator/transaction/transaction-coordinator.ts'
import type { RequestContext } from '../network/types.ts'
import { autoCreateTopics } from './auto-create.ts'
import { nodesOn } from './topic-metadata.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const KEYS_SINCE = 4
const GROUP = 0
const TRANSACTION = 1

export const findCoordinator = defineHandler({
  api: FindCoordinator,
  listeners: ['broker'],
  handle(services, context, request) {
    const keys = context.apiVersion >= KEYS_SINCE ? request.coordinatorKeys : [request.key]
    const coordinators = keys.map((key) => find(services, context, request, key))
    if (context.apiVersion >= KEYS_SINCE) return { coordinators }
    const only = coordinators[0] ?? notFound('', ErrorCode.INVALID_REQUEST, null)
    const { errorCode, errorMessage, nodeId, host, port } = only
    return { errorCode, errorMessage, nodeId, host, port }
  },
})

function notFound(key: string, errorCode: number, errorMessage: string | null) {
  return { key, errorCode, errorMessage, nodeId: -1, host: '', port: -1 }
}

function find(
  services: BrokerServices,
  context: RequestContext,
  request: FindCoordinatorRequest,
  key: string,
) {
  const { keyType } = request
  if (keyType !== GROUP && keyType !== TRANSACTION) {
    const message = 'This broker has no coordinator for keys of that type'
    return notFound(key, ErrorCode.INVALID_REQUEST, message)
  }
  const { image } = services.metadata
  const refusal = authorizationError(services, context, keyType, key)
  if (refusal !== ErrorCode.NONE) return notFound(key, refusal, null)
  const topicName = keyType === GROUP ? OFFSETS_TOPIC : TRANSACTION_TOPIC
  const topic = image.topicsByName.get(topicName)
  if (topic === undefined) {
    autoCreateTopics(services, context, [topicName])
    return notFound(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, null)
  }
  const keeper = keyType === GROUP ? services.groups : services.transactions
  const leader = topic.partitions[keeper.partitionFor(key)]?.leader
  const node = nodesOn(image, context.connection.listenerName, false).find((n) => n.id === leader)
  if (node === undefined) return notFound(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, null)
  const { id: nodeId, host, port } = node
  return { key, errorCode: ErrorCode.NONE, errorMessage: null, nodeId, host, port }
}

function authorizationError(
  services: BrokerServices,
  context: RequestContext,
  keyType: number,
  key: string,
): number {
  if (keyType === GROUP) {
    return services.authorize(context, 'DESCRIBE', 'GROUP', key)
      ? ErrorCode.NONE
      : ErrorCode.GROUP_AUTHORIZATION_FAILED
  }
  return services.authorize(context, 'DESCRIBE', 'TRANSACTIONAL_ID', key)
    ? ErrorCode.NONE
    : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
}
