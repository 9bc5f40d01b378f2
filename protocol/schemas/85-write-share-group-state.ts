import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, i64, str, uuid } from '../fields.ts'

export const WriteShareGroupState = api(
  85,
  'WriteShareGroupState',
  { stable: [0, 1], flexible: 0 },
  {
    groupId: str,
    topics: arr({
      topicId: uuid,
      partitions: arr({
        partition: i32,
        stateEpoch: i32,
        leaderEpoch: i32,
        startOffset: i64,
        deliveryCompleteCount: i32.from(1).default(-1),
        stateBatches: arr({
          firstOffset: i64,
          lastOffset: i64,
          deliveryState: i8,
          deliveryCount: i16,
        }),
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

export type WriteShareGroupStateRequest = RequestOf<typeof WriteShareGroupState>
export type WriteShareGroupStateResponse = ResponseOf<typeof WriteShareGroupState>
