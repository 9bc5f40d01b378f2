// One partition's log: the sole owner of its directory. Appends in call order (one write under way,
// everything queued meanwhile goes out with the next), reads beside them, rolls, truncates, retires.
// After a kill nothing below logEndOffset is lost; after power loss nothing below recoveryPoint is.
import { ErrorCode } from '../../protocol/errors.ts'
import { abortedTransactionsIn } from './aborted-transactions.ts'
import { isDiskError } from './disk-errors.ts'
import { LogAppender } from './log-appender.ts'
import { emptyRead } from './log-reader.ts'
import { dropOldestSegments, expiredSegments } from './log-retention.ts'
import { findByTimestamp, findLargestTimestamp, type TimestampOffset } from './log-search.ts'
import { createLogState, type LogState, moveLogStart } from './log-state.ts'
import { LogSyncer } from './log-syncer.ts'
import type { PartitionLogOptions } from './partition-log-options.ts'
import { type LoadedLog, loadLog } from './recovery.ts'
import type { VerificationStart } from './transaction-verification.ts'
import { restartLog, truncateLog } from './truncation.ts'
import {
  type AbortedTransaction,
  AppendError,
  type AppendInfo,
  type AppendOptions,
  type EpochEntry,
  type Log,
  type LogConfig,
  type ReadResult,
  type VerificationGuard,
} from './types.ts'

export class PartitionLog implements Log {
  readonly topic: string
  readonly partition: number
  #topicId: string
  readonly #options: PartitionLogOptions
  readonly #state: LogState
  readonly #appender: LogAppender
  readonly #syncer: LogSyncer
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
    this.#syncer = new LogSyncer(this.#state, onFailure)
    this.#appender = new LogAppender(this.#state, {
      cacheReplicaAppends: options.cacheReplicaAppends === true,
      checkOpen: () => this.#checkOpen(),
      flush: () => this.flush(),
      sync: (endOffset) => this.#syncer.sync(endOffset),
      onFailure,
    })
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
      isRecovered: options.isRecovered,
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
    const { highWatermark, logStartOffset, producers } = this.#state
    const { firstUnstableOffset } = producers
    if (firstUnstableOffset >= highWatermark) return highWatermark
    return Math.max(firstUnstableOffset, logStartOffset)
  }

  get oldestTransactionMs(): number | null {
    return this.#state.producers.oldestTransactionMs
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

  get isClosed(): boolean {
    return this.#isClosed
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
    const highWatermark = Math.max(logStartOffset, Math.min(offset, logEndOffset))
    this.#state.highWatermark = highWatermark
    this.#state.producers.onHighWatermark(highWatermark)
  }

  assignEpochStart(epoch: number, startOffset: number): void {
    this.#appender.assignEpochStart(epoch, startOffset)
  }

  append(records: Buffer, options: AppendOptions): Promise<AppendInfo> {
    return this.#appender.append(records, options)
  }

  #nowMs(): number {
    return this.#state.shared.runtime.clock.nowMs()
  }

  #checkOpen(): void {
    if (this.#failure !== null) {
      throw new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, `The log is offline: ${this.#failure}`)
    }
    if (this.#isClosed) {
      throw new AppendError(ErrorCode.NOT_LEADER_OR_FOLLOWER, 'The log is closed')
    }
  }

  read(options: {
    offset: number
    maxBytes: number
    minOneBatch: boolean
    endOffsetExclusive: number
    hold?: ((release: () => void) => void) | undefined
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
    const fromTail = this.#state.tail.read(request)
    return fromTail ?? this.#guarded(this.#state.reader.read(request), offset)
  }

  /** A disk that cannot be read takes the log offline; so does one that has lost a file of what is in the log. */
  async #guarded<T>(reading: Promise<T>, offset: number | null = null): Promise<T> {
    try {
      return await reading
    } catch (error) {
      const isGone =
        error instanceof AppendError && offset !== null && offset >= this.logStartOffset
      const isLost = isGone && offset < this.logEndOffset
      if (this.#isClosed || !(isLost || isDiskError(error))) throw error
      this.#fail(error)
      throw new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, `The log cannot be read: ${error}`)
    }
  }

  findOffsetByTimestamp(
    timestampMs: number,
    endOffsetExclusive: number,
  ): Promise<TimestampOffset | null> {
    const range = { startOffset: this.logStartOffset, endOffsetExclusive }
    return this.#guarded(findByTimestamp(this.#state.segments.all(), timestampMs, range))
  }

  findMaxTimestamp(): Promise<TimestampOffset | null> {
    const range = { startOffset: this.logStartOffset, endOffsetExclusive: this.logEndOffset }
    return this.#guarded(findLargestTimestamp(this.#state.segments.all(), range))
  }

  abortedTransactions(
    startOffset: number,
    endOffsetExclusive: number,
  ): AbortedTransaction[] | Promise<AbortedTransaction[]> {
    return abortedTransactionsIn(this.#state, { startOffset, endOffsetExclusive })
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

  truncateTo(offset: number): Promise<void> {
    return this.#appender.alone(() => truncateLog(this.#state, offset, this.#lowered))
  }

  truncateFullyAndStartAt(offset: number): Promise<void> {
    return this.#appender.alone(() => restartLog(this.#state, offset, this.#lowered))
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
    if (expired.length === state.segments.count && state.plan.isRollable) this.#appender.planRoll()
    let freedBytes = 0
    await this.#appender.queue.exclusively(async () => {
      freedBytes = await dropOldestSegments(state, expired)
    })
    return freedBytes
  }

  async flush(): Promise<void> {
    await this.#syncer.sync(this.logEndOffset)
    this.#flushedAtMs = this.#nowMs()
  }

  /** Its disk failed: it takes nothing any more, and what it held in memory is gone. */
  takeOffline(error: unknown): void {
    this.#fail(error)
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
    const { active } = this.#state.segments
    if (active.hasUnsavedIndexes) await active.saveIndexes()
  }

  /** For the cleaner, which changes the state only inside `alone`. */
  get compaction(): { state: LogState; alone: (step: () => Promise<void>) => Promise<void> } {
    return { state: this.#state, alone: (step) => this.#appender.alone(step) }
  }

  expireProducers(beforeMs: number): void {
    this.#state.producers.expire(beforeMs)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    if (this.#failure === null) await this.#appender.alone(() => this.#persist())
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
    await this.#appender.queue.drained().catch(() => undefined)
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

  beginVerification(batch: VerificationStart): VerificationGuard | null {
    return this.#state.producers.beginVerification(batch, this.#nowMs())
  }

  activeProducers(): ReturnType<Log['activeProducers']> {
    return this.#state.producers.describe()
  }
}

function loggerOf(options: PartitionLogOptions) {
  return options.shared.runtime.logger.child(`[Log ${options.topic}-${options.partition}]`)
}
