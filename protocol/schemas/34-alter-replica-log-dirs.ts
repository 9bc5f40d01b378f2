import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str } from '../fields.ts'

export const AlterReplicaLogDirs = api(
  34,
  'AlterReplicaLogDirs',
  { stable: [1, 2], flexible: 2 },
  {
    dirs: arr({
      path: str,
      topics: arr({
        name: str,
        partitions: arr(i32),
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    results: arr({
      topicName: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
      }),
    }),
  },
)

export type AlterReplicaLogDirsRequest = RequestOf<typeof AlterReplicaLogDirs>
export type AlterReplicaLogDirsResponse = ResponseOf<typeof AlterReplicaLogDirs>
