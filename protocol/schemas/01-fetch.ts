import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, i64, records, str, struct, uuid } from '../fields.ts'

export const Fetch = api(
  1,
  'Fetch',
  { stable: [4, 18], flexible: 12 },
  {
    clusterId: str.from(12).nullable().default(null).tag(0, 12),
    replicaId: i32.until(14).default(-1),
    replicaState: struct({
      replicaId: i32.from(15).default(-1),
      replicaEpoch: i64.from(15).default(-1),
    })
      .from(15)
      .tag(1, 15),
    maxWaitMs: i32,
    minBytes: i32,
    maxBytes: i32.from(3).default(2147483647),
    isolationLevel: i8.from(4),
    sessionId: i32.from(7),
    sessionEpoch: i32.from(7).default(-1),
    topics: arr({
      topic: str.until(12),
      topicId: uuid.from(13),
      partitions: arr({
        partition: i32,
        currentLeaderEpoch: i32.from(9).default(-1),
        fetchOffset: i64,
        lastFetchedEpoch: i32.from(12).default(-1),
        logStartOffset: i64.from(5).default(-1),
        partitionMaxBytes: i32,
        replicaDirectoryId: uuid.from(17).tag(0, 17),
        highWatermark: i64.from(18).default(Number.MAX_SAFE_INTEGER).tag(1, 18),
      }),
    }),
    forgottenTopicsData: arr({
      topic: str.from(7).until(12),
      topicId: uuid.from(13),
      partitions: arr(i32).from(7),
    }).from(7),
    rackId: str.from(11),
  },
  {
    throttleTimeMs: i32.from(1),
    errorCode: i16.from(7),
    sessionId: i32.from(7),
    responses: arr({
      topic: str.until(12),
      topicId: uuid.from(13),
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        highWatermark: i64,
        lastStableOffset: i64.from(4).default(-1),
        logStartOffset: i64.from(5).default(-1),
        divergingEpoch: struct({
          epoch: i32.from(12).default(-1),
          endOffset: i64.from(12).default(-1),
        })
          .from(12)
          .tag(0, 12),
        currentLeader: struct({
          leaderId: i32.from(12).default(-1),
          leaderEpoch: i32.from(12).default(-1),
        })
          .from(12)
          .tag(1, 12),
        snapshotId: struct({
          endOffset: i64.default(-1),
          epoch: i32.default(-1),
        })
          .from(12)
          .tag(2, 12),
        abortedTransactions: arr({
          producerId: i64.from(4),
          firstOffset: i64.from(4),
        })
          .from(4)
          .nullable(),
        preferredReadReplica: i32.from(11).default(-1),
        records: records.nullable(),
      }),
    }),
    nodeEndpoints: arr({
      nodeId: i32.from(16),
      host: str.from(16),
      port: i32.from(16),
      rack: str.from(16).nullable().default(null),
    })
      .from(16)
      .tag(0, 16),
  },
)

export type FetchRequest = RequestOf<typeof Fetch>
export type FetchResponse = ResponseOf<typeof Fetch>
