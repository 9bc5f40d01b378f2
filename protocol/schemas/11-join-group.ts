import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, bytes, i16, i32, str } from '../fields.ts'

export const JoinGroup = api(
  11,
  'JoinGroup',
  { stable: [0, 9], flexible: 6 },
  {
    groupId: str,
    sessionTimeoutMs: i32,
    rebalanceTimeoutMs: i32.from(1).default(-1),
    memberId: str,
    groupInstanceId: str.from(5).nullable().default(null),
    protocolType: str,
    protocols: arr({
      name: str,
      metadata: bytes,
    }),
    reason: str.from(8).nullable().default(null),
  },
  {
    throttleTimeMs: i32.from(2),
    errorCode: i16,
    generationId: i32.default(-1),
    protocolType: str.from(7).nullable().default(null),
    protocolName: str.nullable(7),
    leader: str,
    skipAssignment: bool.from(9),
    memberId: str,
    members: arr({
      memberId: str,
      groupInstanceId: str.from(5).nullable().default(null),
      metadata: bytes,
    }),
  },
)

export type JoinGroupRequest = RequestOf<typeof JoinGroup>
export type JoinGroupResponse = ResponseOf<typeof JoinGroup>
