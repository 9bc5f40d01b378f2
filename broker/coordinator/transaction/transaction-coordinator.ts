// The transaction coordinator of this broker: one shard for each partition of `__transaction_state` led here.
// Called by the handlers 22, 24 to 26, 65 and 66. Every answer that promises something was committed before.
import type { Encodable } from '../../../protocol/api.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from '../../../protocol/schemas/22-init-producer-id.ts'
import type {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../../protocol/schemas/24-add-partitions-to-txn.ts'
import type {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from '../../../protocol/schemas/25-add-offsets-to-txn.ts'
import type { EndTxnRequest, EndTxnResponse } from '../../../protocol/schemas/26-end-txn.ts'
import type {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../../protocol/schemas/65-describe-transactions.ts'
import type {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../../protocol/schemas/66-list-transactions.ts'
import { TRANSACTION_VERSION_FEATURE } from '../../metadata/bootstrap.ts'
import type { MetadataView } from '../../metadata/image-types.ts'
import type { RequestContext } from '../../network/types.ts'
import type { Replicas } from '../../replication/types.ts'
import type { Runtime, TimerHandle } from '../../runtime/runtime.ts'
import { replayLog } from '../log-loader.ts'
import { LogWriter, type LogWriterSettings } from '../log-writer.ts'
import { partitionForKey } from '../partition-for.ts'
import type { TransactionCoordinator } from '../types.ts'
import { describeTransaction, listTransactions } from './describe.ts'
import type { MarkerSender } from './marker-sender.ts'
import {
  isPrepared,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  partitionName,
  partitionsByTopic,
  type TransactionMetadata,
} from './metadata.ts'
import { TransactionShard } from './shard.ts'
import {
  completed,
  type Decision,
  type DecisionContext,
  decideAddPartitions,
  decideEnd,
  decideInit,
  fenced,
  isTimedOut,
  type Transaction,
  verifyPartitions,
} from './transitions.ts'

export const TRANSACTION_TOPIC = '__transaction_state'

export interface TransactionCoordinatorSettings extends LogWriterSettings {
  /** transaction.state.log.num.partitions: where the topic does not exist yet. */
  topicPartitions: number
  /** transaction.max.timeout.ms */
  maxTimeoutMs: number
  /** transaction.abort.timed.out.transaction.cleanup.interval.ms */
  abortIntervalMs: number
  /** transactional.id.expiration.ms */
  expirationMs: number
  /** transaction.remove.expired.transaction.cleanup.interval.ms */
  expiryIntervalMs: number
  /** transaction.two.phase.commit.enable */
  isTwoPhaseCommitEnabled: boolean
  /** Pause before the end of a transaction is written again. */
  retryBackoffMs: number
}

export interface TransactionCoordinatorOptions {
  runtime: Runtime
  replicas: Replicas
  metadata: MetadataView
  /** Resolves to an id that nobody else has; rejects with KafkaError. */
  producerIds: { next(): Promise<number> }
  markers: MarkerSender
  /** Partition of `__consumer_offsets` that keeps a group. */
  groupPartitionFor: (groupId: string) => number
  offsetsTopic: string
  settings: TransactionCoordinatorSettings
}

/** `metadata` as it stands after the call; null with most errors. */
interface Outcome {
  errorCode: number
  metadata: TransactionMetadata | null
}

const failed = (errorCode: number): Outcome => ({ errorCode, metadata: null })

/** From these versions on clients know PRODUCER_FENCED; before it is INVALID_PRODUCER_EPOCH to them. */
const INIT_KNOWS_FENCED_SINCE = 4
const KNOWS_FENCED_SINCE = 2
/** From these versions on the request speaks transaction.version 2. */
const END_BUMPS_EPOCH_SINCE = 5
const ADD_BUMPS_EPOCH_SINCE = 5
const WITH_EPOCH_BUMP = 2
const LOADS_KEPT_MS = 30_000

function forClient(errorCode: number, isFencedKnown: boolean): number {
  const isOld = errorCode === ErrorCode.PRODUCER_FENCED && !isFencedKnown
  return isOld ? ErrorCode.INVALID_PRODUCER_EPOCH : errorCode
}

export class LogTransactionCoordinator implements TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions
  readonly #shards = new Map<number, TransactionShard>()
  /** Of partitions loaded lately, by when that ended; both by the monotonic clock. */
  #loads: { atMs: number; tookMs: number }[] = []
  #abortTimer: TimerHandle | null = null
  #expiryTimer: TimerHandle | null = null
  #isShutdown = false

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options
    options.replicas.onLeadership(TRANSACTION_TOPIC, {
      elected: (partition, leaderEpoch) => void this.#elected(partition, leaderEpoch),
      resigned: (partition) => this.#resigned(partition),
    })
    this.#scheduleAborts()
    this.#scheduleExpiry()
  }

  // ---- shards

  partitionFor(transactionalId: string): number {
    const { metadata, settings } = this.#options
    const topic = metadata.image.topicsByName.get(TRANSACTION_TOPIC)
    return partitionForKey(transactionalId, topic?.partitions.length ?? settings.topicPartitions)
  }

  /** transaction.version as finalized; 0 where the feature is not. */
  get #transactionVersion(): number {
    return this.#options.metadata.image.features.get(TRANSACTION_VERSION_FEATURE) ?? 0
  }

  async #elected(partition: number, leaderEpoch: number): Promise<void> {
    if (this.#isShutdown) return
    const { runtime, replicas, settings, markers } = this.#options
    this.#shards.get(partition)?.close()
    const tp = { topic: TRANSACTION_TOPIC, partition }
    const shard = new TransactionShard({
      partition,
      coordinatorEpoch: leaderEpoch,
      runtime,
      markers,
      writer: new LogWriter({ tp, replicas, runtime, settings }),
      transactionVersion: () => this.#transactionVersion,
      retryBackoffMs: settings.retryBackoffMs,
    })
    this.#shards.set(partition, shard)
    const startedMs = runtime.clock.monotonicMs()
    const isWanted = () => shard.state === 'loading'
    try {
      const log = replicas.get(tp)?.log
      if (log == null) throw new Error('this broker has no log of it')
      const isThrough = await replayLog(log, {
        record: (record) => shard.replay(record),
        marker: () => undefined,
        isWanted,
      })
      if (!isThrough || !isWanted()) return
      shard.activate()
      const atMs = runtime.clock.monotonicMs()
      this.#loads = [...this.#recentLoads(atMs), { atMs, tookMs: atMs - startedMs }]
    } catch (error) {
      runtime.logger.log('error', `loading ${TRANSACTION_TOPIC}-${partition} failed`, { error })
      if (this.#shards.get(partition) === shard) this.#resigned(partition)
    }
  }

  #resigned(partition: number): void {
    const shard = this.#shards.get(partition)
    this.#shards.delete(partition)
    shard?.close()
  }

  #recentLoads(nowMs: number): { atMs: number; tookMs: number }[] {
    return this.#loads.filter(({ atMs }) => nowMs - atMs < LOADS_KEPT_MS)
  }

  /** For metrics, as Kafka has them: of the partitions loaded within half a minute. */
  loadTimes(): { maxMs: number; averageMs: number } {
    const times = this.#recentLoads(this.#options.runtime.clock.monotonicMs())
    const took = times.map(({ tookMs }) => tookMs)
    if (took.length === 0) return { maxMs: Number.NaN, averageMs: Number.NaN }
    const sum = took.reduce((total, tookMs) => total + tookMs, 0)
    return { maxMs: Math.max(...took), averageMs: sum / took.length }
  }

  /** For metrics: ends of transactions that wait to be written. */
  get retryCount(): number {
    let count = 0
    for (const shard of this.#active()) count += shard.retryCount
    return count
  }

  *#active(): Generator<TransactionShard> {
    for (const shard of this.#shards.values()) if (shard.state === 'active') yield shard
  }

  /** The shard of an id, or the error that its client should hear. */
  #shardOf(transactionalId: string): TransactionShard | number {
    if (this.#isShutdown) return ErrorCode.COORDINATOR_NOT_AVAILABLE
    const shard = this.#shards.get(this.partitionFor(transactionalId))
    if (shard === undefined || shard.state === 'closed') return ErrorCode.NOT_COORDINATOR
    return shard.state === 'loading' ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : shard
  }

  async shutdown(): Promise<void> {
    this.#isShutdown = true
    const { timers } = this.#options.runtime
    timers.clear(this.#abortTimer)
    timers.clear(this.#expiryTimer)
    for (const partition of [...this.#shards.keys()]) this.#resigned(partition)
    this.#options.markers.close()
  }

  // ---- what time brings

  #scheduleAborts(): void {
    const { runtime, settings } = this.#options
    this.#abortTimer = runtime.timers.set(settings.abortIntervalMs, () => {
      this.#abortTimedOut()
      this.#scheduleAborts()
    })
  }

  #abortTimedOut(): void {
    const { clock, logger } = this.#options.runtime
    const nowMs = clock.nowMs()
    for (const shard of this.#active()) {
      for (const [transactionalId, transaction] of shard.transactions) {
        if (!isTimedOut(transaction, nowMs)) continue
        const next = fenced(transaction.metadata, this.#transactionVersion, nowMs)
        shard.write(transactionalId, transaction, next, (errorCode) => {
          const fields = { transactionalId, errorCode }
          logger.log('info', 'A transaction that took too long is aborted', fields)
        })
      }
    }
  }

  #scheduleExpiry(): void {
    const { runtime, settings } = this.#options
    this.#expiryTimer = runtime.timers.set(settings.expiryIntervalMs, () => {
      for (const shard of this.#active()) shard.expire(settings.expirationMs)
      this.#scheduleExpiry()
    })
  }

  // ---- decisions

  /** Decides, perhaps twice when it takes a new producer id, and writes what was decided. */
  async #carryOut(
    transactionalId: string,
    decide: (transaction: Transaction, context: DecisionContext) => Decision,
    create: { timeoutMs: number } | null = null,
  ): Promise<Outcome> {
    let spareProducerId: number | null = null
    for (;;) {
      const shard = this.#shardOf(transactionalId)
      if (typeof shard === 'number') return failed(shard)
      let transaction = shard.get(transactionalId)
      if (transaction === null && create === null) {
        return failed(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
      }
      if (transaction === null && spareProducerId !== null) {
        transaction = shard.getOrCreate(transactionalId, spareProducerId, create?.timeoutMs ?? 0)
      }
      const nowMs = this.#options.runtime.clock.nowMs()
      const decision: Decision =
        transaction === null
          ? { type: 'needsProducerId' }
          : decide(transaction, { nowMs, spareProducerId })
      if (decision.type === 'needsProducerId' || transaction === null) {
        const producerId = await this.#nextProducerId()
        if ('errorCode' in producerId) return failed(producerId.errorCode)
        spareProducerId = producerId.id
        continue
      }
      const { metadata } = transaction
      if (decision.type === 'refuse') return { errorCode: decision.errorCode, metadata }
      const { next } = decision
      const errorCode = await new Promise<number>((resolve) =>
        shard.write(transactionalId, transaction, next, resolve),
      )
      if (errorCode !== ErrorCode.NONE) return failed(errorCode)
      // The transaction in the way is being aborted: the client comes again.
      if (decision.type === 'fence') return failed(ErrorCode.CONCURRENT_TRANSACTIONS)
      return { errorCode, metadata: next }
    }
  }

  async #nextProducerId(): Promise<{ id: number } | { errorCode: number }> {
    try {
      return { id: await this.#options.producerIds.next() }
    } catch (error) {
      if (error instanceof KafkaError) return { errorCode: error.code }
      throw error
    }
  }

  // ---- requests

  async initProducerId(
    context: RequestContext,
    request: InitProducerIdRequest,
  ): Promise<Encodable<InitProducerIdResponse>> {
    const refused = (errorCode: number) => ({
      errorCode: forClient(errorCode, context.apiVersion >= INIT_KNOWS_FENCED_SINCE),
      producerId: NO_PRODUCER_ID,
      producerEpoch: NO_PRODUCER_EPOCH,
    })
    const { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch } = request
    const isNew = producerId === NO_PRODUCER_ID
    if (isNew !== (producerEpoch === NO_PRODUCER_EPOCH)) return refused(ErrorCode.INVALID_REQUEST)
    if (transactionalId === null) {
      const next = await this.#nextProducerId()
      if ('errorCode' in next) return refused(next.errorCode)
      return { errorCode: ErrorCode.NONE, producerId: next.id, producerEpoch: 0 }
    }
    const refusal = this.#initRefusal(request)
    if (refusal !== ErrorCode.NONE) return refused(refusal)
    const outcome = await this.#carryOut(
      transactionalId,
      (transaction, decisionContext) =>
        decideInit(
          transaction,
          {
            timeoutMs,
            expected: isNew ? null : { producerId, producerEpoch },
            transactionVersion: this.#transactionVersion,
          },
          decisionContext,
        ),
      { timeoutMs },
    )
    const { errorCode, metadata } = outcome
    if (errorCode !== ErrorCode.NONE || metadata === null) return refused(errorCode)
    return {
      errorCode,
      producerId: metadata.producerId,
      producerEpoch: metadata.producerEpoch,
    }
  }

  #initRefusal(request: InitProducerIdRequest): number {
    const { maxTimeoutMs, isTwoPhaseCommitEnabled } = this.#options.settings
    const { transactionalId, transactionTimeoutMs, enable2Pc, keepPreparedTxn } = request
    if (transactionalId === '') return ErrorCode.INVALID_REQUEST
    if (enable2Pc && !isTwoPhaseCommitEnabled) {
      return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    }
    if (keepPreparedTxn) return ErrorCode.UNSUPPORTED_VERSION
    return transactionTimeoutMs > 0 && transactionTimeoutMs <= maxTimeoutMs
      ? ErrorCode.NONE
      : ErrorCode.INVALID_TRANSACTION_TIMEOUT
  }

  /** In the shape of version 4 and later; the handler turns older ones into it and back. */
  async addPartitions(
    context: RequestContext,
    request: AddPartitionsToTxnRequest,
  ): Promise<Encodable<AddPartitionsToTxnResponse>> {
    const { apiVersion } = context
    const resultsByTransaction = request.transactions.map(async (asked) => {
      const { transactionalId, topics, verifyOnly } = asked
      const partitions = topics.flatMap(({ name, partitions }) =>
        partitions.map((partition) => partitionName(name, partition)),
      )
      const codes = verifyOnly
        ? this.#verify(transactionalId, { ...asked, partitions })
        : await this.#add(transactionalId, {
            ...asked,
            partitions,
            transactionVersion: apiVersion >= ADD_BUMPS_EPOCH_SINCE ? WITH_EPOCH_BUMP : 0,
          })
      const codeOf = new Map(partitions.map((name, i) => [name, codes[i] ?? ErrorCode.NONE]))
      const isFencedKnown = apiVersion >= KNOWS_FENCED_SINCE
      return {
        transactionalId,
        topicResults: [...partitionsByTopic(partitions)].map(([name, indexes]) => ({
          name,
          resultsByPartition: indexes.map((partitionIndex) => {
            const code = codeOf.get(partitionName(name, partitionIndex)) ?? ErrorCode.NONE
            return { partitionIndex, partitionErrorCode: forClient(code, isFencedKnown) }
          }),
        })),
      }
    })
    return {
      errorCode: ErrorCode.NONE,
      resultsByTransaction: await Promise.all(resultsByTransaction),
    }
  }

  #verify(transactionalId: string, request: Parameters<typeof verifyPartitions>[1]): number[] {
    const all = (errorCode: number) => request.partitions.map(() => errorCode)
    if (transactionalId === '') return all(ErrorCode.INVALID_REQUEST)
    const shard = this.#shardOf(transactionalId)
    if (typeof shard === 'number') return all(shard)
    const transaction = shard.get(transactionalId)
    if (transaction === null) return all(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    return verifyPartitions(transaction, request)
  }

  async #add(
    transactionalId: string,
    request: Parameters<typeof decideAddPartitions>[1],
  ): Promise<number[]> {
    const { errorCode } =
      transactionalId === ''
        ? failed(ErrorCode.INVALID_REQUEST)
        : await this.#carryOut(transactionalId, (transaction, { nowMs }) =>
            decideAddPartitions(transaction, request, nowMs),
          )
    return request.partitions.map(() => errorCode)
  }

  async addOffsets(
    context: RequestContext,
    request: AddOffsetsToTxnRequest,
  ): Promise<Encodable<AddOffsetsToTxnResponse>> {
    const { transactionalId, producerId, producerEpoch, groupId } = request
    const { offsetsTopic, groupPartitionFor } = this.#options
    const [code] = await this.#add(transactionalId, {
      producerId,
      producerEpoch,
      partitions: [partitionName(offsetsTopic, groupPartitionFor(groupId))],
      transactionVersion: 0,
    })
    const isFencedKnown = context.apiVersion >= KNOWS_FENCED_SINCE
    return { errorCode: forClient(code ?? ErrorCode.NONE, isFencedKnown) }
  }

  async endTransaction(
    context: RequestContext,
    request: EndTxnRequest,
  ): Promise<Encodable<EndTxnResponse>> {
    const { transactionalId, producerId, producerEpoch, committed: isCommit } = request
    const transactionVersion = context.apiVersion >= END_BUMPS_EPOCH_SINCE ? WITH_EPOCH_BUMP : 0
    const asked = { producerId, producerEpoch, isCommit, transactionVersion }
    const { errorCode, metadata } =
      transactionalId === ''
        ? failed(ErrorCode.INVALID_REQUEST)
        : await this.#carryOut(transactionalId, (transaction, decisionContext) =>
            decideEnd(transaction, asked, decisionContext),
          )
    if (errorCode !== ErrorCode.NONE || metadata === null) {
      return { errorCode: forClient(errorCode, context.apiVersion >= KNOWS_FENCED_SINCE) }
    }
    // Told now, though the markers are still on their way: what the producer is in its next transaction.
    const isPrepare = isPrepared(metadata.state)
    const after = isPrepare ? completed(metadata, metadata.lastUpdateMs) : metadata
    return { errorCode, producerId: after.producerId, producerEpoch: after.producerEpoch }
  }

  // ---- administration

  async describe(
    _context: RequestContext,
    request: DescribeTransactionsRequest,
  ): Promise<Encodable<DescribeTransactionsResponse>> {
    return {
      transactionStates: request.transactionalIds.map((transactionalId) => {
        if (transactionalId === '') {
          return { transactionalId, errorCode: ErrorCode.INVALID_REQUEST }
        }
        const shard = this.#shardOf(transactionalId)
        if (typeof shard === 'number') return { transactionalId, errorCode: shard }
        return describeTransaction(shard, transactionalId)
      }),
    }
  }

  async list(
    _context: RequestContext,
    request: ListTransactionsRequest,
  ): Promise<Encodable<ListTransactionsResponse>> {
    if (this.#isShutdown) return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }
    for (const shard of this.#shards.values()) {
      if (shard.state === 'loading') return { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS }
    }
    return listTransactions(this.#active(), request, this.#options.runtime.clock.nowMs())
  }
}
