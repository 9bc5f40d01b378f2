// What every request handler gets. One handler a file, named by API key; dispatch.ts owns the table.
import type { Api, Encodable } from '../../protocol/api.ts'
import type { BrokerConfig } from '../config.ts'
import type { ControllerChannel, LocalController } from '../controller/types.ts'
import type { GroupCoordinator, TransactionCoordinator } from '../coordinator/types.ts'
import type { Logs } from '../log/types.ts'
import type { MetadataView } from '../metadata/image-types.ts'
import type { MetricsRegistry } from '../metrics/types.ts'
import type { RequestContext } from '../network/types.ts'
import type { RaftClient, RaftEndpoint, VoterEndpoints } from '../raft/types.ts'
import type { Replicas } from '../replication/types.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Everything a handler may use; assembled once in main.ts. */
export interface BrokerServices {
  runtime: Runtime
  config: BrokerConfig
  metadata: MetadataView
  replicas: Replicas
  logs: Logs
  groups: GroupCoordinator
  transactions: TransactionCoordinator
  /** To the active controller, wherever it is (this process or another broker). */
  controller: ControllerChannel
  /** The controller of this process, active or not: what requests of the controller listener go to. */
  localController: LocalController
  raft: RaftClient & RaftEndpoint & VoterEndpoints
  metrics: MetricsRegistry
  /** True where this principal may; asked by every handler (allows all until security comes). */
  authorize(
    context: RequestContext,
    operation: string,
    resourceType: string,
    resourceName: string,
  ): boolean
}

/** `null`: no reply is sent (Produce with acks 0). Errors of a whole request: throw KafkaError. */
export interface Handler<Request, Response, Services = BrokerServices> {
  api: Api<Request, Response>
  /** Where it is served. */
  listeners: readonly ('broker' | 'controller')[]
  handle(
    services: Services,
    context: RequestContext,
    request: Request,
  ): Promise<Encodable<Response> | null> | Encodable<Response> | null
}

/** Thrown by a handler whose request has no reply and failed: the connection is closed (Produce, acks 0). */
export class CloseConnection extends Error {
  override readonly name = 'CloseConnection'
}

/** For tables over all of them; safe because dispatch gives each handler what its own API decoded. */
export type AnyHandler<Services = BrokerServices> = Handler<unknown, unknown, Services>

export function defineHandler<Request, Response>(
  handler: Handler<Request, Response>,
): Handler<Request, Response> {
  return handler
}
