import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, str } from '../fields.ts'

export const CreatePartitions = api(
  37,
  'CreatePartitions',
  { stable: [0, 3], flexible: 2 },
  {
    topics: arr({
      name: str,
      count: i32,
      assignments: arr({
        brokerIds: arr(i32),
      }).nullable(),
    }),
    timeoutMs: i32,
    validateOnly: bool,
  },
  {
    throttleTimeMs: i32,
    results: arr({
      name: str,
      errorCode: i16,
      errorMessage: str.nullable().default(null),
    }),
  },
)

export type CreatePartitionsRequest = RequestOf<typeof CreatePartitions>
export type CreatePartitionsResponse = ResponseOf<typeof CreatePartitions>
