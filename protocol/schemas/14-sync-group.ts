import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bytes, i16, i32, str } from '../fields.ts'

export const SyncGroup = api(
  14,
  'SyncGroup',
  { stable: [0, 5], flexible: 4 },
  {
    groupId: str,
    generationId: i32,
    memberId: str,
    groupInstanceId: str.from(3).nullable().default(null),
    protocolType: str.from(5).nullable().default(null),
    protocolName: str.from(5).nullable().default(null),
    assignments: arr({
      memberId: str,
      assignment: bytes,
    }),
  },
  {
    throttleTimeMs: i32.from(1),
    errorCode: i16,
    protocolType: str.from(5).nullable().default(null),
    protocolName: str.from(5).nullable().default(null),
    assignment: bytes,
  },
)

export type SyncGroupRequest = RequestOf<typeof SyncGroup>
export type SyncGroupResponse = ResponseOf<typeof SyncGroup>
