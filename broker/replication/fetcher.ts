// Follows one leader broker: one connection, one Fetch at a time for all partitions followed from it; the
// next is sent as soon as the last answer is in the logs. Owned by FetcherManager. Holds no state that a
// crash could lose: every fetch starts at the log's end.
import { ErrorCode } from '../../protocol/errors.ts'
import { Fetch, type FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import { ListOffsets } from '../../protocol/schemas/02-list-offsets.ts'
import { connectPeer } from '../network/peer-client.ts'
import type { PeerClient } from '../network/types.ts'
import type { Endpoint, Logger, Runtime, TimerHandle } from '../runtime/runtime.ts'
import { FetchSessionClient } from './fetch-session-client.ts'
import type { FetcherStats, PartitionLag } from './fetcher-stats.ts'
import type { Partition } from './partition.ts'
import { ListOffsetsTimestamp } from './partition-offsets.ts'
import type { ReplicationQuota } from './replication-quota.ts'
import {
  type AskedPartition,
  type FetchedPartition,
  type FollowedPartition,
  type LeaderOffsets,
  takeFetched,
} from './take-fetched.ts'
import type { BrokerStats } from './topic-stats.ts'

export interface FetcherSettings {
  brokerId: number
  /** replica.fetch.max.bytes, per partition. */
  replicaFetchMaxBytes: number
  replicaFetchResponseMaxBytes: number
  replicaFetchMinBytes: number
  replicaFetchWaitMaxMs: number
  /** Longest wait of a fetcher that has had nothing to do for a while. */
  idleFetchWaitMaxMs: number
  /** Longest pause after errors; the first are shorter. */
  replicaFetchBackoffMs: number
  replicaSocketTimeoutMs: number
}

export interface FetcherOptions {
  runtime: Runtime
  settings: FetcherSettings
  leaderId: number
  name: string
  /** Where the leader is now; null: not known. Asked before every connection. */
  endpoint: () => Endpoint | null
  localBrokerEpoch: () => number
  stats: BrokerStats
  /** Of what throttled replicas fetch. */
  quota: ReplicationQuota
  fetcherStats: FetcherStats
  logger: Logger
}

const FIRST_BACKOFF_MS = 20
const QUIET_BEFORE_IDLE = 4

/**
 * While thousands of partitions are made or change hands, each answer brings news of a few of them, and both sides look
 * at all of them each time: pauses let news gather. Answers with records are followed by the next fetch at once.
 */
const LARGE_FETCH_PARTITIONS = 500
const PARTITIONS_PER_PAUSE_MS = 40

export class ReplicaFetcher {
  readonly #options: FetcherOptions
  readonly #followed = new Map<Partition, FollowedPartition>()
  readonly #leaderOffsets: LeaderOffsets
  readonly #session = new FetchSessionClient()
  #client: PeerClient | null = null
  #isClosed = false
  #wake: (() => void) | null = null
  #failureCount = 0
  /** Answers in a row that brought nothing. */
  #quietCount = 0
  /** Of records, by the last answer. */
  #takenBytes = 0

  constructor(options: FetcherOptions) {
    this.#options = options
    this.#leaderOffsets = {
      latest: (asked) => this.#leaderOffset(asked, ListOffsetsTimestamp.LATEST),
      earliest: (asked) => this.#leaderOffset(asked, ListOffsetsTimestamp.EARLIEST),
    }
    void this.#run()
  }

  get size(): number {
    return this.#followed.size
  }

  get parkedCount(): number {
    let count = 0
    for (const followed of this.#followed.values()) if (followed.isParked) count += 1
    return count
  }

  get maxLagRecords(): number {
    let max = 0
    for (const followed of this.#followed.values()) max = Math.max(max, followed.lagRecords ?? 0)
    return max
  }

  /** Of each followed partition whose lag is known. */
  *lags(): Generator<PartitionLag> {
    const { clientId } = this.#options.fetcherStats
    for (const [{ topic, partition }, { lagRecords }] of this.#followed) {
      if (lagRecords !== null) yield { clientId, topic, partition, lagRecords }
    }
  }

  /** Requests a second, over about a minute. */
  get requestRate(): number {
    return this.#options.fetcherStats.requestRate
  }

  /** Follows `partition` in `leaderEpoch` from the end of its log on. */
  add(partition: Partition, leaderEpoch: number): void {
    this.#followed.set(partition, {
      partition,
      leaderEpoch,
      delayedUntilMs: Number.NEGATIVE_INFINITY,
      failureCount: 0,
      lagRecords: null,
      isParked: false,
      processing: null,
    })
    this.#quietCount = 0
    this.#wakeUp()
  }

  /** Resolves once nothing of an answer is written to the partition's log any more. */
  async remove(partition: Partition): Promise<void> {
    const followed = this.#followed.get(partition)
    if (followed === undefined) return
    this.#followed.delete(partition)
    await followed.processing
  }

  close(): void {
    this.#isClosed = true
    this.#options.fetcherStats.remove()
    this.#client?.close()
    this.#wakeUp()
  }

  async #run(): Promise<void> {
    const { clock } = this.#options.runtime
    while (!this.#isClosed) {
      const ready = this.#readyPartitions(clock.monotonicMs())
      if (ready.length === 0) {
        await this.#sleep(this.#nextDueMs() - clock.monotonicMs())
        continue
      }
      try {
        const sentMs = clock.monotonicMs()
        const client = this.#connected()
        const asked = this.#session.admit(ready)
        const isAll = asked.length === ready.length
        const response = await this.#fetch(client, asked, isAll ? this.#waitMs(asked) : 0)
        if (!this.#isClosed) await this.#take(asked, response)
        this.#failureCount = 0
        if (!this.#isClosed && isAll) {
          await this.#pause(asked.length, clock.monotonicMs() - sentMs)
        }
      } catch (error) {
        if (this.#isClosed) return
        await this.#onRequestError(error)
      }
    }
  }

  #readyPartitions(nowMs: number): AskedPartition[] {
    const asked: AskedPartition[] = []
    for (const followed of this.#followed.values()) {
      const { log } = followed.partition
      if (followed.isParked || followed.delayedUntilMs > nowMs || log === null) continue
      if (this.#isHeldBack(followed)) continue
      asked.push({ followed, log, fetchOffset: log.logEndOffset })
    }
    return asked
  }

  /** Thousands of idle partitions are not asked for twice a second: the leader answers as soon as there is news. */
  #waitMs(asked: readonly AskedPartition[]): number {
    const { replicaFetchWaitMaxMs, idleFetchWaitMaxMs } = this.#options.settings
    const isQuiet = this.#quietCount >= QUIET_BEFORE_IDLE && asked.length === this.#followed.size
    if (!isQuiet || asked.some(({ followed }) => followed.lagRecords !== 0)) {
      return replicaFetchWaitMaxMs
    }
    const doublings = Math.min(this.#quietCount - QUIET_BEFORE_IDLE + 1, 10)
    const growingMs = replicaFetchWaitMaxMs * 2 ** doublings
    return Math.max(replicaFetchWaitMaxMs, Math.min(growingMs, idleFetchWaitMaxMs))
  }

  #nextDueMs(): number {
    const { settings, runtime } = this.#options
    const quotaCheckMs = runtime.clock.monotonicMs() + settings.replicaFetchBackoffMs
    let dueMs = Number.POSITIVE_INFINITY
    for (const followed of this.#followed.values()) {
      if (followed.isParked) continue
      const readyMs = this.#isHeldBack(followed) ? quotaCheckMs : followed.delayedUntilMs
      dueMs = Math.min(dueMs, readyMs)
    }
    return dueMs
  }

  /** Throttled while the quota is used up, unless it has all the leader has: it would leave the ISR. */
  #isHeldBack({ partition, lagRecords }: FollowedPartition): boolean {
    const { quota } = this.#options
    return lagRecords !== 0 && quota.isThrottled(partition) && quota.isExceeded()
  }

  #fetch(
    client: PeerClient,
    asked: readonly AskedPartition[],
    maxWaitMs: number,
  ): Promise<FetchResponse> {
    const { settings, localBrokerEpoch } = this.#options
    return client.send(
      Fetch,
      {
        replicaId: settings.brokerId,
        replicaState: { replicaId: settings.brokerId, replicaEpoch: localBrokerEpoch() },
        maxWaitMs,
        minBytes: settings.replicaFetchMinBytes,
        maxBytes: settings.replicaFetchResponseMaxBytes,
        ...this.#session.build(asked, settings.replicaFetchMaxBytes),
      },
      { timeoutMs: settings.replicaSocketTimeoutMs },
    )
  }

  async #take(asked: readonly AskedPartition[], response: FetchResponse): Promise<void> {
    const isPartial = this.#session.isIncremental
    this.#takenBytes = 0
    if (!this.#session.accept(response)) return
    if (response.errorCode !== ErrorCode.NONE) {
      throw new Error(`the leader refused the whole fetch with error ${response.errorCode}`)
    }
    const answers = answersByPartition(response)
    const takings: Promise<void>[] = []
    let sizeBytes = 0
    for (const one of asked) {
      const { partition } = one.followed
      if (this.#followed.get(partition) !== one.followed) continue
      const answer =
        answers.get(partition.topicId)?.get(partition.partition) ??
        answers.get(partition.topic)?.get(partition.partition)
      if (answer === undefined) {
        if (!isPartial) this.#delay(one.followed)
        continue
      }
      const recordBytes = answer.records?.length ?? 0
      sizeBytes += recordBytes
      if (recordBytes > 0) this.#countTaken(partition, recordBytes)
      if (this.#isUneventful(one, answer)) continue
      // Whoever got data goes to the end, so that a full response leaves nobody out for long.
      if (recordBytes > 0) this.#moveToEnd(one.followed)
      const taking = this.#takeOne(one, answer)
      one.followed.processing = taking
      takings.push(taking)
    }
    this.#takenBytes = sizeBytes
    this.#quietCount = takings.length === 0 ? this.#quietCount + 1 : 0
    this.#options.fetcherStats.answered(sizeBytes)
    if (sizeBytes > 0) this.#options.stats.mark('ReplicationBytesInPerSec', sizeBytes)
    if (takings.length > 0) await Promise.all(takings)
  }

  #countTaken(partition: Partition, sizeBytes: number): void {
    const { stats, quota, settings } = this.#options
    if (partition.state.isAdding(settings.brokerId)) {
      stats.mark('ReassignmentBytesInPerSec', sizeBytes)
    }
    if (quota.isThrottled(partition)) quota.record(sizeBytes)
  }

  /** Nothing new but, perhaps, the high watermark: no promise needed. */
  #isUneventful(one: AskedPartition, answer: FetchedPartition): boolean {
    if (answer.errorCode !== ErrorCode.NONE || answer.divergingEpoch.epoch >= 0) return false
    if (answer.records !== null && answer.records.length > 0) return false
    const { followed, log } = one
    if (log.logEndOffset !== one.fetchOffset) return true
    if (answer.logStartOffset > log.logStartOffset) return false
    followed.failureCount = 0
    followed.lagRecords = Math.max(0, answer.highWatermark - log.logEndOffset)
    followed.partition.followHighWatermark(answer.highWatermark)
    return true
  }

  async #takeOne(one: AskedPartition, answer: FetchedPartition): Promise<void> {
    const { followed } = one
    try {
      const result = await takeFetched(one, answer, {
        leaderOffsets: this.#leaderOffsets,
        logger: this.#options.logger,
      })
      if (result === 'ok') followed.failureCount = 0
      else if (result === 'park') followed.isParked = true
      else this.#delay(followed)
    } catch (error) {
      this.#options.logger.log('warn', 'A fetched partition could not be taken', {
        partition: followed.partition.name,
        reason: error instanceof Error ? error.message : String(error),
      })
      this.#delay(followed)
    } finally {
      followed.processing = null
    }
  }

  #delay(followed: FollowedPartition): void {
    followed.delayedUntilMs =
      this.#options.runtime.clock.monotonicMs() + this.#backoffMs(followed.failureCount)
    followed.failureCount += 1
  }

  /** Short at first: after an election the new leader often hears of it a moment later than its followers. */
  #backoffMs(failureCount: number): number {
    const backoffMs = FIRST_BACKOFF_MS * 2 ** Math.min(failureCount, 10)
    return Math.min(backoffMs, this.#options.settings.replicaFetchBackoffMs)
  }

  #moveToEnd(followed: FollowedPartition): void {
    this.#followed.delete(followed.partition)
    this.#followed.set(followed.partition, followed)
  }

  async #onRequestError(error: unknown): Promise<void> {
    this.#client?.close()
    this.#client = null
    if (this.#failureCount === 0) {
      this.#options.logger.log('warn', 'Fetching from a leader failed', {
        leader: this.#options.leaderId,
        reason: error instanceof Error ? error.message : String(error),
      })
    }
    await this.#sleep(this.#backoffMs(this.#failureCount))
    this.#failureCount += 1
  }

  #connected(): PeerClient {
    const { endpoint, runtime, name } = this.#options
    if (this.#client === null || this.#client.state === 'closed') {
      const target = endpoint()
      if (target === null) throw new Error('the address of the leader is not known')
      this.#session.reset()
      this.#client = connectPeer({ endpoint: target, clientId: name, runtime })
      this.#options.fetcherStats.connected(target)
    }
    return this.#client
  }

  async #leaderOffset(asked: AskedPartition, timestampMs: number): Promise<number> {
    const { settings } = this.#options
    const { partition, leaderEpoch } = asked.followed
    const response = await this.#connected().send(
      ListOffsets,
      {
        replicaId: settings.brokerId,
        topics: [
          {
            name: partition.topic,
            partitions: [
              {
                partitionIndex: partition.partition,
                currentLeaderEpoch: leaderEpoch,
                timestamp: timestampMs,
              },
            ],
          },
        ],
      },
      { timeoutMs: settings.replicaSocketTimeoutMs },
    )
    const answer = response.topics[0]?.partitions[0]
    if (answer === undefined || answer.errorCode !== ErrorCode.NONE || answer.offset < 0) {
      throw new Error(`the leader does not tell its offsets: error ${answer?.errorCode}`)
    }
    return answer.offset
  }

  /** After an answer that came soon and brought no records; see PARTITIONS_PER_PAUSE_MS. */
  async #pause(partitionCount: number, tookMs: number): Promise<void> {
    const { settings, runtime } = this.#options
    const isChurn = this.#takenBytes === 0 && tookMs < settings.replicaFetchWaitMaxMs / 2
    if (!isChurn || partitionCount < LARGE_FETCH_PARTITIONS) return
    const pauseMs = partitionCount / PARTITIONS_PER_PAUSE_MS
    await new Promise<void>((resolve) => runtime.timers.set(pauseMs, resolve))
  }

  /** Until woken, or for `delayMs` (not finite: only until woken). */
  async #sleep(delayMs: number): Promise<void> {
    if (this.#isClosed) return
    const { timers } = this.#options.runtime
    let timer: TimerHandle | null = null
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (Number.isFinite(delayMs)) timer = timers.set(Math.max(0, delayMs), resolve)
    })
    timers.clear(timer)
    this.#wake = null
  }

  #wakeUp(): void {
    this.#wake?.()
  }
}

function answersByPartition(response: FetchResponse): Map<string, Map<number, FetchedPartition>> {
  const answers = new Map<string, Map<number, FetchedPartition>>()
  for (const topic of response.responses) {
    const partitions = new Map<number, FetchedPartition>()
    for (const partition of topic.partitions) partitions.set(partition.partitionIndex, partition)
    // Before version 13 topics go by name; the other field is then empty.
    answers.set(topic.topic === '' ? topic.topicId : topic.topic, partitions)
  }
  return answers
}
