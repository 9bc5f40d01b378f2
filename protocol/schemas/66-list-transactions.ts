import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str } from '../fields.ts'

export const ListTransactions = api(
  66,
  'ListTransactions',
  { stable: [0, 2], flexible: 0 },
  {
    stateFilters: arr(str),
    producerIdFilters: arr(i64),
    durationFilter: i64.from(1).default(-1),
    transactionalIdPattern: str.from(2).nullable().default(null),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    unknownStateFilters: arr(str),
    transactionStates: arr({
      transactionalId: str,
      producerId: i64,
      transactionState: str,
    }),
  },
)

export type ListTransactionsRequest = RequestOf<typeof ListTransactions>
export type ListTransactionsResponse = ResponseOf<typeof ListTransactions>
