import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { bool, i16, i32, i64, str } from '../fields.ts'

export const InitProducerId = api(
  22,
  'InitProducerId',
  { stable: [0, 5], flexible: 2, lastKnown: 6 },
  {
    transactionalId: str.nullable(),
    transactionTimeoutMs: i32,
    producerId: i64.from(3).default(-1),
    producerEpoch: i16.from(3).default(-1),
    enable2Pc: bool.from(6),
    keepPreparedTxn: bool.from(6),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    producerId: i64.default(-1),
    producerEpoch: i16,
    ongoingTxnProducerId: i64.from(6).default(-1),
    ongoingTxnProducerEpoch: i16.from(6).default(-1),
  },
)

export type InitProducerIdRequest = RequestOf<typeof InitProducerId>
export type InitProducerIdResponse = ResponseOf<typeof InitProducerId>
