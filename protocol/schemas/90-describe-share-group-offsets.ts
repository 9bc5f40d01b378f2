import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str, uuid } from '../fields.ts'

export const DescribeShareGroupOffsets = api(
  90,
  'DescribeShareGroupOffsets',
  { stable: [0, 1], flexible: 0 },
  {
    groups: arr({
      groupId: str,
      topics: arr({
        topicName: str,
        partitions: arr(i32),
      }).nullable(),
    }),
  },
  {
    throttleTimeMs: i32,
    groups: arr({
      groupId: str,
      topics: arr({
        topicName: str,
        topicId: uuid,
        partitions: arr({
          partitionIndex: i32,
          startOffset: i64,
          leaderEpoch: i32,
          lag: i64.from(1).default(-1),
          errorCode: i16,
          errorMessage: str.nullable().default(null),
        }),
      }),
      errorCode: i16,
      errorMessage: str.nullable().default(null),
    }),
  },
)

export type DescribeShareGroupOffsetsRequest = RequestOf<typeof DescribeShareGroupOffsets>
export type DescribeShareGroupOffsetsResponse = ResponseOf<typeof DescribeShareGroupOffsets>
