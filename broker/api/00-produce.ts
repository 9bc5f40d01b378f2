// Produce, versions 3 to 13 (0 to 2 are advertised for old librdkafka, but close the connection as in Kafka).
// One v2 batch a partition; acks 0 has no reply, and errors then close the connection. Internal topics only for
// the admin client. Transactional batches are verified at their coordinator before they open a transaction here.
// Reaches the logs' append queues, or the transaction gate, before its first await: pipelined requests stay in order.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  BATCH_HEADER_BYTES,
  batchCodec,
  batchMagic,
  batchProducerId,
  batchSizeBytes,
  CURRENT_MAGIC,
  isTransactionalBatch,
} from '../../protocol/records/batch.ts'
import { Produce, type ProduceRequest } from '../../protocol/schemas/00-produce.ts'
import type { RequestContext } from '../network/types.ts'
import type { ProduceEntry, ProduceResult, TransactionOperation } from '../replication/types.ts'
import { endpointsOf, noteLeader } from './leader-endpoints.ts'
import { type BrokerServices, CloseConnection, defineHandler } from './types.ts'

const ADMIN_CLIENT_ID = '__admin_client'
const CODEC_ZSTD = 4
const ZSTD_FROM = 7
const TOPIC_IDS_FROM = 13
/** KIP-890: TRANSACTION_ABORTABLE is known, and partitions join a transaction by being written to. */
const ABORTABLE_ERRORS_FROM = 11
const ADD_PARTITION_FROM = 12
const NO_PRODUCERS: ReadonlySet<number> = new Set()
/** Up to and including the magic byte. */
const LEAST_BATCH_BYTES = 17
const LEAST_LEGACY_RECORD_BYTES = 14
const LOG_OVERHEAD_BYTES = 12

type TopicData = ProduceRequest['topicData'][number]
type Answer = Omit<ProduceResult, 'topic' | 'partition'>

export const produce = defineHandler({
  api: Produce,
  listeners: ['broker'],
  async handle(services, context, request) {
    const { acks } = request
    const answers: (Answer | null)[] = []
    const entries: ProduceEntry[] = []
    const producers = transactionalProducers(request)
    const refusedAll = wholeRefusal(services, context, request, producers)
    for (const topic of request.topicData) {
      const name = topicName(services, context, topic)
      const topicError = refusedAll ?? topicRefusal(services, context, name)
      for (const { index, records } of topic.partitionData) {
        const batch = topicError ?? checkPartition(services, context, { name, index, records })
        if (typeof batch === 'number') {
          answers.push(refusal(batch))
        } else {
          answers.push(null)
          entries.push({ topic: name ?? '', partition: index, records: batch })
        }
      }
    }
    // Safe because wholeRefusal lets no other acks come this far with entries.
    const isAcknowledged = acks as -1 | 0 | 1
    const results =
      entries.length === 0
        ? []
        : await services.replicas.produce(entries, {
            acks: isAcknowledged,
            timeoutMs: request.timeoutMs,
            origin: 'client',
            allowInternalTopics: context.clientId === ADMIN_CLIENT_ID,
            times: context.times,
            ...(producers.size === 0 ? null : { transaction: transactionOf(context, request) }),
          })
    let next = 0
    const all = answers.map((answer) => answer ?? (results[next++] as Answer))
    if (acks === 0) {
      const failed = all.find((answer) => answer.errorCode !== ErrorCode.NONE)
      if (failed) throw new CloseConnection(`Produce with acks=0 failed: error ${failed.errorCode}`)
      return null
    }
    return respond(services, context, request, all)
  },
})

function topicName(
  services: BrokerServices,
  context: RequestContext,
  topic: TopicData,
): string | null {
  if (context.apiVersion < TOPIC_IDS_FROM) return topic.name
  return services.metadata.image.topicsById.get(topic.topicId)?.name ?? null
}

/** Producer ids of the transactional batches; usually none or one. */
function transactionalProducers(request: ProduceRequest): ReadonlySet<number> {
  let producers: Set<number> | null = null
  for (const { partitionData } of request.topicData) {
    for (const { records } of partitionData) {
      const isBatch =
        records !== null &&
        records.length >= BATCH_HEADER_BYTES &&
        batchMagic(records, 0) === CURRENT_MAGIC
      if (!isBatch || !isTransactionalBatch(records, 0)) continue
      producers ??= new Set()
      producers.add(batchProducerId(records, 0))
    }
  }
  return producers ?? NO_PRODUCERS
}

