import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupMemberMetadataKey = message(
  10,
  'ShareGroupMemberMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type ShareGroupMemberMetadataKey = MessageOf<typeof ShareGroupMemberMetadataKey>
