import { api, type RequestOf, type ResponseOf } from '../api.ts'
import { arr, bool, i16, i32, i64, str } from '../fields.ts'

const addPartitionsToTxnTopic = {
  name: str,
  partitions: arr(i32),
}

const addPartitionsToTxnPartitionResult = {
  partitionIndex: i32,
  partitionErrorCode: i16,
}

const addPartitionsToTxnTopicResult = {
  name: str,
  resultsByPartition: arr(addPartitionsToTxnPartitionResult),
}

export const AddPartitionsToTxn = api(
  24,
  'AddPartitionsToTxn',
  { stable: [0, 5], flexible: 3 },
  {
    transactions: arr({
      transactionalId: str.from(4),
      producerId: i64.from(4),
      producerEpoch: i16.from(4),
      verifyOnly: bool.from(4),
      topics: arr(addPartitionsToTxnTopic).from(4),
    }).from(4),
    v3AndBelowTransactionalId: str.until(3),
    v3AndBelowProducerId: i64.until(3),
    v3AndBelowProducerEpoch: i16.until(3),
    v3AndBelowTopics: arr(addPartitionsToTxnTopic).until(3),
  },
  {
    throttleTimeMs: i32,
    errorCode: i16.from(4),
    resultsByTransaction: arr({
      transactionalId: str.from(4),
      topicResults: arr(addPartitionsToTxnTopicResult).from(4),
    }).from(4),
    resultsByTopicV3AndBelow: arr(addPartitionsToTxnTopicResult).until(3),
  },
)

export type AddPartitionsToTxnRequest = RequestOf<typeof AddPartitionsToTxn>
export type AddPartitionsToTxnResponse = ResponseOf<typeof AddPartitionsToTxn>
