import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bytes, i16, i32, i64, str } from '../fields.ts'

export const DescribeDelegationToken = api(
  41,
  'DescribeDelegationToken',
  { stable: [1, 3], flexible: 2 },
  {
    owners: arr({
      principalType: str,
      principalName: str,
    }).nullable(),
  },
  {
    errorCode: i16,
    tokens: arr({
      principalType: str,
      principalName: str,
      tokenRequesterPrincipalType: str.from(3),
      tokenRequesterPrincipalName: str.from(3),
      issueTimestamp: i64,
      expiryTimestamp: i64,
      maxTimestamp: i64,
      tokenId: str,
      hmac: bytes,
      renewers: arr({
        principalType: str,
        principalName: str,
      }),
    }),
    throttleTimeMs: i32,
  },
)

export type DescribeDelegationTokenRequest = RequestOf<typeof DescribeDelegationToken>
export type DescribeDelegationTokenResponse = ResponseOf<typeof DescribeDelegationToken>
