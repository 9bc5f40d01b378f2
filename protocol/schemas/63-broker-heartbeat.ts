import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, uuid } from '../fields.ts'

export const BrokerHeartbeat = api(
  63,
  'BrokerHeartbeat',
  { stable: [0, 2], flexible: 0 },
  {
    brokerId: i32,
    brokerEpoch: i64.default(-1),
    currentMetadataOffset: i64,
    wantFence: bool,
    wantShutDown: bool,
    offlineLogDirs: arr(uuid).from(1).tag(0, 1),
    cordonedLogDirs: arr(uuid).from(2).nullable().default(null).tag(1, 2),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    isCaughtUp: bool,
    isFenced: bool.default(true),
    shouldShutDown: bool,
  },
)

export type BrokerHeartbeatRequest = RequestOf<typeof BrokerHeartbeat>
export type BrokerHeartbeatResponse = ResponseOf<typeof BrokerHeartbeat>
