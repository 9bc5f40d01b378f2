import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, i64, str, struct, u16 } from '../fields.ts'

const keyValue = {
  key: str,
  value: str,
}

const topicInfo = {
  name: str,
  partitions: i32,
  replicationFactor: i16,
  topicConfigs: arr(keyValue),
}

const endpointRequest = {
  host: str,
  port: u16,
}

const taskOffset = {
  subtopologyId: str,
  partition: i32,
  offset: i64,
}

const taskIdsRequest = {
  subtopologyId: str,
  partitions: arr(i32),
}

const status = {
  statusCode: i8,
  statusDetail: str,
}

const topicPartition = {
  topic: str,
  partitions: arr(i32),
}

const taskIdsResponse = {
  subtopologyId: str,
  partitions: arr(i32),
}

const endpointResponse = {
  host: str,
  port: u16,
}

export const StreamsGroupHeartbeat = api(
  88,
  'StreamsGroupHeartbeat',
  { stable: [0, 0], flexible: 0 },
  {
    groupId: str,
    memberId: str,
    memberEpoch: i32,
    endpointInformationEpoch: i32,
    instanceId: str.nullable().default(null),
    rackId: str.nullable().default(null),
    rebalanceTimeoutMs: i32.default(-1),
    topology: struct({
      epoch: i32,
      subtopologies: arr({
        subtopologyId: str,
        sourceTopics: arr(str),
        sourceTopicRegex: arr(str),
        stateChangelogTopics: arr(topicInfo),
        repartitionSinkTopics: arr(str),
        repartitionSourceTopics: arr(topicInfo),
        copartitionGroups: arr({
          sourceTopics: arr(i16),
          sourceTopicRegex: arr(i16),
          repartitionSourceTopics: arr(i16),
        }),
      }),
    })
      .nullable()
      .default(null),
    activeTasks: arr(taskIdsRequest).nullable().default(null),
    standbyTasks: arr(taskIdsRequest).nullable().default(null),
    warmupTasks: arr(taskIdsRequest).nullable().default(null),
    processId: str.nullable().default(null),
    userEndpoint: struct(endpointRequest).nullable().default(null),
    clientTags: arr(keyValue).nullable().default(null),
    taskOffsets: arr(taskOffset).nullable().default(null),
    taskEndOffsets: arr(taskOffset).nullable().default(null),
    shutdownApplication: bool,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable().default(null),
    memberId: str,
    memberEpoch: i32,
    heartbeatIntervalMs: i32,
    acceptableRecoveryLag: i32,
    taskOffsetIntervalMs: i32,
    status: arr(status).nullable(),
    activeTasks: arr(taskIdsResponse).nullable().default(null),
    standbyTasks: arr(taskIdsResponse).nullable().default(null),
    warmupTasks: arr(taskIdsResponse).nullable().default(null),
    endpointInformationEpoch: i32,
    partitionsByUserEndpoint: arr({
      userEndpoint: struct(endpointResponse),
      activePartitions: arr(topicPartition),
      standbyPartitions: arr(topicPartition),
    })
      .nullable()
      .default(null),
  },
)

export type StreamsGroupHeartbeatRequest = RequestOf<typeof StreamsGroupHeartbeat>
export type StreamsGroupHeartbeatResponse = ResponseOf<typeof StreamsGroupHeartbeat>
