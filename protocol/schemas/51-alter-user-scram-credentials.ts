import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bytes, i8, i16, i32, str } from '../fields.ts'

export const AlterUserScramCredentials = api(
  51,
  'AlterUserScramCredentials',
  { stable: [0, 0], flexible: 0 },
  {
    deletions: arr({
      name: str,
      mechanism: i8,
    }),
    upsertions: arr({
      name: str,
      mechanism: i8,
      iterations: i32,
      salt: bytes,
      saltedPassword: bytes,
    }),
  },
  {
    throttleTimeMs: i32,
    results: arr({
      user: str,
      errorCode: i16,
      errorMessage: str.nullable(),
    }),
  },
)

export type AlterUserScramCredentialsRequest = RequestOf<typeof AlterUserScramCredentials>
export type AlterUserScramCredentialsResponse = ResponseOf<typeof AlterUserScramCredentials>
