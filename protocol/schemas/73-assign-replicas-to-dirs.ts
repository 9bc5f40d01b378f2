import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, uuid } from '../fields.ts'

export const AssignReplicasToDirs = api(
  73,
  'AssignReplicasToDirs',
  { stable: [0, 0], flexible: 0 },
  {
    brokerId: i32,
    brokerEpoch: i64.default(-1),
    directories: arr({
      id: uuid,
      topics: arr({
        topicId: uuid,
        partitions: arr({
          partitionIndex: i32,
        }),
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    directories: arr({
      id: uuid,
      topics: arr({
        topicId: uuid,
        partitions: arr({
          partitionIndex: i32,
          errorCode: i16,
        }),
      }),
    }),
  },
)

export type AssignReplicasToDirsRequest = RequestOf<typeof AssignReplicasToDirs>
export type AssignReplicasToDirsResponse = ResponseOf<typeof AssignReplicasToDirs>
