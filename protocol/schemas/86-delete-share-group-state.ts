import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str, uuid } from '../fields.ts'

export const DeleteShareGroupState = api(
  86,
  'DeleteShareGroupState',
  { stable: [0, 0], flexible: 0 },
  {
    groupId: str,
    topics: arr({
      topicId: uuid,
      partitions: arr({
        partition: i32,
      }),
    }),
  },
  {
    results: arr({
      topicId: uuid,
      partitions: arr({
        partition: i32,
        errorCode: i16,
        errorMessage: str.nullable().default(null),
      }),
    }),
  },
)

export type DeleteShareGroupStateRequest = RequestOf<typeof DeleteShareGroupState>
export type DeleteShareGroupStateResponse = ResponseOf<typeof DeleteShareGroupState>
