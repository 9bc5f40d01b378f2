import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str, uuid } from '../fields.ts'

export const CreateTopics = api(
  19,
  'CreateTopics',
  { stable: [2, 7], flexible: 5 },
  {
    topics: arr({
      name: str,
      numPartitions: i32,
      replicationFactor: i16,
      assignments: arr({
        partitionIndex: i32,
        brokerIds: arr(i32),
      }),
      configs: arr({
        name: str,
        value: str.nullable(),
      }),
    }),
    timeoutMs: i32.default(60000),
    validateOnly: bool.from(1),
  },
  {
    throttleTimeMs: i32.from(2),
    topics: arr({
      name: str,
      topicId: uuid.from(7),
      errorCode: i16,
      errorMessage: str.from(1).nullable(),
      topicConfigErrorCode: i16.from(5).tag(0, 5),
      numPartitions: i32.from(5).default(-1),
      replicationFactor: i16.from(5).default(-1),
      configs: arr({
        name: str.from(5),
        value: str.from(5).nullable(),
        readOnly: bool.from(5),
        configSource: i8.from(5).default(-1),
        isSensitive: bool.from(5),
      })
        .from(5)
        .nullable(),
    }),
  },
)

export type CreateTopicsRequest = RequestOf<typeof CreateTopics>
export type CreateTopicsResponse = ResponseOf<typeof CreateTopics>
