import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { i16, i32, i64, str } from '../fields.ts'

export const AddOffsetsToTxn = api(
  25,
  'AddOffsetsToTxn',
  { stable: [0, 4], flexible: 3 },
  {
    transactionalId: str,
    producerId: i64,
    producerEpoch: i16,
    groupId: str,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
  },
)

export type AddOffsetsToTxnRequest = RequestOf<typeof AddOffsetsToTxn>
export type AddOffsetsToTxnResponse = ResponseOf<typeof AddOffsetsToTxn>
