import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, str, struct, uuid } from '../fields.ts'

const topicPartitions = {
  topicId: uuid,
  topicName: str,
  partitions: arr(i32),
}

const assignment = {
  topicPartitions: arr(topicPartitions),
}

export const ConsumerGroupDescribe = api(
  69,
  'ConsumerGroupDescribe',
  { stable: [0, 1], flexible: 0 },
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
      assignorName: str,
      members: arr({
        memberId: str,
        instanceId: str.nullable().default(null),
        rackId: str.nullable().default(null),
        memberEpoch: i32,
        clientId: str,
        clientHost: str,
        subscribedTopicNames: arr(str),
        subscribedTopicRegex: str.nullable().default(null),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        memberType: i8.from(1).default(-1),
      }),
      authorizedOperations: i32.default(-2147483648),
    }),
  },
)

export type ConsumerGroupDescribeRequest = RequestOf<typeof ConsumerGroupDescribe>
export type ConsumerGroupDescribeResponse = ResponseOf<typeof ConsumerGroupDescribe>
