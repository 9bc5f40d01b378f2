import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, str } from '../fields.ts'

export const LeaveGroup = api(
  13,
  'LeaveGroup',
  { stable: [0, 5], flexible: 4 },
  {
    groupId: str,
    memberId: str.until(2),
    members: arr({
      memberId: str.from(3),
      groupInstanceId: str.from(3).nullable().default(null),
      reason: str.from(5).nullable().default(null),
    }).from(3),
  },
  {
    throttleTimeMs: i32.from(1),
    errorCode: i16,
    members: arr({
      memberId: str.from(3),
      groupInstanceId: str.from(3).nullable(),
      errorCode: i16.from(3),
    }).from(3),
  },
)

export type LeaveGroupRequest = RequestOf<typeof LeaveGroup>
export type LeaveGroupResponse = ResponseOf<typeof LeaveGroup>
