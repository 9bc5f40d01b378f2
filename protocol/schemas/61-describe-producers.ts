import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str } from '../fields.ts'

export const DescribeProducers = api(
  61,
  'DescribeProducers',
  { stable: [0, 0], flexible: 0 },
  {
    topics: arr({
      name: str,
      partitionIndexes: arr(i32),
    }),
  },
  {
    throttleTimeMs: i32,
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        errorMessage: str.nullable().default(null),
        activeProducers: arr({
          producerId: i64,
          producerEpoch: i32,
          lastSequence: i32.default(-1),
          lastTimestamp: i64.default(-1),
          coordinatorEpoch: i32,
          currentTxnStartOffset: i64.default(-1),
        }),
      }),
    }),
  },
)

export type DescribeProducersRequest = RequestOf<typeof DescribeProducers>
export type DescribeProducersResponse = ResponseOf<typeof DescribeProducers>
