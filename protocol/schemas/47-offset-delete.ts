import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str } from '../fields.ts'

export const OffsetDelete = api(
  47,
  'OffsetDelete',
  { stable: [0, 0], flexible: null },
  {
    groupId: str,
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
      }),
    }),
  },
  {
    errorCode: i16,
    throttleTimeMs: i32,
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
      }),
    }),
  },
)

export type OffsetDeleteRequest = RequestOf<typeof OffsetDelete>
export type OffsetDeleteResponse = ResponseOf<typeof OffsetDelete>
