import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, str, struct, uuid } from '../fields.ts'

const topicPartitions = {
  topicId: uuid,
  topicName: str,
  partitions: arr(i32),
}

const assignment = {
  topicPartitions: arr(topicPartitions),
}

export const ShareGroupDescribe = api(
  77,
  'ShareGroupDescribe',
  { stable: [1, 1], flexible: 0 },
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
        rackId: str.nullable().default(null),
        memberEpoch: i32,
        clientId: str,
        clientHost: str,
        subscribedTopicNames: arr(str),
        assignment: struct(assignment),
      }),
      authorizedOperations: i32.default(-2147483648),
    }),
  },
)

export type ShareGroupDescribeRequest = RequestOf<typeof ShareGroupDescribe>
export type ShareGroupDescribeResponse = ResponseOf<typeof ShareGroupDescribe>
