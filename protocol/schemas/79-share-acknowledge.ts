import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i8, i16, i32, i64, str, struct, uuid } from '../fields.ts'

export const ShareAcknowledge = api(
  79,
  'ShareAcknowledge',
  { stable: [1, 2], flexible: 0 },
  {
    groupId: str.nullable().default(null),
    memberId: str.nullable(),
    shareSessionEpoch: i32,
    isRenewAck: bool.from(2),
    topics: arr({
      topicId: uuid,
      partitions: arr({
        partitionIndex: i32,
        acknowledgementBatches: arr({
          firstOffset: i64,
          lastOffset: i64,
          acknowledgeTypes: arr(i8),
        }),
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    errorMessage: str.nullable().default(null),
    acquisitionLockTimeoutMs: i32.from(2),
    responses: arr({
      topicId: uuid,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        errorMessage: str.nullable().default(null),
        currentLeader: struct({
          leaderId: i32,
          leaderEpoch: i32,
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

export type ShareAcknowledgeRequest = RequestOf<typeof ShareAcknowledge>
export type ShareAcknowledgeResponse = ResponseOf<typeof ShareAcknowledge>
