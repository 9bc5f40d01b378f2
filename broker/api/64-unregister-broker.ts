// UnregisterBroker, version 0. Forwarded to the active controller.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { UnregisterBroker } from '../../protocol/schemas/64-unregister-broker.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const unregisterBroker = defineHandler({
  api: UnregisterBroker,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    if (!mayOnCluster(services, context, 'ALTER')) {
      throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    return forwardToController(services, context, UnregisterBroker, request)
  },
})
