import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, i64, str } from '../fields.ts'

export const ListOffsets = api(
  2,
  'ListOffsets',
  { stable: [1, 11], flexible: 6 },
  {
    replicaId: i32,
    isolationLevel: i8.from(2),
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        currentLeaderEpoch: i32.from(4).default(-1),
        timestamp: i64,
      }),
    }),
    timeoutMs: i32.from(10),
  },
  {
    throttleTimeMs: i32.from(2),
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        timestamp: i64.from(1).default(-1),
        offset: i64.from(1).default(-1),
        leaderEpoch: i32.from(4).default(-1),
      }),
    }),
  },
)

export type ListOffsetsRequest = RequestOf<typeof ListOffsets>
export type ListOffsetsResponse = ResponseOf<typeof ListOffsets>
