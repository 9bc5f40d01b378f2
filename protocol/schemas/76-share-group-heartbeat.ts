import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str, struct, uuid } from '../fields.ts'

const topicPartitions = {
  topicId: uuid,
  partitions: arr(i32),
}

export const ShareGroupHeartbeat = api(
  76,
  'ShareGroupHeartbeat',
  { stable: [1, 1], flexible: 0 },
  {
    groupId: str,
    memberId: str,
    memberEpoch: i32,
    rackId: str.nullable().default(null),
    subscribedTopicNames: arr(str).nullable().default(null),
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

export type ShareGroupHeartbeatRequest = RequestOf<typeof ShareGroupHeartbeat>
export type ShareGroupHeartbeatResponse = ResponseOf<typeof ShareGroupHeartbeat>
