import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupRegularExpressionKey = message(
  16,
  'ConsumerGroupRegularExpressionKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    regularExpression: str,
  },
)

export type ConsumerGroupRegularExpressionKey = MessageOf<typeof ConsumerGroupRegularExpressionKey>
