import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const UnfenceBrokerRecord = message(
  8,
  'UnfenceBrokerRecord',
  { valid: [0, 0], flexible: 0 },
  {
    id: i32,
    epoch: i64,
  },
)

export type UnfenceBrokerRecord = MessageOf<typeof UnfenceBrokerRecord>
