import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str } from '../fields.ts'

export const DeleteRecords = api(
  21,
  'DeleteRecords',
  { stable: [0, 2], flexible: 2 },
  {
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        offset: i64,
      }),
    }),
    timeoutMs: i32,
  },
  {
    throttleTimeMs: i32,
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        lowWatermark: i64,
        errorCode: i16,
      }),
    }),
  },
)

export type DeleteRecordsRequest = RequestOf<typeof DeleteRecords>
export type DeleteRecordsResponse = ResponseOf<typeof DeleteRecords>
