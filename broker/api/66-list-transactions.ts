// ListTransactions, versions 0 to 2: all transactional ids whose coordinator is here, by state, producer id, age
// (from 1) and by pattern of the whole id (from 2).
import { ListTransactions } from '../../protocol/schemas/66-list-transactions.ts'
import { defineHandler } from './types.ts'

export const listTransactions = defineHandler({
  api: ListTransactions,
  listeners: ['broker'],
  async handle(services, context, request) {
    const answer = await services.transactions.list(context, request)
    const mayDescribe = (transactionalId: string) =>
      services.authorize(context, 'DESCRIBE', 'TRANSACTIONAL_ID', transactionalId)
    return {
      ...answer,
      transactionStates: (answer.transactionStates ?? []).filter(({ transactionalId }) =>
        mayDescribe(transactionalId ?? ''),
      ),
    }
  },
})
