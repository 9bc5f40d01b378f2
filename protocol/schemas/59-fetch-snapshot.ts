import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, records, str, struct, u16, uuid } from '../fields.ts'

export const FetchSnapshot = api(
  59,
  'FetchSnapshot',
  { stable: [0, 1], flexible: 0 },
  {
    clusterId: str.nullable().default(null).tag(0, 0),
    replicaId: i32.default(-1),
    maxBytes: i32.default(2147483647),
    topics: arr({
      name: str,
      partitions: arr({
        partition: i32,
        currentLeaderEpoch: i32,
        snapshotId: struct({
          endOffset: i64,
          epoch: i32,
        }),
        position: i64,
        replicaDirectoryId: uuid.from(1).tag(0, 1),
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    topics: arr({
      name: str,
      partitions: arr({
        index: i32,
        errorCode: i16,
        snapshotId: struct({
          endOffset: i64,
          epoch: i32,
        }),
        currentLeader: struct({
          leaderId: i32,
          leaderEpoch: i32,
        }).tag(0, 0),
        size: i64,
        position: i64,
        unalignedRecords: records,
      }),
    }),
    nodeEndpoints: arr({
      nodeId: i32.from(1),
      host: str.from(1),
      port: u16.from(1),
    })
      .from(1)
      .tag(0, 1),
  },
)

export type FetchSnapshotRequest = RequestOf<typeof FetchSnapshot>
export type FetchSnapshotResponse = ResponseOf<typeof FetchSnapshot>
