import { arr, i32, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const ConsumerGroupTargetAssignmentMemberValue = message(
  7,
  'ConsumerGroupTargetAssignmentMemberValue',
  { valid: [0, 0], flexible: 0 },
  {
    topicPartitions: arr({
      topicId: uuid,
      partitions: arr(i32),
    }),
  },
)

export type ConsumerGroupTargetAssignmentMemberValue = MessageOf<
  typeof ConsumerGroupTargetAssignmentMemberValue
>
