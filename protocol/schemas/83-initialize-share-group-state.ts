import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str, uuid } from '../fields.ts'

export const InitializeShareGroupState = api(
  83,
  'InitializeShareGroupState',
  { stable: [0, 0], flexible: 0 },
  {
    groupId: str,
    topics: arr({
      topicId: uuid,
      partitions: arr({
        partition: i32,
        stateEpoch: i32,
        startOffset: i64,
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

export type InitializeShareGroupStateRequest = RequestOf<typeof InitializeShareGroupState>
export type InitializeShareGroupStateResponse = ResponseOf<typeof InitializeShareGroupState>
