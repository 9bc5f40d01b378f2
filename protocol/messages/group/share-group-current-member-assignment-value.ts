import { arr, i8, i32, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const topicPartitions = {
  topicId: uuid,
  partitions: arr(i32),
}

export const ShareGroupCurrentMemberAssignmentValue = message(
  14,
  'ShareGroupCurrentMemberAssignmentValue',
  { valid: [0, 0], flexible: 0 },
  {
    memberEpoch: i32,
    previousMemberEpoch: i32,
    state: i8,
    assignedPartitions: arr(topicPartitions),
  },
)

export type ShareGroupCurrentMemberAssignmentValue = MessageOf<
  typeof ShareGroupCurrentMemberAssignmentValue
>
