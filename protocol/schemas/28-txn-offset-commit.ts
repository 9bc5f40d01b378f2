import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i16, i32, i64, str } from '../fields.ts'

export const TxnOffsetCommit = api(
  28,
  'TxnOffsetCommit',
  { stable: [0, 5], flexible: 3 },
  {
    transactionalId: str,
    groupId: str,
    producerId: i64,
    producerEpoch: i16,
    generationId: i32.from(3).default(-1),
    memberId: str.from(3),
    groupInstanceId: str.from(3).nullable().default(null),
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        committedOffset: i64,
        committedLeaderEpoch: i32.from(2).default(-1),
        committedMetadata: str.nullable(),
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    topics: arr({
      name: str,
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
      }),
    }),
  },
)

export type TxnOffsetCommitRequest = RequestOf<typeof TxnOffsetCommit>
export type TxnOffsetCommitResponse = ResponseOf<typeof TxnOffsetCommit>
