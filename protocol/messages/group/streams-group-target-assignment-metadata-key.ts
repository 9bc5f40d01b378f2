import { str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const StreamsGroupTargetAssignmentMetadataKey = message(
  20,
  'StreamsGroupTargetAssignmentMetadataKey',
  { valid: [0, 0], flexible: null },
  {
    groupId: str,
  },
)

export type StreamsGroupTargetAssignmentMetadataKey = MessageOf<
  typeof StreamsGroupTargetAssignmentMetadataKey
>
