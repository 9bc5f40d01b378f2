import { arr, i64, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const DelegationTokenRecord = message(
  10,
  'DelegationTokenRecord',
  { valid: [0, 0], flexible: 0 },
  {
    owner: str,
    requester: str,
    renewers: arr(str),
    issueTimestamp: i64,
    maxTimestamp: i64,
    expirationTimestamp: i64,
    tokenId: str,
  },
)

export type DelegationTokenRecord = MessageOf<typeof DelegationTokenRecord>
