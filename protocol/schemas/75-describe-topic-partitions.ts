import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, str, struct, uuid } from '../fields.ts'

export const DescribeTopicPartitions = api(
  75,
  'DescribeTopicPartitions',
  { stable: [0, 0], flexible: 0 },
  {
    topics: arr({
      name: str,
    }),
    responsePartitionLimit: i32.default(2000),
    cursor: struct({
      topicName: str,
      partitionIndex: i32,
    })
      .nullable()
      .default(null),
  },
  {
    throttleTimeMs: i32,
    topics: arr({
      errorCode: i16,
      name: str.nullable(),
      topicId: uuid,
      isInternal: bool,
      partitions: arr({
        errorCode: i16,
        partitionIndex: i32,
        leaderId: i32,
        leaderEpoch: i32.default(-1),
        replicaNodes: arr(i32),
        isrNodes: arr(i32),
        eligibleLeaderReplicas: arr(i32).nullable().default(null),
        lastKnownElr: arr(i32).nullable().default(null),
        offlineReplicas: arr(i32),
      }),
      topicAuthorizedOperations: i32.default(-2147483648),
    }),
    nextCursor: struct({
      topicName: str,
      partitionIndex: i32,
    })
      .nullable()
      .default(null),
  },
)

export type DescribeTopicPartitionsRequest = RequestOf<typeof DescribeTopicPartitions>
export type DescribeTopicPartitionsResponse = ResponseOf<typeof DescribeTopicPartitions>
