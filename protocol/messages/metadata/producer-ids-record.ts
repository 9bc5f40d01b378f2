import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ProducerIdsRecord = message(
  15,
  'ProducerIdsRecord',
  { valid: [0, 0], flexible: 0 },
  {
    brokerId: i32,
    brokerEpoch: i64.default(-1),
    nextProducerId: i64,
  },
)

export type ProducerIdsRecord = MessageOf<typeof ProducerIdsRecord>
