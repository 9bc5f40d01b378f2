import { arr, i32, i64, str, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const QuorumStateData = message(
  -1,
  'QuorumStateData',
  { valid: [0, 1], flexible: 0 },
  {
    clusterId: str.until(0),
    leaderId: i32.default(-1),
    leaderEpoch: i32.default(-1),
    votedId: i32.default(-1),
    votedDirectoryId: uuid.from(1),
    appliedOffset: i64.until(0),
    currentVoters: arr({
      voterId: i32.until(0),
    })
      .until(0)
      .nullable(0, 0),
  },
)

export type QuorumStateData = MessageOf<typeof QuorumStateData>
