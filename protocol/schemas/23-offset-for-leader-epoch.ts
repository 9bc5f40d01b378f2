import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str } from '../fields.ts'

export const OffsetForLeaderEpoch = api(
  23,
  'OffsetForLeaderEpoch',
  { stable: [2, 4], flexible: 4 },
  {
    replicaId: i32.from(3).default(-2),
    topics: arr({
      topic: str,
      partitions: arr({
        partition: i32,
        currentLeaderEpoch: i32.from(2).default(-1),
        leaderEpoch: i32,
      }),
    }),
  },
  {
    throttleTimeMs: i32.from(2),
    topics: arr({
      topic: str,
      partitions: arr({
        errorCode: i16,
        partition: i32,
        leaderEpoch: i32.from(1).default(-1),
        endOffset: i64.default(-1),
      }),
    }),
  },
)

export type OffsetForLeaderEpochRequest = RequestOf<typeof OffsetForLeaderEpoch>
export type OffsetForLeaderEpochResponse = ResponseOf<typeof OffsetForLeaderEpoch>
