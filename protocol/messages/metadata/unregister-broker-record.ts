import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const UnregisterBrokerRecord = message(
  1,
  'UnregisterBrokerRecord',
  { valid: [0, 0], flexible: 0 },
  {
    brokerId: i32,
    brokerEpoch: i64,
  },
)

export type UnregisterBrokerRecord = MessageOf<typeof UnregisterBrokerRecord>
