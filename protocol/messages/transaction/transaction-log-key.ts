import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const TransactionLogKey = message(
  0,
  'TransactionLogKey',
  { valid: [0, 0], flexible: null },
  {
    transactionalId: str,
  },
)

export type TransactionLogKey = MessageOf<typeof TransactionLogKey>
