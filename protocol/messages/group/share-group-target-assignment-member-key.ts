import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupTargetAssignmentMemberKey = message(
  13,
  'ShareGroupTargetAssignmentMemberKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type ShareGroupTargetAssignmentMemberKey = MessageOf<
  typeof ShareGroupTargetAssignmentMemberKey
>
