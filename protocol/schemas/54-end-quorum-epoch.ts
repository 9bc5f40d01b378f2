import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str, u16, uuid } from '../fields.ts'

export const EndQuorumEpoch = api(
  54,
  'EndQuorumEpoch',
  { stable: [0, 1], flexible: 1 },
  {
    clusterId: str.nullable().default(null),
    topics: arr({
      topicName: str,
      partitions: arr({
        partitionIndex: i32,
        leaderId: i32,
        leaderEpoch: i32,
        preferredSuccessors: arr(i32).until(0),
        preferredCandidates: arr({
          candidateId: i32.from(1),
          candidateDirectoryId: uuid.from(1),
        }).from(1),
      }),
    }),
    leaderEndpoints: arr({
      name: str.from(1),
      host: str.from(1),
      port: u16.from(1),
    }).from(1),
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

export type EndQuorumEpochRequest = RequestOf<typeof EndQuorumEpoch>
export type EndQuorumEpochResponse = ResponseOf<typeof EndQuorumEpoch>
