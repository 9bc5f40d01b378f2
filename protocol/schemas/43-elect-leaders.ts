import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, str } from '../fields.ts'

export const ElectLeaders = api(
  43,
  'ElectLeaders',
  { stable: [0, 2], flexible: 2 },
  {
    electionType: i8.from(1),
    topicPartitions: arr({
      topic: str,
      partitions: arr(i32),
    }).nullable(),
    timeoutMs: i32.default(60000),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16.from(1),
    replicaElectionResults: arr({
      topic: str,
      partitionResult: arr({
        partitionId: i32,
        errorCode: i16,
        errorMessage: str.nullable(),
      }),
    }),
  },
)

export type ElectLeadersRequest = RequestOf<typeof ElectLeaders>
export type ElectLeadersResponse = ResponseOf<typeof ElectLeaders>
