// The produce path of a broker: appends to the led partitions and, with acks=all, waits for the high
// watermark. Owned by ReplicaManager. What it acknowledged with acks=all is in every log of the ISR.
import { ErrorCode } from '../../protocol/errors.ts'
import { AppendError, type AppendInfo } from '../log/types.ts'
import type { MetadataView } from '../metadata/image-types.ts'
import type { Clock, Logger, Timers } from '../runtime/runtime.ts'
import type { CommitOutcome, CommitWaiter } from './commit-queue.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { Partition } from './partition.ts'
import {
  currentLeaderOf,
  errorWhenNotHosted,
  isInternalTopic,
  tellsLeader,
} from './partition-lookup.ts'
import { SentAway } from './sent-away.ts'
import type { BrokerStats } from './topic-stats.ts'
import type { LocalProgress, ProduceEntry, ProduceResult, TransactionOperation } from './types.ts'

export interface ProducerGateOptions {
  hosted: HostedPartitions
  metadata: MetadataView
  stats: BrokerStats
  clock: Clock
  timers: Timers
  logger: Logger
  /** Requests waiting for acks=all; further ones are answered REQUEST_TIMED_OUT at once. */
  maxDelayedOperations: number
  /** A request gave up waiting for acks=all. */
  onExpired?: () => void
}

export interface ProduceOptions {
  acks: -1 | 0 | 1
  timeoutMs: number
  origin: 'client' | 'coordinator'
  allowInternalTopics: boolean
  /** Told once all that can be appended here is. */
  times?: LocalProgress | undefined
  transaction?: { transactionalId: string; operation: TransactionOperation }
}

/** An append that stands in this log; acks=all still waits for the others. */
interface Appended {
  readonly partition: Partition
  readonly leaderEpoch: number
  readonly info: AppendInfo
}

/** Refusals that Kafka neither counts as failed requests nor answers with a log start. */
const expectedErrors: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.KAFKA_STORAGE_ERROR,
])

export class ProducerGate {
  readonly #options: ProducerGateOptions
  readonly #sentAway: SentAway
  #delayedCount = 0

  constructor(options: ProducerGateOptions) {
    this.#options = options
    this.#sentAway = new SentAway(options.clock)
  }

  get delayedCount(): number {
    return this.#delayedCount
  }

  /** Every append is queued at its log before this returns a promise. Never rejects. */
  async produce(
    entries: readonly ProduceEntry[],
    options: ProduceOptions,
  ): Promise<ProduceResult[]> {
    const appends = entries.map((entry) => this.#append(entry, options))
    const appended = await Promise.all(appends)
    options.times?.locallyDone()
    if (options.acks === -1) await this.#waitForCommits(appended, options.timeoutMs)
    return appended.map((each) => each.result)
  }

  async #append(
    entry: ProduceEntry,
    options: ProduceOptions,
  ): Promise<{ result: ProduceResult; appended: Appended | null }> {
    const { hosted, metadata, stats } = this.#options
    const partition = hosted.get(entry)
    const topicStats = partition?.stats
    if (topicStats === undefined) stats.mark('TotalProduceRequestsPerSec')
    else topicStats.mark('TotalProduceRequestsPerSec')
    if (!options.allowInternalTopics && isInternalTopic(entry.topic)) {
      return { result: refused(entry, ErrorCode.INVALID_TOPIC_EXCEPTION), appended: null }
    }
    if (partition === null) {
      const error = errorWhenNotHosted(metadata.image, entry)
      this.#sentAway.note(entry)
      return { result: this.#withLeader(refused(entry, error)), appended: null }
    }
    const { leaderEpoch } = partition
    try {
      const info = await partition.appendAsLeader(entry.records, appendOptions(entry, options))
      this.#sentAway.forget(entry)
      if (!info.isDuplicate) {
        partition.stats.mark('BytesInPerSec', info.sizeBytes)
        partition.stats.mark('MessagesInPerSec', info.recordCount)
      }
      if (info.conversion !== undefined) {
        const { recordCount, durationMs, temporaryBytes } = info.conversion
        partition.stats.mark('ProduceMessageConversionsPerSec', recordCount)
        options.times?.converted?.(durationMs, temporaryBytes)
      }
      return { result: accepted(entry, info), appended: { partition, leaderEpoch, info } }
    } catch (error) {
      return { result: this.#withLeader(this.#failure(entry, partition, error)), appended: null }
    }
  }

  async #waitForCommits(
    appends: readonly { result: ProduceResult; appended: Appended | null }[],
    timeoutMs: number,
  ): Promise<void> {
    const waiting: { result: ProduceResult; appended: Appended }[] = []
    for (const { result, appended } of appends) {
      if (appended === null) continue
      const outcome = commitState(appended)
      if (outcome === null) waiting.push({ result, appended })
      else this.#settle(result, appended, outcome)
    }
    if (waiting.length === 0) return
    if (this.#delayedCount >= this.#options.maxDelayedOperations) {
      for (const { result } of waiting) fail(result, ErrorCode.REQUEST_TIMED_OUT)
      return
    }
    this.#delayedCount += 1
    await this.#waitUntil(waiting, timeoutMs)
    this.#delayedCount -= 1
  }

  #waitUntil(
    waiting: readonly { result: ProduceResult; appended: Appended }[],
    timeoutMs: number,
  ): Promise<void> {
    const { timers } = this.#options
    return new Promise((resolve) => {
      let pendingCount = waiting.length
      const cancels: { partition: Partition; waiter: CommitWaiter; result: ProduceResult }[] = []
      const timer = timers.set(timeoutMs, () => {
        for (const { partition, waiter, result } of cancels) {
          if (waiter.settle === null) continue
          partition.commits.cancel(waiter)
          this.#options.onExpired?.()
          fail(result, ErrorCode.REQUEST_TIMED_OUT)
        }
        resolve()
      })
      for (const { result, appended } of waiting) {
        const { partition, info } = appended
        const waiter = partition.commits.add(info.lastOffset + 1, (outcome) => {
          this.#settle(result, appended, outcome)
          pendingCount -= 1
          if (pendingCount > 0) return
          timers.clear(timer)
          resolve()
        })
        cancels.push({ partition, waiter, result })
      }
    })
  }

