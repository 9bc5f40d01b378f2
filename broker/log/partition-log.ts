// One partition's log: the sole owner of its directory. Appends in call order (one write under way,
// everything queued meanwhile goes out with the next), reads beside them, rolls, truncates, retires.
// After a kill nothing below logEndOffset is lost; after power loss nothing below recoveryPoint is.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  batchBaseOffset,
  batchLeaderEpoch,
  batchProducerId,
  batchSizeBytes,
  NO_TIMESTAMP,
} from '../../protocol/records/batch.ts'
import {
  type AppendFacts,
  admitFromLeader,
  appendInfo,
  assignOffsets,
  checkFromBroker,
  checkFromClient,
} from './admission.ts'
import { AppendGate } from './append-gate.ts'
import { emptyRead } from './log-reader.ts'
import { dropOldestSegments, expiredSegments } from './log-retention.ts'
import { findByTimestamp, findLargestTimestamp, type TimestampOffset } from './log-search.ts'
import { createLogState, type LogState, moveLogStart, rollSegment } from './log-state.ts'
import { LogSyncer } from './log-syncer.ts'
import type { PartitionLogOptions } from './partition-log-options.ts'
import { prepareFromClient } from './preparation.ts'
import { encodeSnapshot } from './producer-state.ts'
import { type LoadedLog, loadLog } from './recovery.ts'
import { restartLog, truncateLog } from './truncation.ts'
import {
  type AbortedTransaction,
  AppendError,
  type AppendInfo,
  type AppendOrigin,
  type EpochEntry,
  type Log,
  type LogConfig,
  type ReadResult,
} from './types.ts'
import { WorkQueue } from './work-queue.ts'

interface AppendOptions {
  origin: AppendOrigin
  leaderEpoch: number
}

interface Placed {
  records: Buffer
  baseOffset: number
  endOffset: number
  recordCount: number
  maxTimestampMs: number
  logAppendTimeMs: number
  isForTail: boolean
}

export class PartitionLog implements Log {
  readonly topic: string
  readonly partition: number
  #topicId: string
  readonly #options: PartitionLogOptions
  readonly #state: LogState
  readonly #queue: WorkQueue
  readonly #syncer: LogSyncer
  readonly #gate = new AppendGate()
  #isForTail = true
  #failure: unknown = null
  #isClosed = false
  #flushedAtMs: number

