import { type MessageOf, message } from '../../message.ts'

export const EndTransactionRecord = message(
  24,
  'EndTransactionRecord',
  { valid: [0, 0], flexible: 0 },
  {},
)

export type EndTransactionRecord = MessageOf<typeof EndTransactionRecord>
