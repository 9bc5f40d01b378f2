import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bytes, i16, i32, i64, str } from '../fields.ts'

export const CreateDelegationToken = api(
  38,
  'CreateDelegationToken',
  { stable: [1, 3], flexible: 2 },
  {
    ownerPrincipalType: str.from(3).nullable(),
    ownerPrincipalName: str.from(3).nullable(),
    renewers: arr({
      principalType: str,
      principalName: str,
    }),
    maxLifetimeMs: i64,
  },
  {
    errorCode: i16,
    principalType: str,
    principalName: str,
    tokenRequesterPrincipalType: str.from(3),
    tokenRequesterPrincipalName: str.from(3),
    issueTimestampMs: i64,
    expiryTimestampMs: i64,
    maxTimestampMs: i64,
    tokenId: str,
    hmac: bytes,
    throttleTimeMs: i32,
  },
)

export type CreateDelegationTokenRequest = RequestOf<typeof CreateDelegationToken>
export type CreateDelegationTokenResponse = ResponseOf<typeof CreateDelegationToken>
