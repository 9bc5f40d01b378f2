import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupTargetAssignmentMemberKey = message(
  7,
  'ConsumerGroupTargetAssignmentMemberKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
    memberId: str,
  },
)

export type ConsumerGroupTargetAssignmentMemberKey = MessageOf<
  typeof ConsumerGroupTargetAssignmentMemberKey
>
