import { i32, i64, str, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const OffsetCommitValue = message(
  1,
  'OffsetCommitValue',
  { valid: [0, 4], flexible: 4 },
  {
    offset: i64,
    leaderEpoch: i32.from(3).default(-1),
    metadata: str,
    commitTimestamp: i64,
    expireTimestamp: i64.from(1).until(1).default(-1),
    topicId: uuid.from(4).tag(0, 4),
  },
)

export type OffsetCommitValue = MessageOf<typeof OffsetCommitValue>