/** An error that every partition gets, or null. */
function wholeRefusal(
  services: BrokerServices,
  context: RequestContext,
  request: ProduceRequest,
  producers: ReadonlySet<number>,
): number | null {
  if (producers.size > 0) {
    const { transactionalId } = request
    const isAllowed =
      transactionalId !== null &&
      services.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)
    if (!isAllowed) return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    if (producers.size > 1) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  }
  if (request.acks < -1 || request.acks > 1) return ErrorCode.INVALID_REQUIRED_ACKS
  return null
}

function transactionOf(
  context: RequestContext,
  request: ProduceRequest,
): { transactionalId: string; operation: TransactionOperation } {
  const { apiVersion } = context
  let operation: TransactionOperation = 'default-errors'
  if (apiVersion >= ADD_PARTITION_FROM) operation = 'add-partition'
  else if (apiVersion >= ABORTABLE_ERRORS_FROM) operation = 'abortable-errors'
  return { transactionalId: request.transactionalId ?? '', operation }
}

function topicRefusal(
  services: BrokerServices,
  context: RequestContext,
  name: string | null,
): number | null {
  if (name === null) return ErrorCode.UNKNOWN_TOPIC_ID
  if (services.authorize(context, 'WRITE', 'TOPIC', name)) return null
  return ErrorCode.TOPIC_AUTHORIZATION_FAILED
}

/** The one batch to append, or an error code. */
function checkPartition(
  services: BrokerServices,
  context: RequestContext,
  partition: { name: string | null; index: number; records: Buffer | null },
): Buffer | number {
  const topic = services.metadata.image.topicsByName.get(partition.name ?? '')
  if (topic?.partitions[partition.index] === undefined) {
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
  const { records } = partition
  if (records === null || records.length < LEAST_BATCH_BYTES) return ErrorCode.INVALID_RECORD
  const sizeBytes = batchSizeBytes(records, 0)
  if (sizeBytes < LEAST_LEGACY_RECORD_BYTES + LOG_OVERHEAD_BYTES) return ErrorCode.CORRUPT_MESSAGE
  if (sizeBytes > records.length) return ErrorCode.INVALID_RECORD
  if (batchMagic(records, 0) !== CURRENT_MAGIC) return ErrorCode.INVALID_RECORD
  if (sizeBytes < BATCH_HEADER_BYTES) return ErrorCode.CORRUPT_MESSAGE
  if (context.apiVersion < ZSTD_FROM && batchCodec(records, 0) === CODEC_ZSTD) {
    return ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
  }
  if (sizeBytes === records.length) return records
  const hasSecond =
    records.length - sizeBytes >= LEAST_BATCH_BYTES &&
    batchSizeBytes(records, sizeBytes) <= records.length - sizeBytes
  return hasSecond ? ErrorCode.INVALID_RECORD : records.subarray(0, sizeBytes)
}

function refusal(errorCode: number): Answer {
  return {
    errorCode,
    errorMessage: null,
    info: null,
    logStartOffset: -1,
    recordErrors: [],
    currentLeader: null,
  }
}

function respond(
  services: BrokerServices,
  context: RequestContext,
  request: ProduceRequest,
  answers: readonly Answer[],
) {
  const leaders = new Set<number>()
  let next = 0
  const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => {
      const answer = answers[next++] as Answer
      noteLeader(leaders, answer)
      const { info, errorCode, errorMessage, logStartOffset, currentLeader } = answer
      return {
        index,
        errorCode,
        errorMessage,
        baseOffset: info?.firstOffset ?? -1,
        logAppendTimeMs: info?.logAppendTimeMs ?? -1,
        logStartOffset,
        recordErrors: answer.recordErrors.map(({ batchIndex, message }) => ({
          batchIndex,
          batchIndexErrorMessage: message,
        })),
        currentLeader: currentLeader ?? undefined,
      }
    }),
  }))
  return { responses, nodeEndpoints: endpointsOf(services, context, leaders) }
}
