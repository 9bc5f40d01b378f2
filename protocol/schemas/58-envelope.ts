import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { bytes, i16 } from '../fields.ts'

export const Envelope = api(
  58,
  'Envelope',
  { stable: [0, 0], flexible: 0 },
  {
    requestData: bytes,
    requestPrincipal: bytes.nullable(),
    clientHostAddress: bytes,
  },
  {
    responseData: bytes.nullable().default(null),
    errorCode: i16,
  },
)

export type EnvelopeRequest = RequestOf<typeof Envelope>
export type EnvelopeResponse = ResponseOf<typeof Envelope>
