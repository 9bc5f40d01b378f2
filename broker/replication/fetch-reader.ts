// The fetch path of a broker: takes followers' positions, reads within the byte limits, waits when there is
// too little to answer. Owned by ReplicaManager. Record bytes pass through untouched.
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { type AbortedTransaction, AppendError, type Log, type ReadResult } from '../log/types.ts'
import type { MetadataView } from '../metadata/image-types.ts'
import type { Logger, Timers } from '../runtime/runtime.ts'
import { TurnShare } from '../runtime/turns.ts'
import { type Purgatory, Watchers } from './delayed-operations.ts'
import {
  endOffsetFor,
  failed,
  isAsPlanned,
  isCommittedOnly,
  isFollower,
  type Plan,
  plannedAt,
  readableBytes,
} from './fetch-plan.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { Partition } from './partition.ts'
import { currentLeaderOf, errorWhenNotHosted, tellsLeader } from './partition-lookup.ts'
import { preferredReadReplica } from './replica-selector.ts'
import type { ReplicationQuota } from './replication-quota.ts'
import type { BrokerStats } from './topic-stats.ts'
import type { FetchEntry, FetchOptions, FetchResult } from './types.ts'

export interface FetchReaderOptions {
  hosted: HostedPartitions
  metadata: MetadataView
  timers: Pick<Timers, 'immediate'>
  purgatory: Purgatory
  stats: BrokerStats
  logger: Logger
  /** fetch.max.bytes: no response is asked to be larger. */
  fetchMaxBytes: number
  /** replica.selector.class: consumers are sent to a replica in their rack. */
  isRackAware: boolean
  /** Of what throttled followers are sent. */
  quota: ReplicationQuota
  /** A wait ran out its time. */
  onExpired: (fetcherType: 'consumer' | 'follower') => void
}

interface ReadOutcome {
  errorCode: number
  records: Buffer
  aborted: readonly AbortedTransaction[]
  options: FetchOptions
}

interface Outcome {
  readonly results: FetchResult[]
  readonly sizeBytes: number
  /** An error or divergence that the client should hear of at once. */
  readonly isUrgent: boolean
  /** A byte limit left something unread. */
  readonly isLimited: boolean
}

const NO_RECORDS: Buffer = Buffer.alloc(0)
/** replica.fetch.wait.max.ms by default: who waits no longer is told of a new high watermark in time. */
const PROMPT_WAIT_MS = 500
const NONE_ABORTED: readonly AbortedTransaction[] = []
/** Planned, or read, in one turn of the event loop. */
const ENTRIES_PER_TURN = 1500

export class FetchReader {
  readonly #options: FetchReaderOptions
  /** Parked fetches by follower id. */
  readonly #byFollower = new Map<number, Watchers>()

  constructor(options: FetchReaderOptions) {
    this.#options = options
  }

