// BrokerRegistration, versions 0 to 4: a starting broker makes itself known to the active controller. The end of
// this connection is watched, as that of heartbeats.
import { BrokerRegistration } from '../../protocol/schemas/62-broker-registration.ts'
import { handleAtController } from './at-controller.ts'
import { defineHandler } from './types.ts'

export const brokerRegistration = defineHandler({
  api: BrokerRegistration,
  listeners: ['controller'],
  async handle(services, context, request) {
    const response = await handleAtController(services, context, BrokerRegistration, request)
    services.localController.watchHeartbeats(request.brokerId, context.connection)
    return response
  },
})
