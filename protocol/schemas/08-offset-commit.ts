import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str, uuid } from '../fields.ts'

export const OffsetCommit = api(
  8,
  'OffsetCommit',
  { stable: [2, 10], flexible: 8 },
  {
    groupId: str,
    generationIdOrMemberEpoch: i32.from(1).default(-1),
    memberId: str.from(1),
    groupInstanceId: str.from(7).nullable().default(null),
    retentionTimeMs: i64.from(2).until(4).default(-1),
    topics: arr({
      name: str.until(9),
      topicId: uuid.from(10),
      partitions: arr({
        partitionIndex: i32,
        committedOffset: i64,
        committedLeaderEpoch: i32.from(6).default(-1),
        committedMetadata: str.nullable(),
      }),
    }),
  },
  {
    throttleTimeMs: i32.from(3),
    topics: arr({
      name: str.until(9),
      topicId: uuid.from(10),
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
      }),
    }),
  },
)

export type OffsetCommitRequest = RequestOf<typeof OffsetCommit>
export type OffsetCommitResponse = ResponseOf<typeof OffsetCommit>
