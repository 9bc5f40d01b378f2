// One replica on this broker: its log, its role, who waits for it. Owned by ReplicaManager, which alone
// changes its role; appends and fetches come from there and from the fetchers. After a crash the log and
// the metadata say everything; the high watermark starts from the log's checkpoint.
import { ErrorCode } from '../../protocol/errors.ts'
import { AppendError, type AppendInfo, type AppendOptions, type Log } from '../log/types.ts'
import type { Clock, Logger } from '../runtime/runtime.ts'
import { CommitQueue } from './commit-queue.ts'
import { CommittedBytes } from './committed-bytes.ts'
import { Watchers } from './delayed-operations.ts'
import {
  type AlterPartitionOutcome,
  type BrokerStatuses,
  type IsrProposal,
  type PartitionAssignment,
  PartitionState,
} from './partition-state.ts'
import type { TopicStats } from './topic-stats.ts'
import type { PartitionView } from './types.ts'

/** What a partition needs of its surroundings. */
export interface PartitionContext {
  readonly localBrokerId: number
  readonly replicaLagTimeMaxMs: number
  readonly clock: Clock
  readonly logger: Logger
  localBrokerEpoch(): number
  brokers(): BrokerStatuses
  submitIsr(partition: Partition, proposal: IsrProposal): Promise<AlterPartitionOutcome>
  onIsrChange(change: 'expand' | 'shrink' | 'failed'): void
  /** Log end or high watermark moved: fetches that wait here are to be checked soon. */
  onProgress(partition: Partition): void
  /** The log's disk fails; nothing of this replica is served any more. */
  onLogFailure(partition: Partition, error: unknown): void
}

export class Partition implements PartitionView {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly stats: TopicStats
  readonly state: PartitionState
  readonly fetchWatchers = new Watchers()
  readonly deleteWatchers = new Watchers()
  readonly commits = new CommitQueue()
  readonly bytes = new CommittedBytes()
  readonly #context: PartitionContext
  #log: Log | null = null
  #isOffline = false
  #appendCount = 0
  /** Resolves once appends may begin again; null while they may. */
  #holding: Promise<void> | null = null
  #leaderSinceEpoch = -1
  #onIdle: (() => void)[] = []

  constructor(
    identity: { topic: string; partition: number; topicId: string; stats: TopicStats },
    context: PartitionContext,
  ) {
    this.topic = identity.topic
    this.partition = identity.partition
    this.topicId = identity.topicId
    this.stats = identity.stats
    this.#context = context
    this.state = new PartitionState(context)
  }

  get log(): Log | null {
    return this.#log
  }
  get isOffline(): boolean {
    return this.#isOffline
  }
  get isLeader(): boolean {
    return this.state.role === 'leader'
  }
  get leaderId(): number {
    return this.state.leaderId
  }
  get leaderEpoch(): number {
    return this.state.leaderEpoch
  }
  get partitionEpoch(): number {
    return this.state.partitionEpoch
  }
  get isr(): readonly number[] {
    return this.state.isr
  }
  get followers(): PartitionView['followers'] {
    return this.state.followers
  }
  get highWatermark(): number {
    return this.#log?.highWatermark ?? -1
  }

  get isUnderReplicated(): boolean {
    return this.isLeader && this.state.isr.length < this.state.replicationFactor
  }
  get isUnderMinIsr(): boolean {
    return this.isLeader && this.state.isr.length < this.#minIsr()
  }
  get isAtMinIsr(): boolean {
    return this.isLeader && this.state.isr.length === this.#minIsr()
  }

  /** Whether what was appended here under `leaderEpoch` is in the leader's log: this one, without a break. */
  hasLedSince(leaderEpoch: number): boolean {
    return this.isLeader && leaderEpoch >= this.#leaderSinceEpoch
  }

  attachLog(log: Log): void {
    this.#log = log
    this.#isOffline = false
  }

