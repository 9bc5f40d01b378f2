import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, str, u16, uuid } from '../fields.ts'

export const Vote = api(
  52,
  'Vote',
  { stable: [0, 2], flexible: 0 },
  {
    clusterId: str.nullable().default(null),
    voterId: i32.from(1).default(-1),
    topics: arr({
      topicName: str,
      partitions: arr({
        partitionIndex: i32,
        replicaEpoch: i32,
        replicaId: i32,
        replicaDirectoryId: uuid.from(1),
        voterDirectoryId: uuid.from(1),
        lastOffsetEpoch: i32,
        lastOffset: i64,
        preVote: bool.from(2),
      }),
    }),
  },
  {
    errorCode: i16,
    topics: arr({
      topicName: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        leaderId: i32,
        leaderEpoch: i32,
        voteGranted: bool,
      }),
    }),
    nodeEndpoints: arr({
      nodeId: i32.from(1),
      host: str.from(1),
      port: u16.from(1),
    })
      .from(1)
      .tag(0, 1),
  },
)

export type VoteRequest = RequestOf<typeof Vote>
export type VoteResponse = ResponseOf<typeof Vote>
