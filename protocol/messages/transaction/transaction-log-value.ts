import { arr, i8, i16, i32, i64, str } from '../../fields.ts'
import { type MessageOf, message } from '../../message.ts'

export const TransactionLogValue = message(
  0,
  'TransactionLogValue',
  { valid: [0, 1], flexible: 1 },
  {
    producerId: i64,
    previousProducerId: i64.from(1).default(-1).tag(0, 1),
    nextProducerId: i64.from(1).default(-1).tag(1, 1),
    producerEpoch: i16,
    nextProducerEpoch: i16.from(1).default(-1).tag(3, 1),
    transactionTimeoutMs: i32,
    transactionStatus: i8,
    transactionPartitions: arr({
      topic: str,
      partitionIds: arr(i32),
    }).nullable(),
    transactionLastUpdateTimestampMs: i64,
    transactionStartTimestampMs: i64,
    clientTransactionVersion: i16.from(1).tag(2, 1),
  },
)

export type TransactionLogValue = MessageOf<typeof TransactionLogValue>
