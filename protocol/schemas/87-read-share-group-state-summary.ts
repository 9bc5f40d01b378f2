import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str, uuid } from '../fields.ts'

export const ReadShareGroupStateSummary = api(
  87,
  'ReadShareGroupStateSummary',
  { stable: [0, 1], flexible: 0 },
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
        leaderEpoch: i32,
        startOffset: i64,
        deliveryCompleteCount: i32.from(1).default(-1),
      }),
    }),
  },
)

export type ReadShareGroupStateSummaryRequest = RequestOf<typeof ReadShareGroupStateSummary>
export type ReadShareGroupStateSummaryResponse = ResponseOf<typeof ReadShareGroupStateSummary>
