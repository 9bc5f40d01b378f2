import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const StreamsGroupTargetAssignmentMetadataValue = message(
  20,
  'StreamsGroupTargetAssignmentMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    assignmentEpoch: i32,
    assignmentTimestamp: i64.tag(0, 0),
  },
)

export type StreamsGroupTargetAssignmentMetadataValue = MessageOf<
  typeof StreamsGroupTargetAssignmentMetadataValue
>
