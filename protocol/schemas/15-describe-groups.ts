import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, bytes, i16, i32, str } from '../fields.ts'

export const DescribeGroups = api(
  15,
  'DescribeGroups',
  { stable: [0, 6], flexible: 5 },
  {
    groups: arr(str),
    includeAuthorizedOperations: bool.from(3),
  },
  {
    throttleTimeMs: i32.from(1),
    groups: arr({
      errorCode: i16,
      errorMessage: str.from(6).nullable().default(null),
      groupId: str,
      groupState: str,
      protocolType: str,
      protocolData: str,
      members: arr({
        memberId: str,
        groupInstanceId: str.from(4).nullable().default(null),
        clientId: str,
        clientHost: str,
        memberMetadata: bytes,
        memberAssignment: bytes,
      }),
      authorizedOperations: i32.from(3).default(-2147483648),
    }),
  },
)

export type DescribeGroupsRequest = RequestOf<typeof DescribeGroups>
export type DescribeGroupsResponse = ResponseOf<typeof DescribeGroups>
