import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, str, u16, uuid } from '../fields.ts'

export const BrokerRegistration = api(
  62,
  'BrokerRegistration',
  { stable: [0, 4], flexible: 0 },
  {
    brokerId: i32,
    clusterId: str,
    incarnationId: uuid,
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
    rack: str.nullable(),
    isMigratingZkBroker: bool.from(1),
    logDirs: arr(uuid).from(2),
    previousBrokerEpoch: i64.from(3).default(-1),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    brokerEpoch: i64.default(-1),
  },
)

export type BrokerRegistrationRequest = RequestOf<typeof BrokerRegistration>
export type BrokerRegistrationResponse = ResponseOf<typeof BrokerRegistration>
