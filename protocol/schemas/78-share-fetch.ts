import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, i64, records, str, struct, uuid } from '../fields.ts'

export const ShareFetch = api(
  78,
  'ShareFetch',
  { stable: [1, 2], flexible: 0 },
  {
    groupId: str.nullable().default(null),
    memberId: str.nullable(),
    shareSessionEpoch: i32,
    maxWaitMs: i32,
    minBytes: i32,
    maxBytes: i32.default(2147483647),
    maxRecords: i32.from(1),
    batchSize: i32.from(1),
    shareAcquireMode: i8.from(2),
    isRenewAck: bool.from(2),
    topics: arr({
      topicId: uuid,
      partitions: arr({
        partitionIndex: i32,
        partitionMaxBytes: i32.until(0),
        acknowledgementBatches: arr({
          firstOffset: i64,
          lastOffset: i64,
          acknowledgeTypes: arr(i8),
        }),
      }),
    }),
    forgottenTopicsData: arr({
      topicId: uuid,
      partitions: arr(i32),
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable().default(null),
    acquisitionLockTimeoutMs: i32.from(1),
    responses: arr({
      topicId: uuid,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        errorMessage: str.nullable().default(null),
        acknowledgeErrorCode: i16,
        acknowledgeErrorMessage: str.nullable().default(null),
        currentLeader: struct({
          leaderId: i32,
          leaderEpoch: i32,
        }),
        records: records.nullable(0, 0),
        acquiredRecords: arr({
          firstOffset: i64,
          lastOffset: i64,
          deliveryCount: i16,
        }),
      }),
    }),
    nodeEndpoints: arr({
      nodeId: i32,
      host: str,
      port: i32,
      rack: str.nullable().default(null),
    }),
  },
)

export type ShareFetchRequest = RequestOf<typeof ShareFetch>
export type ShareFetchResponse = ResponseOf<typeof ShareFetch>
