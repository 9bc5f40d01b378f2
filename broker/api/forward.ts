// Hands a client's request to the active controller: what every handler of a metadata change does once it has
// checked who asks.
import type { Api, Encodable } from '../../protocol/api.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { RequestContext } from '../network/types.ts'
import type { BrokerServices } from './types.ts'

/** Throws KafkaError when no controller answers in time (request.timeout.ms). */
export function forwardToController<Request, Response>(
  services: BrokerServices,
  context: RequestContext,
  api: Api<Request, Response>,
  request: Encodable<Request>,
): Promise<Response> {
  const { connection, clientId, apiVersion } = context
  const { principal, clientAddress } = connection
  return services.controller.send(api, request, {
    version: apiVersion,
    timeoutMs: services.config.requestTimeoutMs,
    context: { principal, clientId, apiVersion, clientAddress },
  })
}

/** What may be asked of the whole cluster. */
export function mayOnCluster(
  services: BrokerServices,
  context: RequestContext,
  operation: string,
): boolean {
  return services.authorize(context, operation, 'CLUSTER', 'kafka-cluster')
}

/** Throws KafkaError (CLUSTER_AUTHORIZATION_FAILED). */
export function demandOnCluster(
  services: BrokerServices,
  context: RequestContext,
  operation: string,
): void {
  if (mayOnCluster(services, context, operation)) return
  throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
}
