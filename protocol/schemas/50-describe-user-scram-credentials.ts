import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, str } from '../fields.ts'

export const DescribeUserScramCredentials = api(
  50,
  'DescribeUserScramCredentials',
  { stable: [0, 0], flexible: 0 },
  {
    users: arr({
      name: str,
    }).nullable(),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
    results: arr({
      user: str,
      errorCode: i16,
      errorMessage: str.nullable(),
      credentialInfos: arr({
        mechanism: i8,
        iterations: i32,
      }),
    }),
  },
)

export type DescribeUserScramCredentialsRequest = RequestOf<typeof DescribeUserScramCredentials>
export type DescribeUserScramCredentialsResponse = ResponseOf<typeof DescribeUserScramCredentials>
