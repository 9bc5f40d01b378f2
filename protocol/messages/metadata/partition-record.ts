import { arr, i8, i32, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const PartitionRecord = message(
  3,
  'PartitionRecord',
  { valid: [0, 2], flexible: 0 },
  {
    partitionId: i32.default(-1),
    topicId: uuid,
    replicas: arr(i32),
    isr: arr(i32),
    removingReplicas: arr(i32),
    addingReplicas: arr(i32),
    leader: i32.default(-1),
    leaderRecoveryState: i8.tag(0, 0),
    leaderEpoch: i32.default(-1),
    partitionEpoch: i32.default(-1),
    directories: arr(uuid).from(1),
    eligibleLeaderReplicas: arr(i32).from(2).nullable().default(null).tag(1, 2),
    lastKnownElr: arr(i32).from(2).nullable().default(null).tag(2, 2),
  },
)

export type PartitionRecord = MessageOf<typeof PartitionRecord>
