import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const StreamsGroupCurrentMemberAssignmentKey = message(
  22,
  'StreamsGroupCurrentMemberAssignmentKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type StreamsGroupCurrentMemberAssignmentKey = MessageOf<
  typeof StreamsGroupCurrentMemberAssignmentKey
>