  #settle(result: ProduceResult, appended: Appended, outcome: CommitOutcome): void {
    if (outcome === 'lost') {
      const { image } = this.#options.metadata
      fail(result, errorWhenNotHosted(image, result))
      result.currentLeader = currentLeaderOf(image, result)
    } else if (!appended.partition.hasEnoughReplicas()) {
      fail(result, ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
    }
  }

  #failure(entry: ProduceEntry, partition: Partition, error: unknown): ProduceResult {
    if (!(error instanceof AppendError)) {
      partition.stats.mark('FailedProduceRequestsPerSec')
      this.#options.logger.log('error', 'An append failed', { partition: partition.name, error })
      return refused(entry, ErrorCode.UNKNOWN_SERVER_ERROR)
    }
    const result = refused(entry, this.#refusalOf(entry, error))
    const isTooLarge =
      error.code === ErrorCode.MESSAGE_TOO_LARGE || error.code === ErrorCode.RECORD_LIST_TOO_LARGE
    if (isTooLarge) partition.stats.mark('BytesRejectedPerSec', entry.records.length)
    if (error.code === ErrorCode.CORRUPT_MESSAGE) {
      partition.stats.mark('InvalidMessageCrcRecordsPerSec')
    }
    if (expectedErrors.has(result.errorCode)) return result
    partition.stats.mark('FailedProduceRequestsPerSec')
    result.logStartOffset = partition.log?.logStartOffset ?? -1
    if (error.recordErrors.length > 0 || error.code === ErrorCode.INVALID_RECORD) {
      result.recordErrors = error.recordErrors
      result.errorMessage = error.message
    }
    return result
  }

  #refusalOf(entry: ProduceEntry, { code }: AppendError): number {
    if (code === ErrorCode.NOT_LEADER_OR_FOLLOWER) this.#sentAway.note(entry)
    const isBehind =
      code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && this.#sentAway.isBehind(entry)
    return isBehind ? ErrorCode.NOT_LEADER_OR_FOLLOWER : code
  }

  #withLeader(result: ProduceResult): ProduceResult {
    if (tellsLeader(result.errorCode)) {
      result.currentLeader = currentLeaderOf(this.#options.metadata.image, result)
    }
    return result
  }
}

/** null: the high watermark has yet to get there. */
function commitState({ partition, leaderEpoch, info }: Appended): CommitOutcome | null {
  if (!partition.hasLedSince(leaderEpoch)) return 'lost'
  return partition.highWatermark > info.lastOffset ? 'committed' : null
}

function appendOptions(entry: ProduceEntry, { origin, acks }: ProduceOptions) {
  const { verificationGuard = null, transactionVersion = 0 } = entry
  return { origin, acks, verificationGuard, transactionVersion }
}

function accepted(entry: ProduceEntry, info: AppendInfo): ProduceResult {
  return {
    topic: entry.topic,
    partition: entry.partition,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    info,
    logStartOffset: info.logStartOffset,
    recordErrors: [],
    currentLeader: null,
  }
}

function refused(entry: ProduceEntry, errorCode: number): ProduceResult {
  return {
    topic: entry.topic,
    partition: entry.partition,
    errorCode,
    errorMessage: null,
    info: null,
    logStartOffset: -1,
    recordErrors: [],
    currentLeader: null,
  }
}

/** As in Kafka an append that stands keeps its offsets in the answer, whatever became of its commit. */
function fail(result: ProduceResult, errorCode: number): void {
  result.errorCode = errorCode
}
