import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str } from '../fields.ts'

export const ListPartitionReassignments = api(
  46,
  'ListPartitionReassignments',
  { stable: [0, 0], flexible: 0 },
  {
    timeoutMs: i32.default(60000),
    topics: arr({
      name: str,
      partitionIndexes: arr(i32),
    })
      .nullable()
      .default(null),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        replicas: arr(i32),
        addingReplicas: arr(i32),
        removingReplicas: arr(i32),
      }),
    }),
  },
)

export type ListPartitionReassignmentsRequest = RequestOf<typeof ListPartitionReassignments>
export type ListPartitionReassignmentsResponse = ResponseOf<typeof ListPartitionReassignments>
