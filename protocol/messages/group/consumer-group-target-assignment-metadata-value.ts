import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupTargetAssignmentMetadataValue = message(
  6,
  'ConsumerGroupTargetAssignmentMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    assignmentEpoch: i32,
    assignmentTimestamp: i64.tag(0, 0),
  },
)

export type ConsumerGroupTargetAssignmentMetadataValue = MessageOf<
  typeof ConsumerGroupTargetAssignmentMetadataValue
>
