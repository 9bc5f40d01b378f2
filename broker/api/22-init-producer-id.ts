// InitProducerId, versions 0 to 5: ids for idempotent producers, and for transactional ones the begin of a new
// epoch, which fences whoever used the transactional id before. Gaps: version 6 (KIP-939) is not stable.
import { ErrorCode } from '../../protocol/errors.ts'
import { InitProducerId } from '../../protocol/schemas/22-init-producer-id.ts'
import { defineHandler } from './types.ts'

const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })

export const initProducerId = defineHandler({
  api: InitProducerId,
  listeners: ['broker'],
  async handle(services, context, request) {
    const { transactionalId } = request
    if (transactionalId === null) {
      if (!services.authorize(context, 'IDEMPOTENT_WRITE', 'CLUSTER', 'kafka-cluster')) {
        return refused(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
      }
    } else if (!services.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
      return refused(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    }
    return services.transactions.initProducerId(context, request)
  },
})
