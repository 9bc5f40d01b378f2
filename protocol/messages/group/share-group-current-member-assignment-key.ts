import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupCurrentMemberAssignmentKey = message(
  14,
  'ShareGroupCurrentMemberAssignmentKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type ShareGroupCurrentMemberAssignmentKey = MessageOf<
  typeof ShareGroupCurrentMemberAssignmentKey
>
