import { arr, i8, i32, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const topicPartitions = {
  topicId: uuid,
  partitions: arr(i32),
  assignmentEpochs: arr(i32).nullable().default(null).tag(0, 0),
}

export const ConsumerGroupCurrentMemberAssignmentValue = message(
  8,
  'ConsumerGroupCurrentMemberAssignmentValue',
  { valid: [0, 0], flexible: 0 },
  {
    memberEpoch: i32,
    previousMemberEpoch: i32,
    state: i8,
    assignedPartitions: arr(topicPartitions),
    partitionsPendingRevocation: arr(topicPartitions),
  },
)

export type ConsumerGroupCurrentMemberAssignmentValue = MessageOf<
  typeof ConsumerGroupCurrentMemberAssignmentValue
>
