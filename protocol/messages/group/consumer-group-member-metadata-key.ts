import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupMemberMetadataKey = message(
  5,
  'ConsumerGroupMemberMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type ConsumerGroupMemberMetadataKey = MessageOf<typeof ConsumerGroupMemberMetadataKey>
