import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, str, struct, u16 } from '../fields.ts'

const endpoint = {
  host: str,
  port: u16,
}

const taskOffset = {
  subtopologyId: str,
  partition: i32,
  offset: i64,
}

const taskIds = {
  subtopologyId: str,
  partitions: arr(i32),
}

const assignment = {
  activeTasks: arr(taskIds),
  standbyTasks: arr(taskIds),
  warmupTasks: arr(taskIds),
}

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

export const StreamsGroupDescribe = api(
  89,
  'StreamsGroupDescribe',
  { stable: [0, 0], flexible: 0 },
  {
    groupIds: arr(str),
    includeAuthorizedOperations: bool,
  },
  {
    throttleTimeMs: i32,
    groups: arr({
      errorCode: i16,
      errorMessage: str.nullable().default(null),
      groupId: str,
      groupState: str,
      groupEpoch: i32,
      assignmentEpoch: i32,
      topology: struct({
        epoch: i32,
        subtopologies: arr({
          subtopologyId: str,
          sourceTopics: arr(str),
          repartitionSinkTopics: arr(str),
          stateChangelogTopics: arr(topicInfo),
          repartitionSourceTopics: arr(topicInfo),
        })
          .nullable()
          .default(null),
      })
        .nullable()
        .default(null),
      members: arr({
        memberId: str,
        memberEpoch: i32,
        instanceId: str.nullable().default(null),
        rackId: str.nullable().default(null),
        clientId: str,
        clientHost: str,
        topologyEpoch: i32,
        processId: str,
        userEndpoint: struct(endpoint).nullable().default(null),
        clientTags: arr(keyValue),
        taskOffsets: arr(taskOffset),
        taskEndOffsets: arr(taskOffset),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        isClassic: bool,
      }),
      authorizedOperations: i32.default(-2147483648),
    }),
  },
)

export type StreamsGroupDescribeRequest = RequestOf<typeof StreamsGroupDescribe>
export type StreamsGroupDescribeResponse = ResponseOf<typeof StreamsGroupDescribe>
