import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const RemoveDelegationTokenRecord = message(
  26,
  'RemoveDelegationTokenRecord',
  { valid: [0, 0], flexible: 0 },
  {
    tokenId: str,
  },
)

export type RemoveDelegationTokenRecord = MessageOf<typeof RemoveDelegationTokenRecord>
