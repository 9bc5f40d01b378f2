import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, i64, str, uuid } from '../fields.ts'

export const ReadShareGroupState = api(
  84,
  'ReadShareGroupState',
  { stable: [0, 0], flexible: 0 },
  {
    groupId: str,
    topics: arr({
      topicId: uuid,
      partitions: arr({
        partition: i32,
        leaderEpoch: i32,
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
        stateEpoch: i32,
        startOffset: i64,
        stateBatches: arr({
          firstOffset: i64,
          lastOffset: i64,
          deliveryState: i8,
          deliveryCount: i16,
        }),
      }),
    }),
  },
)

export type ReadShareGroupStateRequest = RequestOf<typeof ReadShareGroupState>
export type ReadShareGroupStateResponse = ResponseOf<typeof ReadShareGroupState>
