import { arr, bool, i16, i32, str, u16, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const RegisterControllerRecord = message(
  27,
  'RegisterControllerRecord',
  { valid: [0, 0], flexible: 0 },
  {
    controllerId: i32,
    incarnationId: uuid,
    zkMigrationReady: bool,
    endPoints: arr({
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
)

export type RegisterControllerRecord = MessageOf<typeof RegisterControllerRecord>
