import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str, u16, uuid } from '../fields.ts'

const replicaState = {
  replicaId: i32,
  replicaDirectoryId: uuid.from(2),
  logEndOffset: i64,
  lastFetchTimestamp: i64.from(1).default(-1),
  lastCaughtUpTimestamp: i64.from(1).default(-1),
}

export const DescribeQuorum = api(
  55,
  'DescribeQuorum',
  { stable: [0, 2], flexible: 0 },
  {
    topics: arr({
      topicName: str,
      partitions: arr({
        partitionIndex: i32,
      }),
    }),
  },
  {
    errorCode: i16,
    errorMessage: str.from(2).nullable(),
    topics: arr({
      topicName: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        errorMessage: str.from(2).nullable(),
        leaderId: i32,
        leaderEpoch: i32,
        highWatermark: i64,
        currentVoters: arr(replicaState),
        observers: arr(replicaState),
      }),
    }),
    nodes: arr({
      nodeId: i32.from(2),
      listeners: arr({
        name: str.from(2),
        host: str.from(2),
        port: u16.from(2),
      }).from(2),
    }).from(2),
  },
)

export type DescribeQuorumRequest = RequestOf<typeof DescribeQuorum>
export type DescribeQuorumResponse = ResponseOf<typeof DescribeQuorum>
