// DescribeTransactions, version 0: state, producer and open partitions of transactional ids kept here.
import { ErrorCode } from '../../protocol/errors.ts'
import { DescribeTransactions } from '../../protocol/schemas/65-describe-transactions.ts'
import { defineHandler } from './types.ts'

export const describeTransactions = defineHandler({
  api: DescribeTransactions,
  listeners: ['broker'],
  async handle(services, context, request) {
    const mayDescribe = (type: string, name: string) =>
      services.authorize(context, 'DESCRIBE', type, name)
    const answer = await services.transactions.describe(context, request)
    return {
      transactionStates: (answer.transactionStates ?? []).map((state) => {
        const transactionalId = state.transactionalId ?? ''
        if (!mayDescribe('TRANSACTIONAL_ID', transactionalId)) {
          return { transactionalId, errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
        }
        const topics = state.topics?.filter(({ topic }) => mayDescribe('TOPIC', topic ?? ''))
        return { ...state, topics: topics ?? [] }
      }),
    }
  },
})
