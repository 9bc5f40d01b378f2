import { arr, i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const taskIds = {
  subtopologyId: str,
  partitions: arr(i32),
}

export const StreamsGroupTargetAssignmentMemberValue = message(
  21,
  'StreamsGroupTargetAssignmentMemberValue',
  { valid: [0, 0], flexible: 0 },
  {
    activeTasks: arr(taskIds),
    standbyTasks: arr(taskIds),
    warmupTasks: arr(taskIds),
  },
)

export type StreamsGroupTargetAssignmentMemberValue = MessageOf<
  typeof StreamsGroupTargetAssignmentMemberValue
>
