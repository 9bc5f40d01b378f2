import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const StreamsGroupTargetAssignmentMemberKey = message(
  21,
  'StreamsGroupTargetAssignmentMemberKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type StreamsGroupTargetAssignmentMemberKey = MessageOf<
  typeof StreamsGroupTargetAssignmentMemberKey
>
