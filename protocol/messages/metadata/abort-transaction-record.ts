import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const AbortTransactionRecord = message(
  25,
  'AbortTransactionRecord',
  { valid: [0, 0], flexible: 0 },
  {
    reason: str.nullable().default(null).tag(0, 0),
  },
)

export type AbortTransactionRecord = MessageOf<typeof AbortTransactionRecord>
