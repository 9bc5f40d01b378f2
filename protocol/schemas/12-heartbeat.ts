import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { i16, i32, str } from '../fields.ts'

export const Heartbeat = api(
  12,
  'Heartbeat',
  { stable: [0, 4], flexible: 4 },
  {
    groupId: str,
    generationId: i32,
    memberId: str,
    groupInstanceId: str.from(3).nullable().default(null),
  },
  {
    throttleTimeMs: i32.from(1),
    errorCode: i16,
  },
)

export type HeartbeatRequest = RequestOf<typeof Heartbeat>
export type HeartbeatResponse = ResponseOf<typeof Heartbeat>
