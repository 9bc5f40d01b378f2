import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, str, uuid } from '../fields.ts'

export const OffsetFetch = api(
  9,
  'OffsetFetch',
  { stable: [1, 10], flexible: 6 },
  {
    groupId: str.until(7),
    topics: arr({
      name: str.until(7),
      partitionIndexes: arr(i32).until(7),
    })
      .until(7)
      .nullable(2, 7),
    groups: arr({
      groupId: str.from(8),
      memberId: str.from(9).nullable().default(null),
      memberEpoch: i32.from(9).default(-1),
      topics: arr({
        name: str.from(8).until(9),
        topicId: uuid.from(10),
        partitionIndexes: arr(i32).from(8),
      })
        .from(8)
        .nullable(),
    }).from(8),
    requireStable: bool.from(7),
  },
  {
    throttleTimeMs: i32.from(3),
    topics: arr({
      name: str.until(7),
      partitions: arr({
        partitionIndex: i32.until(7),
        committedOffset: i64.until(7),
        committedLeaderEpoch: i32.from(5).until(7).default(-1),
        metadata: str.until(7).nullable(0, 7),
        errorCode: i16.until(7),
      }).until(7),
    }).until(7),
    errorCode: i16.from(2).until(7),
    groups: arr({
      groupId: str.from(8),
      topics: arr({
        name: str.from(8).until(9),
        topicId: uuid.from(10),
        partitions: arr({
          partitionIndex: i32.from(8),
          committedOffset: i64.from(8),
          committedLeaderEpoch: i32.from(8).default(-1),
          metadata: str.from(8).nullable(),
          errorCode: i16.from(8),
        }).from(8),
      }).from(8),
      errorCode: i16.from(8),
    }).from(8),
  },
)

export type OffsetFetchRequest = RequestOf<typeof OffsetFetch>
export type OffsetFetchResponse = ResponseOf<typeof OffsetFetch>
