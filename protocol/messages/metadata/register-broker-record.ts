import { arr, bool, i16, i32, i64, str, u16, uuid } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const RegisterBrokerRecord = message(
  0,
  'RegisterBrokerRecord',
  { valid: [0, 4], flexible: 0 },
  {
    brokerId: i32,
    isMigratingZkBroker: bool.from(2),
    incarnationId: uuid,
    brokerEpoch: i64,
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
    rack: str.nullable(),
    fenced: bool.default(true),
    inControlledShutdown: bool.from(1),
    logDirs: arr(uuid).from(3).tag(0, 3),
    cordonedLogDirs: arr(uuid).from(4).nullable().default(null).tag(1, 4),
  },
)

export type RegisterBrokerRecord = MessageOf<typeof RegisterBrokerRecord>
