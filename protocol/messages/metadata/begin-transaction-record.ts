import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const BeginTransactionRecord = message(
  23,
  'BeginTransactionRecord',
  { valid: [0, 0], flexible: 0 },
  {
    name: str.nullable().default(null).tag(0, 0),
  },
)

export type BeginTransactionRecord = MessageOf<typeof BeginTransactionRecord>
