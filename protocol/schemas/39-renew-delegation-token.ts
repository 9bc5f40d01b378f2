import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { bytes, i16, i32, i64 } from '../fields.ts'

export const RenewDelegationToken = api(
  39,
  'RenewDelegationToken',
  { stable: [1, 2], flexible: 2 },
  {
    hmac: bytes,
    renewPeriodMs: i64,
  },
  {
    errorCode: i16,
    expiryTimestampMs: i64,
    throttleTimeMs: i32,
  },
)

export type RenewDelegationTokenRequest = RequestOf<typeof RenewDelegationToken>
export type RenewDelegationTokenResponse = ResponseOf<typeof RenewDelegationToken>
