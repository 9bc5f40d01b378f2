import { i32, i64 } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ShareGroupTargetAssignmentMetadataValue = message(
  12,
  'ShareGroupTargetAssignmentMetadataValue',
  { valid: [0, 0], flexible: 0 },
  {
    assignmentEpoch: i32,
    assignmentTimestamp: i64.tag(0, 0),
  },
)

export type ShareGroupTargetAssignmentMetadataValue = MessageOf<
  typeof ShareGroupTargetAssignmentMetadataValue
>
