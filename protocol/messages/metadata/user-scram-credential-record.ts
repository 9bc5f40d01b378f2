import { bytes, i8, i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const UserScramCredentialRecord = message(
  11,
  'UserScramCredentialRecord',
  { valid: [0, 0], flexible: 0 },
  {
    name: str,
    mechanism: i8,
    salt: bytes,
    storedKey: bytes,
    serverKey: bytes,
    iterations: i32,
  },
)

export type UserScramCredentialRecord = MessageOf<typeof UserScramCredentialRecord>
