import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, records, str, struct, uuid } from '../fields.ts'

export const Produce = api(
  0,
  'Produce',
  { stable: [3, 13], flexible: 9 },
  {
    transactionalId: str.from(3).nullable().default(null),
    acks: i16,
    timeoutMs: i32,
    topicData: arr({
      name: str.until(12),
      topicId: uuid.from(13),
      partitionData: arr({
        index: i32,
        records: records.nullable(),
      }),
    }),
  },
  {
    responses: arr({
      name: str.until(12),
      topicId: uuid.from(13),
      partitionResponses: arr({
        index: i32,
        errorCode: i16,
        baseOffset: i64,
        logAppendTimeMs: i64.from(2).default(-1),
        logStartOffset: i64.from(5).default(-1),
        recordErrors: arr({
          batchIndex: i32.from(8),
          batchIndexErrorMessage: str.from(8).nullable().default(null),
        }).from(8),
        errorMessage: str.from(8).nullable().default(null),
        currentLeader: struct({
          leaderId: i32.from(10).default(-1),
          leaderEpoch: i32.from(10).default(-1),
        })
          .from(10)
          .tag(0, 10),
      }),
    }),
    throttleTimeMs: i32.from(1),
    nodeEndpoints: arr({
      nodeId: i32.from(10),
      host: str.from(10),
      port: i32.from(10),
      rack: str.from(10).nullable().default(null),
    })
      .from(10)
      .tag(0, 10),
  },
)

export type ProduceRequest = RequestOf<typeof Produce>
export type ProduceResponse = ResponseOf<typeof Produce>
