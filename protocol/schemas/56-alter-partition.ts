import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, i8, i16, i32, i64, uuid } from '../fields.ts'

export const AlterPartition = api(
  56,
  'AlterPartition',
  { stable: [2, 3], flexible: 0 },
  {
    brokerId: i32,
    brokerEpoch: i64.default(-1),
    topics: arr({
      topicId: uuid.from(2),
      partitions: arr({
        partitionIndex: i32,
        leaderEpoch: i32,
        newIsr: arr(i32).until(2),
        newIsrWithEpochs: arr({
          brokerId: i32.from(3),
          brokerEpoch: i64.from(3).default(-1),
        }).from(3),
        leaderRecoveryState: i8.from(1),
        partitionEpoch: i32,
      }),
    }),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16,
    topics: arr({
      topicId: uuid.from(2),
      partitions: arr({
        partitionIndex: i32,
        errorCode: i16,
        leaderId: i32,
        leaderEpoch: i32,
        isr: arr(i32),
        leaderRecoveryState: i8.from(1),
        partitionEpoch: i32,
      }),
    }),
  },
)

export type AlterPartitionRequest = RequestOf<typeof AlterPartition>
export type AlterPartitionResponse = ResponseOf<typeof AlterPartition>
