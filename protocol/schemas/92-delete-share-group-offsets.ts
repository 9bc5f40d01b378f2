import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str, uuid } from '../fields.ts'

export const DeleteShareGroupOffsets = api(
  92,
  'DeleteShareGroupOffsets',
  { stable: [0, 0], flexible: 0 },
  {
    groupId: str,
    topics: arr({
      topicName: str,
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable().default(null),
    responses: arr({
      topicName: str,
      topicId: uuid,
      errorCode: i16,
      errorMessage: str.nullable().default(null),
    }),
  },
)

export type DeleteShareGroupOffsetsRequest = RequestOf<typeof DeleteShareGroupOffsets>
export type DeleteShareGroupOffsetsResponse = ResponseOf<typeof DeleteShareGroupOffsets>
