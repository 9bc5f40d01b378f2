import { arr, i8, i32, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const PartitionChangeRecord = message(
  5,
  'PartitionChangeRecord',
  { valid: [0, 2], flexible: 0 },
  {
    partitionId: i32.default(-1),
    topicId: uuid,
    isr: arr(i32).nullable().default(null).tag(0, 0),
    leader: i32.default(-2).tag(1, 0),
    replicas: arr(i32).nullable().default(null).tag(2, 0),
    removingReplicas: arr(i32).nullable().default(null).tag(3, 0),
    addingReplicas: arr(i32).nullable().default(null).tag(4, 0),
    leaderRecoveryState: i8.default(-1).tag(5, 0),
    directories: arr(uuid).from(1).nullable().default(null).tag(8, 1),
    eligibleLeaderReplicas: arr(i32).from(2).nullable().default(null).tag(6, 2),
    lastKnownElr: arr(i32).from(2).nullable().default(null).tag(7, 2),
  },
)

export type PartitionChangeRecord = MessageOf<typeof PartitionChangeRecord>
