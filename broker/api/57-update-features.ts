// UpdateFeatures, versions 0 to 2. Forwarded to the active controller, which refuses what it does not serve.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { UpdateFeatures } from '../../protocol/schemas/57-update-features.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const updateFeatures = defineHandler({
  api: UpdateFeatures,
  listeners: ['broker', 'controller'],
  handle(services, context, request) {
    if (!mayOnCluster(services, context, 'ALTER')) {
      throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    return forwardToController(services, context, UpdateFeatures, request)
  },
})
