import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, i64, str } from '../fields.ts'

export const WriteTxnMarkers = api(
  27,
  'WriteTxnMarkers',
  { stable: [1, 2], flexible: 1 },
  {
    markers: arr({
      producerId: i64,
      producerEpoch: i16,
      transactionResult: bool,
      topics: arr({
        name: str,
        partitionIndexes: arr(i32),
      }),
      coordinatorEpoch: i32,
      transactionVersion: i8.from(2),
    }),
  },
  {
    markers: arr({
      producerId: i64,
      topics: arr({
        name: str,
        partitions: arr({
          partitionIndex: i32,
          errorCode: i16,
        }),
      }),
    }),
  },
)

export type WriteTxnMarkersRequest = RequestOf<typeof WriteTxnMarkers>
export type WriteTxnMarkersResponse = ResponseOf<typeof WriteTxnMarkers>
