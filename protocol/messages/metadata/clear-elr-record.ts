import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ClearElrRecord = message(
  28,
  'ClearElrRecord',
  { valid: [0, 0], flexible: 0 },
  {
    topicName: str,
  },
)

export type ClearElrRecord = MessageOf<typeof ClearElrRecord>
