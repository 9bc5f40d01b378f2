import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { i16, i32, str } from '../fields.ts'

export const UnregisterBroker = api(
  64,
  'UnregisterBroker',
  { stable: [0, 0], flexible: 0 },
  {
    brokerId: i32,
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
  },
)

export type UnregisterBrokerRequest = RequestOf<typeof UnregisterBroker>
export type UnregisterBrokerResponse = ResponseOf<typeof UnregisterBroker>
