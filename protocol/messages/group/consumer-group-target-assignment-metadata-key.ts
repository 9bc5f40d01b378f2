import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupTargetAssignmentMetadataKey = message(
  6,
  'ConsumerGroupTargetAssignmentMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type ConsumerGroupTargetAssignmentMetadataKey = MessageOf<
  typeof ConsumerGroupTargetAssignmentMetadataKey
>
