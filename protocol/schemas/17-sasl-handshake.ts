import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, str } from '../fields.ts'

export const SaslHandshake = api(
  17,
  'SaslHandshake',
  { stable: [0, 1], flexible: null },
  {
    mechanism: str,
  },
  {
    errorCode: i16,
    mechanisms: arr(str),
  },
)

export type SaslHandshakeRequest = RequestOf<typeof SaslHandshake>
export type SaslHandshakeResponse = ResponseOf<typeof SaslHandshake>
