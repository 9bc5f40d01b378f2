import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, str } from '../fields.ts'

export const AlterPartitionReassignments = api(
  45,
  'AlterPartitionReassignments',
  { stable: [0, 1], flexible: 0 },
  {
    timeoutMs: i32.default(60000),
    allowReplicationFactorChange: bool.from(1).default(true),
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        replicas: arr(i32).nullable().default(null),
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    allowReplicationFactorChange: bool.from(1).default(true),
    errorCode: i16,
    errorMessage: str.nullable(),
    responses: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        errorMessage: str.nullable(),
      }),
    }),
  },
)

export type AlterPartitionReassignmentsRequest = RequestOf<typeof AlterPartitionReassignments>
export type AlterPartitionReassignmentsResponse = ResponseOf<typeof AlterPartitionReassignments>