  /**
   * Changes over to another log with the same records, which `swap` gives; what is to be appended meanwhile waits
   * for it. When `swap` rejects, the old log stays.
   */
  async replaceLog(swap: (current: Log) => Promise<Log>): Promise<void> {
    await this.#whileHeld(async () => {
      const current = this.#requireLog()
      const next = await swap(current)
      next.updateConfig(current.config)
      next.setHighWatermark(current.highWatermark)
      this.#log = next
    })
    this.advanceHighWatermark()
    this.#context.onProgress(this)
  }

  /** Runs `step` after every append begun so far and every step before; appends that come meanwhile wait for its end. */
  async #whileHeld(step: () => Promise<void> | void): Promise<void> {
    while (this.#holding !== null) await this.#holding
    let open = () => undefined as unknown
    this.#holding = new Promise<void>((resolve) => {
      open = resolve
    })
    try {
      await this.drain()
      await step()
    } finally {
      this.#holding = null
      open()
    }
  }

  /**
   * Leads on under the new epoch of `assignment`: nobody is sent away, and who waits for commits goes on waiting, as in
   * Kafka. A client that was told to look elsewhere, and found the rest of what it had in flight taken here, could not
   * tell what of it was written. False when that cannot be: then the role is taken anew.
   */
  async leadOn(assignment: PartitionAssignment): Promise<boolean> {
    if (!this.isLeader || this.#log === null || this.#isOffline) return false
    if (this.#holding !== null) return false
    await this.#whileHeld(() => {
      if (this.isLeader) this.becomeLeader(assignment)
    })
    return this.isLeader
  }

  /** No requests are served until the next role; whoever waits for commits hears that they are lost. */
  suspend(): void {
    this.state.suspend()
    this.commits.loseAll()
  }

  /** Resolves once every append begun so far has ended. */
  async drain(): Promise<void> {
    if (this.#appendCount === 0) return
    await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }

  /** Needs a log and no append under way. Returns whether a new leader epoch begins; null when out of date. */
  becomeLeader(assignment: PartitionAssignment): { isNewEpoch: boolean } | null {
    const log = this.#requireLog()
    const { clock, logger } = this.#context
    const previousEpoch = this.state.leaderEpoch
    const { pending } = this.state
    const change = this.state.becomeLeader(assignment, {
      logEndOffset: log.logEndOffset,
      nowMs: clock.monotonicMs(),
    })
    if (change === null) return null
    // Metadata often tells of a change before the controller's answer does.
    if (pending !== null && this.state.pending === null && isAsProposed(assignment.isr, pending)) {
      this.#context.onIsrChange(pending.kind)
    }
    if (change.isNewEpoch) {
      log.assignEpochStart(assignment.leaderEpoch, log.logEndOffset)
      this.bytes.reset()
      logger.log('info', 'Leading', {
        partition: this.name,
        leaderEpoch: assignment.leaderEpoch,
        previousEpoch,
        logEndOffset: log.logEndOffset,
        highWatermark: log.highWatermark,
        isr: assignment.isr.join(','),
      })
    }
    if (change.isNewLeader) {
      this.#leaderSinceEpoch = assignment.leaderEpoch
      this.commits.loseAll()
    }
    this.advanceHighWatermark()
    this.#context.onProgress(this)
    return change
  }

  /** Returns whether fetching must start anew; null when out of date. */
  becomeFollower(assignment: PartitionAssignment): { isNewEpoch: boolean } | null {
    const change = this.state.becomeFollower(assignment)
    if (change === null) return null
    this.commits.loseAll()
    this.bytes.reset()
    this.#context.onProgress(this)
    return change
  }

  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  /** FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH or NONE; `currentLeaderEpoch` -1: not said. */
  checkLeaderEpoch(currentLeaderEpoch: number): number {
    if (currentLeaderEpoch === -1) return ErrorCode.NONE
    if (currentLeaderEpoch < this.state.leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH
    if (currentLeaderEpoch > this.state.leaderEpoch) return ErrorCode.UNKNOWN_LEADER_EPOCH
    return ErrorCode.NONE
  }

  /** Why this replica cannot answer, or NONE. */
  checkServing(options: { currentLeaderEpoch: number; leaderOnly: boolean }): number {
    if (this.#isOffline) return ErrorCode.KAFKA_STORAGE_ERROR
    const error = this.checkLeaderEpoch(options.currentLeaderEpoch)
    if (error !== ErrorCode.NONE) return error
    if (this.#log === null || this.state.role === 'none') return ErrorCode.NOT_LEADER_OR_FOLLOWER
    if (options.leaderOnly && !this.isLeader) return ErrorCode.NOT_LEADER_OR_FOLLOWER
    return ErrorCode.NONE
  }

  /**
   * Appends batches of a producer or coordinator. The log's queue is entered before the first await, so
   * calls append in call order. Rejects with AppendError (nothing written, or leadership was lost meanwhile).
   */
  async appendAsLeader(
    records: Buffer,
    options: Omit<AppendOptions, 'leaderEpoch'> & {
      origin: 'client' | 'coordinator'
      acks: -1 | 0 | 1
    },
  ): Promise<AppendInfo> {
    while (this.#holding !== null) await this.#holding
    const error = this.checkServing({ currentLeaderEpoch: -1, leaderOnly: true })
    if (error !== ErrorCode.NONE) throw new AppendError(error, `${this.name} is not led here`)
    if (options.acks === -1 && this.state.isr.length < this.#minIsr()) {
      throw new AppendError(
        ErrorCode.NOT_ENOUGH_REPLICAS,
        `the ISR of ${this.name} has ${this.state.isr.length} members of ${this.#minIsr()} needed`,
      )
    }
    const { leaderEpoch } = this.state
    const { origin, verificationGuard = null, transactionVersion = 0 } = options
    const append = { origin, leaderEpoch, verificationGuard, transactionVersion }
    const info = await this.#append(records, append)
    if (!this.hasLedSince(leaderEpoch)) {
      throw new AppendError(
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        `leadership of ${this.name} moved while records were appended`,
      )
    }
    if (!info.isDuplicate) {
      this.bytes.append(info.lastOffset + 1, info.sizeBytes)
      this.advanceHighWatermark()
      this.#context.onProgress(this)
    }
    return info
  }

  /** Appends what the leader of `leaderEpoch` sent. Rejects with AppendError where it does not fit. */
  async appendAsFollower(records: Buffer, leaderEpoch: number): Promise<AppendInfo> {
    while (this.#holding !== null) await this.#holding
    if (this.state.role !== 'follower' || this.state.leaderEpoch !== leaderEpoch) {
      throw new AppendError(ErrorCode.NOT_LEADER_OR_FOLLOWER, `${this.name} has another leader now`)
    }
    return this.#append(records, { origin: 'replica', leaderEpoch })
  }

  /** On a follower: the leader's high watermark, as far as this log reaches. */
  followHighWatermark(leaderHighWatermark: number): void {
    const log = this.#requireLog()
    const highWatermark = Math.min(leaderHighWatermark, log.logEndOffset)
    if (highWatermark <= log.highWatermark) return
    log.setHighWatermark(highWatermark)
    if (!this.fetchWatchers.isEmpty) this.#context.onProgress(this)
  }

  /** On a leader: moves the high watermark as far as it may go and releases who waited for it. */
  advanceHighWatermark(): void {
    const log = this.#log
    if (log === null || !this.isLeader) return
    const { clock } = this.#context
    const next = this.state.highWatermark(log, clock.monotonicMs(), this.#context.brokers())
    if (next > log.highWatermark) {
      log.setHighWatermark(next)
      this.bytes.commit(next, log.lastStableOffset)
      this.#context.onProgress(this)
    }
    this.commits.advance(log.highWatermark)
  }

  /** Takes a follower's position; NONE, UNKNOWN_LEADER_EPOCH or NOT_LEADER_OR_FOLLOWER. */
  recordFollowerFetch(
    followerId: number,
    fetch: {
      fetchOffset: number
      logStartOffset: number
      brokerEpoch: number
      currentLeaderEpoch: number
    },
  ): number {
    const log = this.#requireLog()
    const follower = this.state.followers.get(followerId)
    const before = follower?.logEndOffset
    const startBefore = follower?.logStartOffset
    const brokers = this.#context.brokers()
    const outcome = this.state.recordFetch(
      followerId,
      {
        fetchOffset: fetch.fetchOffset,
        logStartOffset: fetch.logStartOffset,
        brokerEpoch: fetch.brokerEpoch,
        leaderLogEndOffset: log.logEndOffset,
        nowMs: this.#context.clock.monotonicMs(),
      },
      brokers,
    )
    if (outcome === 'stale') return ErrorCode.NOT_LEADER_OR_FOLLOWER
    if (outcome === 'unknown') return this.unknownReplicaError(fetch.currentLeaderEpoch)
    this.#maybeExpandIsr(followerId, log, brokers)
    if (before !== fetch.fetchOffset) this.advanceHighWatermark()
    if (startBefore !== fetch.logStartOffset && !this.deleteWatchers.isEmpty) {
      this.#context.onProgress(this)
    }
    return ErrorCode.NONE
  }

  /** A replica id that is not assigned: with an epoch the follower is ahead of us in metadata, so it retries. */
  unknownReplicaError(currentLeaderEpoch: number): number {
    return currentLeaderEpoch === -1
      ? ErrorCode.NOT_LEADER_OR_FOLLOWER
      : ErrorCode.UNKNOWN_LEADER_EPOCH
  }

  maybeShrinkIsr(): void {
    const log = this.#log
    if (log === null || !this.isLeader) return
    const proposal = this.state.proposeShrink({
      logEndOffset: log.logEndOffset,
      nowMs: this.#context.clock.monotonicMs(),
      localBrokerEpoch: this.#context.localBrokerEpoch(),
    })
    if (proposal !== null) this.#submit(proposal)
    else this.advanceHighWatermark()
  }

  /** Smallest log start over the live replicas. */
  lowWatermark(): number {
    return this.state.lowWatermark(this.#requireLog().logStartOffset, this.#context.brokers())
  }

  /** Whether the ISR suffices for what was appended with acks=all. */
  hasEnoughReplicas(): boolean {
    return this.state.maximalIsr.length >= this.#minIsr()
  }

  markOffline(error: unknown): void {
    if (this.#isOffline) return
    this.#isOffline = true
    this.suspend()
    this.#context.onLogFailure(this, error)
  }

  async #append(records: Buffer, options: AppendOptions): Promise<AppendInfo> {
    const log = this.#requireLog()
    this.#appendCount += 1
    try {
      return await log.append(records, options)
    } catch (error) {
      if (error instanceof AppendError) throw error
      this.markOffline(error)
      throw new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, `the log of ${this.name} failed`)
    } finally {
      this.#appendCount -= 1
      if (this.#appendCount === 0) for (const resolve of this.#onIdle.splice(0)) resolve()
    }
  }

  #requireLog(): Log {
    const log = this.#log
    if (log === null) {
      throw new AppendError(ErrorCode.NOT_LEADER_OR_FOLLOWER, `${this.name} has no log yet`)
    }
    return log
  }

  #minIsr(): number {
    return this.state.effectiveMinIsr(this.#log?.config.minInsyncReplicas ?? 1)
  }

  #maybeExpandIsr(followerId: number, log: Log, brokers: BrokerStatuses): void {
    if (this.state.pending !== null || this.state.isr.includes(followerId)) return
    const proposal = this.state.proposeExpand(
      followerId,
      { highWatermark: log.highWatermark, localBrokerEpoch: this.#context.localBrokerEpoch() },
      brokers,
    )
    if (proposal !== null) this.#submit(proposal)
  }

  #submit(proposal: IsrProposal): void {
    this.#context.logger.log('info', `Asking for an ISR ${proposal.kind}`, {
      partition: this.name,
      changed: proposal.changed.join(','),
      isr: proposal.isr.map((member) => member.brokerId).join(','),
      partitionEpoch: proposal.partitionEpoch,
    })
    this.#context.submitIsr(this, proposal).then(
      (outcome) => this.#onIsrOutcome(proposal, outcome),
      (error: unknown) => this.#context.logger.log('error', 'AlterPartition failed', { error }),
    )
  }

  #onIsrOutcome(proposal: IsrProposal, outcome: AlterPartitionOutcome): void {
    const result = this.state.completeProposal(proposal, outcome)
    if (result === 'ignored') return
    this.#context.onIsrChange(result === 'updated' ? proposal.kind : 'failed')
    if (result !== 'updated') {
      this.#context.logger.log('info', 'An ISR change was refused', {
        partition: this.name,
        errorCode: outcome.errorCode,
        result,
      })
    }
    if (result === 'retry') this.#submit(proposal)
    this.advanceHighWatermark()
  }
}

function isAsProposed(isr: readonly number[], proposal: IsrProposal): boolean {
  return (
    isr.length === proposal.isr.length &&
    proposal.isr.every((member) => isr.includes(member.brokerId))
  )
}
