import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str, uuid } from '../fields.ts'

export const DeleteTopics = api(
  20,
  'DeleteTopics',
  { stable: [1, 6], flexible: 4 },
  {
    topics: arr({
      name: str.from(6).nullable().default(null),
      topicId: uuid.from(6),
    }).from(6),
    topicNames: arr(str).until(5),
    timeoutMs: i32,
  },
  {
    throttleTimeMs: i32.from(1),
    responses: arr({
      name: str.nullable(6),
      topicId: uuid.from(6),
      errorCode: i16,
      errorMessage: str.from(5).nullable().default(null),
    }),
  },
)

export type DeleteTopicsRequest = RequestOf<typeof DeleteTopics>
export type DeleteTopicsResponse = ResponseOf<typeof DeleteTopics>
