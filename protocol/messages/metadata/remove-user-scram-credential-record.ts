import { i8, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const RemoveUserScramCredentialRecord = message(
  22,
  'RemoveUserScramCredentialRecord',
  { valid: [0, 0], flexible: 0 },
  {
    name: str,
    mechanism: i8,
  },
)

export type RemoveUserScramCredentialRecord = MessageOf<typeof RemoveUserScramCredentialRecord>
