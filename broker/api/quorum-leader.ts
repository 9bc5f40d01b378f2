// Requests that only the leader of the quorum can answer: here when this process leads it, or was asked on its
// controller listener; else passed on. Used by the handlers of voter changes.
import type { Api, Encodable } from '../../protocol/api.ts'
import type { RequestContext } from '../network/types.ts'
import { demandOnCluster } from './forward.ts'
import type { BrokerServices } from './types.ts'

/** Adding a voter asks it first, and waits for a commit. */
const FORWARD_TIMEOUT_MS = 60_000

/** Throws KafkaError: CLUSTER_AUTHORIZATION_FAILED, or that no leader answers. */
export function askQuorumLeader<Request, Response>(
  services: BrokerServices,
  context: RequestContext,
  asked: {
    api: Api<Request, Response>
    request: Encodable<Request>
    here: () => Promise<Encodable<Response>>
  },
): Promise<Encodable<Response>> | Promise<Response> {
  demandOnCluster(services, context, 'ALTER')
  const { config, raft, controller } = services
  const isController = config.controllerListenerNames.includes(context.connection.listenerName)
  if (isController || raft.leaderAndEpoch.leaderId === raft.nodeId) return asked.here()
  const { connection, clientId, apiVersion } = context
  const { principal } = connection
  return controller.send(asked.api, asked.request, {
    version: apiVersion,
    timeoutMs: FORWARD_TIMEOUT_MS,
    context: { principal, clientId, apiVersion },
  })
}
