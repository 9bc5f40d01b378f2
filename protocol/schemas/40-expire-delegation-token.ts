import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { bytes, i16, i32, i64 } from '../fields.ts'

export const ExpireDelegationToken = api(
  40,
  'ExpireDelegationToken',
  { stable: [1, 2], flexible: 2 },
  {
    hmac: bytes,
    expiryTimePeriodMs: i64,
  },
  {
    errorCode: i16,
    expiryTimestampMs: i64,
    throttleTimeMs: i32,
  },
)

export type ExpireDelegationTokenRequest = RequestOf<typeof ExpireDelegationToken>
export type ExpireDelegationTokenResponse = ResponseOf<typeof ExpireDelegationToken>