  async fetch(entries: readonly FetchEntry[], options: FetchOptions): Promise<FetchResult[]> {
    const planned = this.#planAll(entries, options, true)
    const plans = planned instanceof Promise ? await planned : planned
    const outcome = await this.#read(plans, options)
    options.times?.locallyDone()
    const mayWait =
      options.maxWaitMs > 0 &&
      plans.length > 0 &&
      outcome.sizeBytes < Math.min(options.minBytes, this.#options.fetchMaxBytes) &&
      !outcome.isUrgent &&
      !outcome.isLimited
    if (!mayWait || this.#hasEnough(plans, outcome.sizeBytes, options)) {
      this.#countBytes(outcome.results, options)
      return outcome.results
    }
    return this.#wait(plans, outcome, options)
  }

  /** Answers the parked fetches of one follower, so that it asks again (with what metadata tells it now). */
  nudgeFollower(brokerId: number): void {
    const watchers = this.#byFollower.get(brokerId)
    if (watchers !== undefined) this.#options.purgatory.force(watchers)
  }

  async #wait(
    plans: readonly Plan[],
    first: Outcome,
    options: FetchOptions,
  ): Promise<FetchResult[]> {
    const watchers: Watchers[] = []
    for (const { partition } of plans) {
      if (partition !== null) watchers.push(partition.fetchWatchers)
    }
    if (isFollower(options)) watchers.push(this.#watchersOf(options.replicaId))
    const reason = await new Promise<'ready' | 'forced' | 'expired'>((resolve) => {
      this.#options.purgatory.watch({
        isReady: () => this.#hasEnough(plans, first.sizeBytes, options),
        complete: resolve,
        watchers,
        timeoutMs: options.maxWaitMs,
      })
    })
    if (reason === 'expired') {
      this.#options.onExpired(isFollower(options) ? 'follower' : 'consumer')
    }
    if (options.isCancelled()) return first.results
    if (reason === 'expired' && plans.every((plan) => isAsPlanned(plan, options))) {
      return first.results
    }
    const entries = plans.map(({ entry }) => entry)
    const planned = this.#planAll(entries, options, false)
    const again = planned instanceof Promise ? await planned : planned
    const outcome = await this.#read(again, options)
    this.#countBytes(outcome.results, options)
    return outcome.results
  }

  #watchersOf(followerId: number): Watchers {
    let watchers = this.#byFollower.get(followerId)
    if (watchers === undefined) {
      watchers = new Watchers()
      this.#byFollower.set(followerId, watchers)
    }
    return watchers
  }

  #planAll(
    entries: readonly FetchEntry[],
    options: FetchOptions,
    isFirst: boolean,
  ): Plan[] | Promise<Plan[]> {
    if (entries.length > ENTRIES_PER_TURN) return this.#planInTurns(entries, options, isFirst)
    return entries.map((entry) => this.#plan(entry, options, isFirst))
  }

  /** Followers ask for thousands at once: others have their turn in between. */
  async #planInTurns(
    entries: readonly FetchEntry[],
    options: FetchOptions,
    isFirst: boolean,
  ): Promise<Plan[]> {
    const share = new TurnShare(this.#options.timers, ENTRIES_PER_TURN)
    const plans: Plan[] = []
    for (const entry of entries) {
      const pause = share.spend()
      if (pause !== null) await pause
      plans.push(this.#plan(entry, options, isFirst))
    }
    return plans
  }

  /** `isFirst`: the fetch is new, so it says where a follower stands. */
  #plan(entry: FetchEntry, options: FetchOptions, isFirst: boolean): Plan {
    const partition = this.#options.hosted.get(entry)
    if (partition === null) {
      const { image } = this.#options.metadata
      return failed(entry, null, errorWhenNotHosted(image, entry))
    }
    if (isFirst) partition.stats.mark('TotalFetchRequestsPerSec')
    if (entry.topicId !== ZERO_UUID && entry.topicId !== partition.topicId) {
      return failed(entry, partition, ErrorCode.INCONSISTENT_TOPIC_ID)
    }
    const error = partition.checkServing({
      currentLeaderEpoch: entry.currentLeaderEpoch,
      leaderOnly: isFollower(options) || options.fetchOnlyLeader !== false,
    })
    const { log } = partition
    if (error !== ErrorCode.NONE || log === null) return failed(entry, partition, error)
    if (isFollower(options) && !partition.followers.has(options.replicaId)) {
      const unknown = partition.unknownReplicaError(entry.currentLeaderEpoch)
      return failed(entry, partition, unknown)
    }
    const preferredReadReplica = this.#preferredReplica(partition, entry, options)
    if (preferredReadReplica >= 0) {
      const sent = { partition, log: null, from: log, divergingEpoch: null, options }
      return { ...plannedAt(entry, sent), preferredReadReplica }
    }
    if (entry.lastFetchedEpoch >= 0) {
      const end = log.endOffsetForEpoch(entry.lastFetchedEpoch)
      if (end.epoch < 0 || end.endOffset < 0 || entry.fetchOffset < log.logStartOffset) {
        return failed(entry, partition, ErrorCode.OFFSET_OUT_OF_RANGE)
      }
      if (end.epoch < entry.lastFetchedEpoch || end.endOffset < entry.fetchOffset) {
        return plannedAt(entry, { partition, log: null, from: log, divergingEpoch: end, options })
      }
    }
    if (entry.fetchOffset < log.logStartOffset || entry.fetchOffset > log.logEndOffset) {
      return failed(entry, partition, ErrorCode.OFFSET_OUT_OF_RANGE)
    }
    if (isFirst && isFollower(options)) {
      const refused = partition.recordFollowerFetch(options.replicaId, {
        fetchOffset: entry.fetchOffset,
        logStartOffset: entry.logStartOffset,
        brokerEpoch: options.replicaEpoch,
        currentLeaderEpoch: entry.currentLeaderEpoch,
      })
      if (refused !== ErrorCode.NONE) return failed(entry, partition, refused)
    }
    if (!isFollower(options)) {
      return plannedAt(entry, { partition, log, from: log, divergingEpoch: null, options })
    }
    // A follower's session keeps its entries: thousands stand still, and are not planned anew each time. Safe because
    // nothing else is kept there.
    const last = entry.lastPlan as Plan | undefined
    if (last?.partition === partition && isAsPlanned(last, options)) return last
    const plan = plannedAt(entry, { partition, log, from: log, divergingEpoch: null, options })
    entry.lastPlan = plan
    return plan
  }

  #preferredReplica(partition: Partition, entry: FetchEntry, options: FetchOptions): number {
    const { clientRack = '', listenerName = '' } = options
    const { isRackAware, metadata } = this.#options
    if (!isRackAware || clientRack === '' || isFollower(options) || !partition.isLeader) return -1
    const reader = { rack: clientRack, listenerName, fetchOffset: entry.fetchOffset }
    const { leaderId, isr, state } = partition
    const choice = { leaderId, isr, followers: state.followers }
    return preferredReadReplica(choice, reader, metadata.image.brokers)
  }

  /** The first partition that has data gives at least one batch; what follows stays within the limits. */
  async #read(plans: readonly Plan[], options: FetchOptions): Promise<Outcome> {
    const results: FetchResult[] = []
    let remainingBytes = Math.min(options.maxBytes, this.#options.fetchMaxBytes)
    let sizeBytes = 0
    let isUrgent = false
    let isLimited = false
    const share = new TurnShare(this.#options.timers, ENTRIES_PER_TURN)
    for (const plan of plans) {
      const pause = share.spend()
      if (pause !== null) await pause
      let { errorCode } = plan
      let records = NO_RECORDS
      let aborted: readonly AbortedTransaction[] = NONE_ABORTED
      const hasData =
        plan.log !== null &&
        plan.entry.fetchOffset < plan.endOffset &&
        !this.#isHeldBack(plan.partition, options)
      const maxBytes = Math.min(plan.entry.maxBytes, remainingBytes)
      if (hasData && maxBytes <= 0 && sizeBytes > 0) {
        isLimited = true
      } else if (hasData && plan.log !== null) {
        const limits = { maxBytes, minOneBatch: sizeBytes === 0, hold: options.hold }
        const outcome = readOne(plan.log, plan, limits)
        const read = outcome instanceof Promise ? await outcome : outcome
        if (typeof read === 'number') {
          errorCode = this.#readError(plan, read)
        } else if (isFollower(options) && plan.partition?.leaderEpoch !== plan.leaderEpoch) {
          // Since it was planned, another leader may have made this log forget what the follower still has.
          errorCode = ErrorCode.NOT_LEADER_OR_FOLLOWER
        } else {
          const found = isCommittedOnly(options) ? abortedIn(plan, plan.log, read) : NONE_ABORTED
          const known = found instanceof Promise ? await found : found
          if (typeof known === 'number') errorCode = this.#readError(plan, known)
          else {
            records = read.records
            aborted = known
            if (read.nextOffset < plan.endOffset) isLimited = true
          }
        }
      }
      sizeBytes += records.length
      remainingBytes -= records.length
      const isOther = plan.divergingEpoch !== null || plan.preferredReadReplica >= 0
      if (errorCode !== ErrorCode.NONE || isOther) isUrgent = true
      results.push(this.#resultOf(plan, { errorCode, records, aborted, options }))
    }
    return { results, sizeBytes, isUrgent, isLimited }
  }

  #readError(plan: Plan, errorCode: number): number {
    const { partition, entry } = plan
    // The log was closed under the read: the replica has gone, or lies in another directory now.
    const isStale = plan.log !== null && !partition?.isOffline && plan.log !== partition?.log
    if (isStale || this.#options.hosted.get(entry) !== partition) {
      return ErrorCode.NOT_LEADER_OR_FOLLOWER
    }
    if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR) {
      partition?.stats.mark('FailedFetchRequestsPerSec')
      this.#options.logger.log('error', 'A log could not be read', {
        partition: partition?.name,
        offset: entry.fetchOffset,
      })
    }
    return errorCode
  }

  #resultOf(plan: Plan, read: ReadOutcome): FetchResult {
    const isNothing = read.records === NO_RECORDS && read.errorCode === ErrorCode.NONE
    if (!isNothing || !isFollower(read.options)) return this.#result(plan, read)
    plan.nothingRead ??= this.#result(plan, read)
    return plan.nothingRead
  }

  #result(plan: Plan, read: ReadOutcome): FetchResult {
    const { entry } = plan
    const { errorCode, records } = read
    const isFailed = errorCode !== ErrorCode.NONE
    return {
      topic: entry.topic,
      partition: entry.partition,
      topicId: entry.topicId,
      errorCode,
      highWatermark: isFailed ? -1 : plan.highWatermark,
      lastStableOffset: isFailed ? -1 : plan.lastStableOffset,
      logStartOffset: isFailed ? -1 : plan.logStartOffset,
      records,
      abortedTransactions: isCommittedOnly(read.options) && !isFailed ? read.aborted : null,
      divergingEpoch: plan.divergingEpoch,
      currentLeader: tellsLeader(errorCode)
        ? currentLeaderOf(this.#options.metadata.image, entry)
        : null,
      preferredReadReplica: plan.preferredReadReplica,
    }
  }

  #countBytes(results: readonly FetchResult[], options: FetchOptions): void {
    for (const result of results) {
      const sizeBytes = result.records?.length ?? 0
      if (sizeBytes === 0) continue
      if (isFollower(options)) this.#countReplicated(result, sizeBytes, options.replicaId)
      else this.#options.hosted.get(result)?.stats.mark('BytesOutPerSec', sizeBytes)
    }
  }
  /** Whether what came since planning, with what was there, reaches minBytes; or the replica's role changed. */
  #hasEnough(plans: readonly Plan[], sizeBytes: number, options: FetchOptions): boolean {
    let availableBytes = sizeBytes
    for (const plan of plans) {
      const { partition } = plan
      if (partition === null) continue
      const { log } = partition
      if (log === null || partition.leaderEpoch !== plan.leaderEpoch) return true
      if (isFollower(options) && !partition.isLeader) return true
      // A follower that waits long, because nothing happens, hears of commits nevertheless.
      const isPatient = isFollower(options) && options.maxWaitMs > PROMPT_WAIT_MS
      if (isPatient && log.highWatermark !== plan.highWatermark) return true
      const endOffset = endOffsetFor(log, options)
      if (endOffset <= plan.endOffset || endOffset <= plan.entry.fetchOffset) continue
      if (this.#isHeldBack(partition, options)) continue
      const now = readableBytes(partition, options)
      // What a follower appends, and what was there before the election, is not counted: look again.
      if (now === plan.bytesBefore) return true
      availableBytes += Math.min(now - plan.bytesBefore, plan.entry.maxBytes)
      if (availableBytes >= options.minBytes) return true
    }
    return availableBytes >= options.minBytes
  }

  /** A throttled follower gets nothing while the quota is used up, unless it is in sync: it would fall out. */
  #isHeldBack(partition: Partition | null, options: FetchOptions): boolean {
    if (!isFollower(options) || partition === null) return false
    const { quota } = this.#options
    return (
      quota.isThrottled(partition) &&
      !partition.isr.includes(options.replicaId) &&
      quota.isExceeded()
    )
  }

  #countReplicated(result: FetchResult, sizeBytes: number, followerId: number): void {
    const { stats, quota, hosted } = this.#options
    stats.mark('ReplicationBytesOutPerSec', sizeBytes)
    if (hosted.get(result)?.state.isAdding(followerId)) {
      stats.mark('ReassignmentBytesOutPerSec', sizeBytes)
    }
    if (quota.isThrottled(result)) quota.record(sizeBytes)
  }
}

