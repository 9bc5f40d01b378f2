import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { bytes, i16, i64, str } from '../fields.ts'

export const SaslAuthenticate = api(
  36,
  'SaslAuthenticate',
  { stable: [0, 2], flexible: 2 },
  {
    authBytes: bytes,
  },
  {
    errorCode: i16,
    errorMessage: str.nullable(),
    authBytes: bytes,
    sessionLifetimeMs: i64.from(1),
  },
)

export type SaslAuthenticateRequest = RequestOf<typeof SaslAuthenticate>
export type SaslAuthenticateResponse = ResponseOf<typeof SaslAuthenticate>
