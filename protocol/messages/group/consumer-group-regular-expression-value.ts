import { arr, i64, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupRegularExpressionValue = message(
  16,
  'ConsumerGroupRegularExpressionValue',
  { valid: [0, 0], flexible: 0 },
  {
    topics: arr(str),
    version: i64,
    timestamp: i64,
  },
)

export type ConsumerGroupRegularExpressionValue = MessageOf<
  typeof ConsumerGroupRegularExpressionValue
>
