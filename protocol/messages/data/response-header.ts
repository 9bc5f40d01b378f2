import { i32 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ResponseHeader = message(
  -1,
  'ResponseHeader',
  { valid: [0, 1], flexible: 1 },
  {
    correlationId: i32,
  },
)

export type ResponseHeader = MessageOf<typeof ResponseHeader>
