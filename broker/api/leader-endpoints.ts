// KIP-951: with "not the leader" a client is told who leads and where, so that it need not ask for metadata.
// Used by Produce and Fetch.
import { ErrorCode } from '../../protocol/errors.ts'
import type { RequestContext } from '../network/types.ts'
import { endpointOn } from './topic-metadata.ts'
import type { BrokerServices } from './types.ts'

export interface NodeEndpoint {
  nodeId: number
  host: string
  port: number
  rack: string | null
}

/** Endpoints, on the listener the client uses, of the live leaders named in `leaders`. */
export function endpointsOf(
  services: BrokerServices,
  context: RequestContext,
  leaders: ReadonlySet<number>,
): NodeEndpoint[] {
  const endpoints: NodeEndpoint[] = []
  for (const nodeId of leaders) {
    const broker = services.metadata.image.brokers.get(nodeId)
    if (broker === undefined || broker.isFenced) continue
    const endpoint = endpointOn(broker, context.connection.listenerName)
    if (endpoint === null) continue
    endpoints.push({ nodeId, host: endpoint.host, port: endpoint.port, rack: broker.rack })
  }
  return endpoints
}

/** Adds the leader of a refused partition to `leaders`. */
export function noteLeader(
  leaders: Set<number>,
  result: { errorCode: number; currentLeader: { leaderId: number } | null },
): void {
  if (result.errorCode === ErrorCode.NONE || result.currentLeader === null) return
  if (result.currentLeader.leaderId >= 0) leaders.add(result.currentLeader.leaderId)
}
