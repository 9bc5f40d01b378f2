import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupTargetAssignmentMetadataKey = message(
  12,
  'ShareGroupTargetAssignmentMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type ShareGroupTargetAssignmentMetadataKey = MessageOf<
  typeof ShareGroupTargetAssignmentMetadataKey
>
