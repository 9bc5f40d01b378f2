import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str } from '../fields.ts'

export const DescribeTransactions = api(
  65,
  'DescribeTransactions',
  { stable: [0, 0], flexible: 0 },
  {
    transactionalIds: arr(str),
  },
  {
    throttleTimeMs: i32,
    transactionStates: arr({
      errorCode: i16,
      transactionalId: str,
      transactionState: str,
      transactionTimeoutMs: i32,
      transactionStartTimeMs: i64,
      producerId: i64,
      producerEpoch: i16,
      topics: arr({
        topic: str,
        partitions: arr(i32),
      }),
    }),
  },
)

export type DescribeTransactionsRequest = RequestOf<typeof DescribeTransactions>
export type DescribeTransactionsResponse = ResponseOf<typeof DescribeTransactions>
