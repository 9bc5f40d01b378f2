import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { bool, i16, i32, i64, str } from '../fields.ts'

export const EndTxn = api(
  26,
  'EndTxn',
  { stable: [0, 5], flexible: 3 },
  {
    transactionalId: str,
    producerId: i64,
    producerEpoch: i16,
    committed: bool,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    producerId: i64.from(5).default(-1),
    producerEpoch: i16.from(5).default(-1),
  },
)

export type EndTxnRequest = RequestOf<typeof EndTxn>
export type EndTxnResponse = ResponseOf<typeof EndTxn>
