import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, str, uuid } from '../fields.ts'

export const Metadata = api(
  3,
  'Metadata',
  { stable: [0, 13], flexible: 9 },
  {
    topics: arr({
      topicId: uuid.from(10),
      name: str.nullable(10),
    }).nullable(1),
    allowAutoTopicCreation: bool.from(4).default(true),
    includeClusterAuthorizedOperations: bool.from(8).until(10),
    includeTopicAuthorizedOperations: bool.from(8),
  },
  {
    throttleTimeMs: i32.from(3),
    brokers: arr({
      nodeId: i32,
      host: str,
      port: i32,
      rack: str.from(1).nullable().default(null),
    }),
    clusterId: str.from(2).nullable().default(null),
    controllerId: i32.from(1).default(-1),
    topics: arr({
      errorCode: i16,
      name: str.nullable(12),
      topicId: uuid.from(10),
      isInternal: bool.from(1),
      partitions: arr({
        errorCode: i16,
        partitionIndex: i32,
        leaderId: i32,
        leaderEpoch: i32.from(7).default(-1),
        replicaNodes: arr(i32),
        isrNodes: arr(i32),
        offlineReplicas: arr(i32).from(5),
      }),
      topicAuthorizedOperations: i32.from(8).default(-2147483648),
    }),
    clusterAuthorizedOperations: i32.from(8).until(10).default(-2147483648),
    errorCode: i16.from(13),
  },
)

export type MetadataRequest = RequestOf<typeof Metadata>
export type MetadataResponse = ResponseOf<typeof Metadata>
