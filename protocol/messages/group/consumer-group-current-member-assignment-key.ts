import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupCurrentMemberAssignmentKey = message(
  8,
  'ConsumerGroupCurrentMemberAssignmentKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type ConsumerGroupCurrentMemberAssignmentKey = MessageOf<
  typeof ConsumerGroupCurrentMemberAssignmentKey
>
