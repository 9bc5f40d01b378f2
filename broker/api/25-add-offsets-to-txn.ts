// AddOffsetsToTxn, versions 0 to 4: takes the group's partition of __consumer_offsets into the transaction.
import { ErrorCode } from '../../protocol/errors.ts'
import { AddOffsetsToTxn } from '../../protocol/schemas/25-add-offsets-to-txn.ts'
import { defineHandler } from './types.ts'

export const addOffsetsToTxn = defineHandler({
  api: AddOffsetsToTxn,
  listeners: ['broker'],
  async handle(services, context, request) {
    const { transactionalId, groupId } = request
    if (!services.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
      return { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
    }
    if (!services.authorize(context, 'READ', 'GROUP', groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }
    }
    return services.transactions.addOffsets(context, request)
  },
})
