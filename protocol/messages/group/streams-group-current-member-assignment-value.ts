import { arr, i8, i32, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

const taskIds = {
  subtopologyId: str,
  partitions: arr(i32),
  assignmentEpochs: arr(i32).nullable().default(null).tag(0, 0),
}

export const StreamsGroupCurrentMemberAssignmentValue = message(
  22,
  'StreamsGroupCurrentMemberAssignmentValue',
  { valid: [0, 0], flexible: 0 },
  {
    memberEpoch: i32,
    previousMemberEpoch: i32,
    state: i8,
    activeTasks: arr(taskIds),
    standbyTasks: arr(taskIds),
    warmupTasks: arr(taskIds),
    activeTasksPendingRevocation: arr(taskIds),
    standbyTasksPendingRevocation: arr(taskIds),
    warmupTasksPendingRevocation: arr(taskIds),
  },
)

export type StreamsGroupCurrentMemberAssignmentValue = MessageOf<
  typeof StreamsGroupCurrentMemberAssignmentValue
>
