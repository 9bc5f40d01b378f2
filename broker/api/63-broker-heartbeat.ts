// BrokerHeartbeat, versions 0 to 2: a broker tells the active controller that it lives, what it has seen of the
// metadata, and what it wants. The end of this connection is a hint that it lives no more.
import { BrokerHeartbeat } from '../../protocol/schemas/63-broker-heartbeat.ts'
import { handleAtController } from './at-controller.ts'
import { defineHandler } from './types.ts'

export const brokerHeartbeat = defineHandler({
  api: BrokerHeartbeat,
  listeners: ['controller'],
  async handle(services, context, request) {
    const response = await handleAtController(services, context, BrokerHeartbeat, request)
    services.localController.watchHeartbeats(request.brokerId, context.connection)
    return response
  },
})
