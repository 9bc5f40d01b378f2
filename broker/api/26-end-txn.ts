// EndTxn, versions 0 to 5: commits or aborts; answered once the decision is committed, before its markers are
// written. From version 5 on (transaction.version 2) the answer names the epoch of the next transaction.
import { ErrorCode } from '../../protocol/errors.ts'
import { EndTxn } from '../../protocol/schemas/26-end-txn.ts'
import { defineHandler } from './types.ts'

export const endTxn = defineHandler({
  api: EndTxn,
  listeners: ['broker'],
  async handle(services, context, request) {
    if (!services.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', request.transactionalId)) {
      return { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
    }
    return services.transactions.endTransaction(context, request)
  },
})
