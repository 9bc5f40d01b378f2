import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { i16, i32, i64 } from '../fields.ts'

export const AllocateProducerIds = api(
  67,
  'AllocateProducerIds',
  { stable: [0, 0], flexible: 0 },
  {
    brokerId: i32,
    brokerEpoch: i64.default(-1),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    producerIdStart: i64,
    producerIdLen: i32,
  },
)

export type AllocateProducerIdsRequest = RequestOf<typeof AllocateProducerIds>
export type AllocateProducerIdsResponse = ResponseOf<typeof AllocateProducerIds>