/** An error code instead of records where reading failed. */
function readOne(
  log: Log,
  plan: Plan,
  {
    maxBytes,
    minOneBatch,
    hold,
  }: { maxBytes: number; minOneBatch: boolean } & Pick<FetchOptions, 'hold'>,
): ReadResult | number | Promise<ReadResult | number> {
  try {
    const read = log.read({
      offset: plan.entry.fetchOffset,
      maxBytes: Math.max(0, maxBytes),
      minOneBatch,
      endOffsetExclusive: plan.endOffset,
      hold,
    })
    return read instanceof Promise ? read.catch(codeOf) : read
  } catch (error) {
    return codeOf(error)
  }
}

type Aborted = readonly AbortedTransaction[]

/** Which of the transactions in what was read were aborted; an error code where that cannot be told any more. */
function abortedIn(
  plan: Plan,
  log: Log,
  read: ReadResult,
): Aborted | number | Promise<Aborted | number> {
  const { fetchOffset } = plan.entry
  if (read.records.length === 0) return NONE_ABORTED
  // Retention moves the log start before a segment goes, and its transaction index with it.
  const unlessGone = (list: Aborted) =>
    log.logStartOffset > fetchOffset ? ErrorCode.OFFSET_OUT_OF_RANGE : list
  const found = log.abortedTransactions(fetchOffset, read.nextOffset)
  return found instanceof Promise ? found.then(unlessGone, codeOf) : unlessGone(found)
}

function codeOf(error: unknown): number {
  return error instanceof AppendError ? error.code : ErrorCode.KAFKA_STORAGE_ERROR
}
