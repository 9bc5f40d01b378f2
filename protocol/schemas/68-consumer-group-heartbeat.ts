import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str, struct, uuid } from '../fields.ts'

const topicPartitions = {
  topicId: uuid,
  partitions: arr(i32),
}

export const ConsumerGroupHeartbeat = api(
  68,
  'ConsumerGroupHeartbeat',
  { stable: [0, 1], flexible: 0 },
  {
    groupId: str,
    memberId: str,
    memberEpoch: i32,
    instanceId: str.nullable().default(null),
    rackId: str.nullable().default(null),
    rebalanceTimeoutMs: i32.default(-1),
    subscribedTopicNames: arr(str).nullable().default(null),
    subscribedTopicRegex: str.from(1).nullable().default(null),
    serverAssignor: str.nullable().default(null),
    topicPartitions: arr({
      topicId: uuid,
      partitions: arr(i32),
    })
      .nullable()
      .default(null),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable().default(null),
    memberId: str.nullable().default(null),
    memberEpoch: i32,
    heartbeatIntervalMs: i32,
    assignment: struct({
      topicPartitions: arr(topicPartitions),
    })
      .nullable()
      .default(null),
  },
)

export type ConsumerGroupHeartbeatRequest = RequestOf<typeof ConsumerGroupHeartbeat>
export type ConsumerGroupHeartbeatResponse = ResponseOf<typeof ConsumerGroupHeartbeat>
