import { i16, i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const RequestHeader = message(
  -1,
  'RequestHeader',
  { valid: [1, 2], flexible: 2 },
  {
    requestApiKey: i16,
    requestApiVersion: i16,
    correlationId: i32,
    clientId: str.from(1).nullable(),
  },
)

export type RequestHeader = MessageOf<typeof RequestHeader>
