import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str, uuid } from '../fields.ts'

export const AlterShareGroupOffsets = api(
  91,
  'AlterShareGroupOffsets',
  { stable: [0, 0], flexible: 0 },
  {
    groupId: str,
    topics: arr({
      topicName: str,
      partitions: arr({
        partitionIndex: i32,
        startOffset: i64,
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable().default(null),
    responses: arr({
      topicName: str,
      topicId: uuid,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        errorMessage: str.nullable().default(null),
      }),
    }),
  },
)

export type AlterShareGroupOffsetsRequest = RequestOf<typeof AlterShareGroupOffsets>
export type AlterShareGroupOffsetsResponse = ResponseOf<typeof AlterShareGroupOffsets>
