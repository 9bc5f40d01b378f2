import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const StreamsGroupMemberMetadataKey = message(
  19,
  'StreamsGroupMemberMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type StreamsGroupMemberMetadataKey = MessageOf<typeof StreamsGroupMemberMetadataKey>
