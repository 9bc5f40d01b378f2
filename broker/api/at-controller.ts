// Answers a request between brokers at the controller of this process. Used by the handlers of the controller
// listener.
import type { Api, Encodable } from '../../protocol/api.ts'
import type { RequestContext } from '../network/types.ts'
import { demandOnCluster } from './forward.ts'
import type { BrokerServices } from './types.ts'

/** Throws KafkaError: NOT_CONTROLLER, CLUSTER_AUTHORIZATION_FAILED, or what the request fails with. */
export function handleAtController<Request, Response>(
  services: BrokerServices,
  context: RequestContext,
  api: Api<Request, Response>,
  request: Request,
): Promise<Encodable<Response>> {
  demandOnCluster(services, context, 'CLUSTER_ACTION')
  const { connection, clientId, apiVersion } = context
  const { principal, clientAddress } = connection
  return services.localController.handle(api, request, {
    principal,
    clientId,
    apiVersion,
    clientAddress,
  })
}
