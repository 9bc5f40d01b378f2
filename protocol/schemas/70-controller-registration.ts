import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, str, u16, uuid } from '../fields.ts'

export const ControllerRegistration = api(
  70,
  'ControllerRegistration',
  { stable: [0, 0], flexible: 0 },
  {
    controllerId: i32,
    incarnationId: uuid,
    zkMigrationReady: bool,
    listeners: arr({
      name: str,
      host: str,
      port: u16,
      securityProtocol: i16,
    }),
    features: arr({
      name: str,
      minSupportedVersion: i16,
      maxSupportedVersion: i16,
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable(),
  },
)

export type ControllerRegistrationRequest = RequestOf<typeof ControllerRegistration>
export type ControllerRegistrationResponse = ResponseOf<typeof ControllerRegistration>