  private constructor(options: PartitionLogOptions, loaded: LoadedLog) {
    this.topic = options.topic
    this.partition = options.partition
    this.#topicId = options.topicId
    this.#options = options
    const onFailure = (error: unknown) => this.#fail(error)
    const logger = loggerOf(options)
    this.#state = createLogState({ ...options, logger, onFailure }, loaded)
    this.#queue = new WorkQueue({
      write: (buffers, endOffset) => this.#write(buffers, endOffset),
      onFailure,
    })
    this.#syncer = new LogSyncer(this.#state, onFailure)
    this.#flushedAtMs = options.shared.runtime.clock.nowMs()
  }

  /** Opens or creates the log in `directory`, which must exist; recovers it unless it was closed cleanly. */
  static async open(options: PartitionLogOptions): Promise<PartitionLog> {
    const { directory, recoveryPoint, logStartOffset, hadCleanShutdown } = options
    const loaded = await loadLog({
      context: options.shared.segments,
      logger: loggerOf(options),
      directory,
      recoveryPoint,
      logStartOffset,
      hadCleanShutdown,
      indexIntervalBytes: options.config.indexIntervalBytes,
    })
    return new PartitionLog(options, loaded)
  }

  get topicId(): string {
    return this.#topicId
  }

  get directory(): string {
    return this.#state.directory
  }

  get config(): LogConfig {
    return this.#state.config
  }

  get logStartOffset(): number {
    return this.#state.logStartOffset
  }

  get logEndOffset(): number {
    return this.#state.logEndOffset
  }

  /** Offset the next append will get; above logEndOffset while appends are under way. */
  get nextOffset(): number {
    return this.#state.nextOffset
  }

  get recoveryPoint(): number {
    return this.#state.recoveryPoint
  }

  get highWatermark(): number {
    return this.#state.highWatermark
  }

  get lastStableOffset(): number {
    return this.#state.highWatermark
  }

  get sizeBytes(): number {
    return this.#state.segments.sizeBytes
  }

  get segmentCount(): number {
    return this.#state.segments.count
  }

  get latestEpoch(): number {
    return this.#state.epochs.latestEpoch
  }

  /** Why the log takes nothing any more; null while it works. */
  get failure(): unknown {
    return this.#failure
  }

  /** When `flush` last ended, or the log was opened. */
  get flushedAtMs(): number {
    return this.#flushedAtMs
  }

  /** For a log whose partition.metadata was lost in a crash. */
  adoptTopicId(topicId: string): void {
    this.#topicId = topicId
  }

  updateConfig(config: LogConfig): void {
    this.#state.config = config
  }

  setHighWatermark(offset: number): void {
    const { logStartOffset, logEndOffset } = this.#state
    this.#state.highWatermark = Math.max(logStartOffset, Math.min(offset, logEndOffset))
  }

  assignEpochStart(epoch: number, startOffset: number): void {
    this.#state.epochs.assign(epoch, startOffset)
    this.#state.epochFile.save()
  }

  append(records: Buffer, options: AppendOptions): Promise<AppendInfo> {
    const { closed } = this.#gate
    if (closed !== null) return closed.then(() => this.append(records, options))
    try {
      this.#checkOpen()
      if (options.origin === 'replica') return this.#appendReplica(records)
      const { config } = this.#state
      if (options.origin !== 'client') checkFromBroker(records, config, options.origin)
      else {
        checkFromClient(records, config)
        const prepared = prepareFromClient(records, config, this.#nowMs())
        if (prepared !== null) return this.#appendPrepared(prepared, options)
      }
      return this.#appendLeader(records, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #nowMs(): number {
    return this.#state.shared.runtime.clock.nowMs()
  }

  /** Other appends wait until this batch is ready and has its place. */
  #appendPrepared(prepared: Promise<Buffer>, options: AppendOptions): Promise<AppendInfo> {
    return new Promise((resolve, reject) => {
      const placed = prepared.then((records) => {
        this.#appendLeader(records, options).then(resolve, reject)
      })
      this.#gate.closeFor(placed).catch(reject)
    })
  }

  #checkOpen(): void {
    if (this.#failure !== null) {
      throw new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, `The log is offline: ${this.#failure}`)
    }
    if (this.#isClosed) {
      throw new AppendError(ErrorCode.NOT_LEADER_OR_FOLLOWER, 'The log is closed')
    }
  }

  #appendLeader(records: Buffer, { origin, leaderEpoch }: AppendOptions): Promise<AppendInfo> {
    const { producers, epochs, config, nextOffset: baseOffset } = this.#state
    for (let at = 0; at < records.length; at += batchSizeBytes(records, at)) {
      if (batchProducerId(records, at) < 0) continue
      const original = origin === 'client' ? producers.findDuplicate(records, at) : null
      if (original !== null) return this.#answerDuplicate(original, records.length)
      producers.check(records, at, origin)
    }
    const isStamped = config.messageTimestampType === 'LogAppendTime' && origin !== 'raft'
    const logAppendTimeMs = isStamped ? this.#nowMs() : NO_TIMESTAMP
    const admitted = assignOffsets(records, { baseOffset, leaderEpoch, logAppendTimeMs })
    if (leaderEpoch > epochs.latestEpoch) this.assignEpochStart(leaderEpoch, baseOffset)
    return this.#enqueue({ ...admitted, baseOffset, logAppendTimeMs, isForTail: true })
  }

  async #answerDuplicate(
    original: { firstOffset: number; lastOffset: number; timestampMs: number },
    sizeBytes: number,
  ): Promise<AppendInfo> {
    // The first copy may still be on its way to the disk.
    if (original.lastOffset >= this.logEndOffset) await this.#queue.drained()
    const { firstOffset, lastOffset, timestampMs } = original
    const isStamped = this.config.messageTimestampType === 'LogAppendTime'
    const logAppendTimeMs = isStamped ? timestampMs : NO_TIMESTAMP
    return this.#info({ firstOffset, lastOffset, logAppendTimeMs, isDuplicate: true, sizeBytes })
  }

  #appendReplica(given: Buffer): Promise<AppendInfo> {
    const { epochs, nextOffset } = this.#state
    const admitted = admitFromLeader(given, nextOffset)
    const { records } = admitted
    if (records.length === 0) {
      return Promise.resolve(this.#info({ firstOffset: nextOffset, lastOffset: nextOffset - 1 }))
    }
    for (let at = 0; at < records.length; at += batchSizeBytes(records, at)) {
      const epoch = batchLeaderEpoch(records, at)
      if (epoch > epochs.latestEpoch) this.assignEpochStart(epoch, batchBaseOffset(records, at))
    }
    return this.#enqueue({
      ...admitted,
      baseOffset: batchBaseOffset(records, 0),
      logAppendTimeMs: NO_TIMESTAMP,
      isForTail: this.#options.cacheReplicaAppends === true,
    })
  }

  async #enqueue(placed: Placed): Promise<AppendInfo> {
    const { records, baseOffset, endOffset, maxTimestampMs } = placed
    const { plan, producers, config } = this.#state
    const next = { sizeBytes: records.length, endOffset, maxTimestampMs }
    if (plan.mustRoll(next, config, this.#nowMs())) this.#planRoll()
    plan.add(next, config)
    for (let at = 0; at < records.length; at += batchSizeBytes(records, at)) {
      producers.update(records, at)
    }
    this.#state.nextOffset = endOffset
    this.#isForTail = placed.isForTail
    await this.#queue.append(records, endOffset)
    return this.#info({
      firstOffset: baseOffset,
      lastOffset: endOffset - 1,
      logAppendTimeMs: placed.logAppendTimeMs,
      sizeBytes: records.length,
      recordCount: placed.recordCount,
    })
  }

  #info(facts: AppendFacts): AppendInfo {
    return appendInfo(this.logStartOffset, facts)
  }

  async #write(buffers: Buffer[], endOffset: number): Promise<void> {
    const state = this.#state
    await state.segments.active.append(buffers, state.config.indexIntervalBytes)
    if (state.shared.ring !== null && this.#isForTail) {
      for (const buffer of buffers) state.tail.append(buffer)
    }
    state.logEndOffset = endOffset
    state.isDirty = true
    if (endOffset - state.recoveryPoint >= state.config.flushMessages) await this.flush()
  }

  /** Decided when a batch gets its offset, done when the queue comes to it. */
  #planRoll(): void {
    const state = this.#state
    const baseOffset = state.nextOffset
    const snapshot = encodeSnapshot(state.producers)
    state.plan.start(baseOffset, this.#nowMs())
    const roll = async () => {
      await rollSegment(state, baseOffset, snapshot)
      this.#syncer.sync(baseOffset).catch((error: unknown) => this.#fail(error))
    }
    // A failing roll takes the log offline, and every append behind it fails with its cause.
    this.#queue.exclusively(roll).catch(() => undefined)
  }

  read(options: {
    offset: number
    maxBytes: number
    minOneBatch: boolean
    endOffsetExclusive: number
  }): ReadResult | Promise<ReadResult> {
    const { offset } = options
    const { logStartOffset, logEndOffset } = this.#state
    if (offset < logStartOffset || offset > logEndOffset) {
      throw new AppendError(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `Offset ${offset} is outside ${logStartOffset}..${logEndOffset}`,
      )
    }
    const endOffsetExclusive = Math.min(options.endOffsetExclusive, logEndOffset)
    if (offset >= endOffsetExclusive) return emptyRead(offset)
    const request = { ...options, endOffsetExclusive }
    return this.#state.tail.read(request) ?? this.#state.reader.read(request)
  }

  findOffsetByTimestamp(
    timestampMs: number,
    endOffsetExclusive: number,
  ): Promise<TimestampOffset | null> {
    const range = { startOffset: this.logStartOffset, endOffsetExclusive }
    return findByTimestamp(this.#state.segments.all(), timestampMs, range)
  }

  findMaxTimestamp(): Promise<TimestampOffset | null> {
    return findLargestTimestamp(this.#state.segments.all(), {
      startOffset: this.logStartOffset,
      endOffsetExclusive: this.logEndOffset,
    })
  }

  /** None: transactions are not served, so none can have been aborted. */
  abortedTransactions(_startOffset: number, _endOffsetExclusive: number): AbortedTransaction[] {
    return []
  }

  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number } {
    return this.#state.epochs.endOffsetFor(epoch, this.logEndOffset)
  }

  epochOf(offset: number): number {
    return this.#state.epochs.epochOf(offset)
  }

  epochs(): readonly EpochEntry[] {
    return this.#state.epochs.all()
  }

  /** Runs `step` after all queued work, with no append let in before it is done. */
  #alone(step: () => Promise<void>): Promise<void> {
    return this.#gate.closeForTurn(() => {
      this.#checkOpen()
      return this.#queue.exclusively(step)
    })
  }

  truncateTo(offset: number): Promise<void> {
    return this.#alone(() => truncateLog(this.#state, offset, this.#lowered))
  }

  truncateFullyAndStartAt(offset: number): Promise<void> {
    return this.#alone(() => restartLog(this.#state, offset, this.#lowered))
  }

  readonly #lowered = async (): Promise<void> => {
    await this.#options.onRecoveryPointLowered?.()
  }

  async advanceLogStartOffset(offset: number): Promise<void> {
    if (offset <= this.logStartOffset) return
    if (offset > this.logEndOffset) {
      throw new AppendError(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `Offset ${offset} is past the log end, ${this.logEndOffset}`,
      )
    }
    moveLogStart(this.#state, offset)
  }

  async applyRetention(nowMs: number): Promise<number> {
    this.#checkOpen()
    const state = this.#state
    const expired = await expiredSegments(state, nowMs)
    if (expired.length === 0) return 0
    if (expired.length === state.segments.count && state.plan.isRollable) this.#planRoll()
    let freedBytes = 0
    await this.#queue.exclusively(async () => {
      freedBytes = await dropOldestSegments(state, expired)
    })
    return freedBytes
  }

  async flush(): Promise<void> {
    await this.#syncer.sync(this.logEndOffset)
    this.#flushedAtMs = this.#nowMs()
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#state.tail.clear()
    this.#state.logger.log('error', 'The log is offline', { error })
    this.#options.onFailure?.(error)
  }

  /** Writes out index entries still in memory only; cheap when there are none. */
  async saveIndexes(): Promise<void> {
    if (this.#failure !== null || this.#isClosed) return
    await this.#state.segments.active.saveIndexes()
  }

  expireProducers(beforeMs: number): void {
    this.#state.producers.expire(beforeMs)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    if (this.#failure === null) await this.#alone(() => this.#persist())
    await this.#release()
    if (this.#failure !== null) throw this.#failure
  }

  /** Everything that a clean start relies on, synced. */
  async #persist(): Promise<void> {
    this.#isClosed = true
    const state = this.#state
    const active = state.segments.active
    await active.seal()
    if (state.isDirty || state.recoveryPoint < state.logEndOffset) {
      await this.flush()
      await active.sync()
      await state.shared.runtime.disk.syncDirectory(state.directory)
    }
    if (state.logEndOffset > Math.max(0, state.snapshots.latestOffset)) {
      await state.snapshots.writeSynced(state.logEndOffset, state.producers)
    }
    await state.epochFile.saved()
  }

  /** Ends all work without flushing (the directory goes away); an offline log too. */
  async abandon(): Promise<void> {
    this.#isClosed = true
    await this.#queue.drained().catch(() => undefined)
    await this.#syncer.idle()
    await this.#state.epochFile.saved()
    await this.#release()
  }

  async #release(): Promise<void> {
    this.#isClosed = true
    this.#state.tail.clear()
    this.#state.retirer.stop()
    for (const segment of this.#state.segments.all()) {
      this.#state.shared.indexCache.forget(segment)
      await segment.closeFiles()
    }
  }

  activeProducers(): ReturnType<Log['activeProducers']> {
    return this.#state.producers.describe()
  }
}

function loggerOf(options: PartitionLogOptions) {
  return options.shared.runtime.logger.child(`[Log ${options.topic}-${options.partition}]`)
}
