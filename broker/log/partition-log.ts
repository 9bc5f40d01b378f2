// One partition's log: the sole owner of its directory. Appends in call order (one write under way,
// everything queued meanwhile goes out with the next), reads beside them, rolls, truncates, retires.
// After a kill nothing below logEndOffset is lost; after power loss nothing below recoveryPoint is.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  batchBaseOffset,
  batchLastOffset,
  batchPositions,
  batchProducerId,
  NO_TIMESTAMP,
} from '../../protocol/records/batch.ts'
import type { Logger } from '../runtime/runtime.ts'
import {
  admitFromLeader,
  assignOffsets,
  checkFromBroker,
  checkFromClient,
  inspectFromClient,
  needsInspection,
} from './admission.ts'
import { walkBatches } from './batch-walker.ts'
import { EpochFile } from './epoch-file.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import { emptyRead, LogReader } from './log-reader.ts'
import { findByTimestamp, findLargestTimestamp, type TimestampOffset } from './log-search.ts'
import type { LogShared } from './log-shared.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { encodeSnapshot, type ProducerStates } from './producer-state.ts'
import { type LoadedLog, loadLog } from './recovery.ts'
import { countExpired } from './retention.ts'
import { RollPlan } from './roll-plan.ts'
import { Segment } from './segment.ts'
import { SegmentRetirer } from './segment-retirer.ts'
import type { SegmentList } from './segments.ts'
import { type TailCache, TailRing } from './tail-ring.ts'
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

export interface PartitionLogOptions {
  shared: LogShared
  directory: string
  topic: string
  partition: number
  topicId: string
  config: LogConfig
  /** As checkpointed; 0 when not known. */
  recoveryPoint: number
  logStartOffset: number
  highWatermark: number
  hadCleanShutdown: boolean
  /** Keep what a leader sent in the tail ring too (small logs that are read right back, as the metadata log). */
  cacheReplicaAppends?: boolean
  /** The log failed and takes nothing any more. */
  onFailure?: (error: unknown) => void
  /** A truncation went below what is checkpointed: resolves once the checkpoint says so. */
  onRecoveryPointLowered?: () => Promise<void>
}

interface AppendOptions {
  origin: AppendOrigin
  leaderEpoch: number
}

export class PartitionLog implements Log {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly #options: PartitionLogOptions
  readonly #shared: LogShared
  readonly #logger: Logger
  #directory: string
  #config: LogConfig
  readonly #segments: SegmentList
  readonly #producers: ProducerStates
  readonly #snapshots: ProducerSnapshots
  readonly #epochs: LeaderEpochCache
  readonly #queue: WorkQueue
  readonly #reader: LogReader
  readonly #tail: TailCache
  readonly #plan: RollPlan
  #logStartOffset: number
  #logEndOffset: number
  /** Offset the next append gets: ahead of logEndOffset while writes are under way. */
  #nextOffset: number
  #recoveryPoint: number
  #highWatermark: number
  readonly #epochFile: EpochFile
  readonly #retirer: SegmentRetirer
  #syncing: Promise<void> = Promise.resolve()
  /** Rolled and not yet wholly synced. */
  #unsyncedSealed: Segment[] = []
  /** Appends wait here while a batch is looked into or the log is changed otherwise. */
  #gate: Promise<void> | null = null
  #failure: unknown = null
  #isClosed = false
  /** Something was written since the log was opened. */
  #isDirty = false

  private constructor(options: PartitionLogOptions, loaded: LoadedLog, logger: Logger) {
    this.topic = options.topic
    this.partition = options.partition
    this.topicId = options.topicId
    this.#options = options
    this.#shared = options.shared
    this.#logger = logger
    this.#directory = options.directory
    this.#config = options.config
    this.#segments = loaded.segments
    this.#producers = loaded.producers
    this.#snapshots = loaded.snapshots
    this.#epochs = loaded.epochs
    this.#epochFile = new EpochFile({
      disk: options.shared.runtime.disk,
      directory: options.directory,
      cache: loaded.epochs,
      onFailure: (error) => this.#fail(error),
    })
    this.#retirer = new SegmentRetirer(options.shared, logger)
    this.#logStartOffset = loaded.logStartOffset
    this.#logEndOffset = loaded.logEndOffset
    this.#nextOffset = loaded.logEndOffset
    this.#recoveryPoint = loaded.recoveryPoint
    this.#highWatermark = Math.min(
      Math.max(options.highWatermark, loaded.logStartOffset),
      loaded.logEndOffset,
    )
    this.#queue = new WorkQueue({
      write: (buffers, endOffset) => this.#write(buffers, endOffset),
      onFailure: (error) => this.#fail(error),
    })
    this.#reader = new LogReader(loaded.segments, options.shared.indexCache)
    this.#tail = (options.shared.ring ?? new TailRing(0)).openCache()
    this.#plan = new RollPlan(loaded.segments.active)
  }

  /** Opens or creates the log in `directory`, which must exist; recovers it unless it was closed cleanly. */
  static async open(options: PartitionLogOptions): Promise<PartitionLog> {
    const { shared, directory } = options
    const logger = shared.runtime.logger.child(`[Log ${options.topic}-${options.partition}]`)
    const loaded = await loadLog({
      context: shared.segments,
      logger,
      directory,
      recoveryPoint: options.recoveryPoint,
      logStartOffset: options.logStartOffset,
      hadCleanShutdown: options.hadCleanShutdown,
      indexIntervalBytes: options.config.indexIntervalBytes,
    })
    return new PartitionLog(options, loaded, logger)
  }

  get directory(): string {
    return this.#directory
  }
  get config(): LogConfig {
    return this.#config
  }
  get logStartOffset(): number {
    return this.#logStartOffset
  }
  get logEndOffset(): number {
    return this.#logEndOffset
  }
  /** Offset the next append will get; above logEndOffset while appends are under way. */
  get nextOffset(): number {
    return this.#nextOffset
  }
  get recoveryPoint(): number {
    return this.#recoveryPoint
  }
  get highWatermark(): number {
    return this.#highWatermark
  }
  get lastStableOffset(): number {
    return this.#highWatermark
  }
  get sizeBytes(): number {
    return this.#segments.sizeBytes
  }
  get segmentCount(): number {
    return this.#segments.count
  }
  get latestEpoch(): number {
    return this.#epochs.latestEpoch
  }
  /** Why the log takes nothing any more; null while it works. */
  get failure(): unknown {
    return this.#failure
  }

  updateConfig(config: LogConfig): void {
    this.#config = config
  }

  setHighWatermark(offset: number): void {
    this.#highWatermark = Math.max(this.#logStartOffset, Math.min(offset, this.#logEndOffset))
  }

  assignEpochStart(epoch: number, startOffset: number): void {
    this.#epochs.assign(epoch, startOffset)
    this.#epochFile.save()
  }

  append(records: Buffer, options: AppendOptions): Promise<AppendInfo> {
    if (this.#gate !== null) return this.#gate.then(() => this.append(records, options))
    try {
      this.#checkOpen()
      if (options.origin === 'replica') return this.#appendReplica(records)
      if (options.origin !== 'client') checkFromBroker(records, this.#config, options.origin)
      else {
        checkFromClient(records, this.#config)
        const nowMs = this.#shared.runtime.clock.nowMs()
        if (needsInspection(records, this.#config, nowMs)) {
          const inspected = inspectFromClient(records, this.#config, nowMs)
          if (inspected !== undefined) return this.#appendAfter(inspected, records, options)
        }
      }
      return this.#appendLeader(records, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Other appends wait until this batch has been looked into and has its place. */
  #appendAfter(
    inspected: Promise<void>,
    records: Buffer,
    options: AppendOptions,
  ): Promise<AppendInfo> {
    return new Promise((resolve, reject) => {
      this.#closeGate(
        inspected.then(() => {
          this.#appendLeader(records, options).then(resolve, reject)
        }),
      ).catch(reject)
    })
  }

  /** Appends wait until `work` is through, however it ends. */
  #closeGate(work: Promise<void>): Promise<void> {
    const gate: Promise<void> = work
      .catch(() => undefined)
      .then(() => {
        if (this.#gate === gate) this.#gate = null
      })
    this.#gate = gate
    return work
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
    for (const at of batchPositions(records)) {
      if (batchProducerId(records, at) < 0) continue
      const original = origin === 'client' ? this.#producers.findDuplicate(records, at) : null
      if (original !== null) return this.#answerDuplicate(original, records.length)
      this.#producers.check(records, at, origin)
    }
    const baseOffset = this.#nextOffset
    const isStamped = this.#config.messageTimestampType === 'LogAppendTime' && origin !== 'raft'
    const logAppendTimeMs = isStamped ? this.#shared.runtime.clock.nowMs() : NO_TIMESTAMP
    const admitted = assignOffsets(records, { baseOffset, leaderEpoch, logAppendTimeMs })
    if (leaderEpoch > this.#epochs.latestEpoch) this.assignEpochStart(leaderEpoch, baseOffset)
    return this.#enqueue({ ...admitted, baseOffset, logAppendTimeMs })
  }

  async #answerDuplicate(
    original: { firstOffset: number; lastOffset: number },
    sizeBytes: number,
  ): Promise<AppendInfo> {
    // The first copy may still be on its way to the disk.
    if (original.lastOffset >= this.#logEndOffset) await this.#queue.drained()
    const { firstOffset, lastOffset } = original
    return this.#info({ firstOffset, lastOffset, isDuplicate: true, sizeBytes })
  }

  #appendReplica(given: Buffer): Promise<AppendInfo> {
    const admitted = admitFromLeader(given, this.#nextOffset)
    if (admitted.records.length === 0) {
      const firstOffset = this.#nextOffset
      return Promise.resolve(this.#info({ firstOffset, lastOffset: firstOffset - 1 }))
    }
    const epochsBefore = this.#epochs.version
    for (const at of batchPositions(admitted.records)) {
      const epoch = admitted.records.readInt32BE(at + 12)
      if (epoch > this.#epochs.latestEpoch) {
        this.#epochs.assign(epoch, batchBaseOffset(admitted.records, at))
      }
    }
    if (this.#epochs.version !== epochsBefore) this.#epochFile.save()
    const baseOffset = batchBaseOffset(admitted.records, 0)
    return this.#enqueue({ ...admitted, baseOffset, logAppendTimeMs: NO_TIMESTAMP }, true)
  }

  async #enqueue(
    admitted: {
      records: Buffer
      baseOffset: number
      endOffset: number
      recordCount: number
      maxTimestampMs: number
      logAppendTimeMs: number
    },
    isReplica = false,
  ): Promise<AppendInfo> {
    const { records, baseOffset, endOffset } = admitted
    const nowMs = this.#shared.runtime.clock.nowMs()
    const next = { sizeBytes: records.length, endOffset, maxTimestampMs: admitted.maxTimestampMs }
    if (this.#plan.mustRoll(next, this.#config, nowMs)) this.#planRoll(nowMs)
    this.#plan.add(next, this.#config)
    for (const at of batchPositions(records)) this.#producers.update(records, at)
    this.#nextOffset = endOffset
    this.#skipsTail = isReplica && this.#options.cacheReplicaAppends !== true
    await this.#queue.append(records, endOffset)
    return this.#info({
      firstOffset: baseOffset,
      lastOffset: endOffset - 1,
      logAppendTimeMs: admitted.logAppendTimeMs,
      sizeBytes: records.length,
      recordCount: admitted.recordCount,
    })
  }

  #info(facts: Partial<AppendInfo> & { firstOffset: number; lastOffset: number }): AppendInfo {
    return {
      logAppendTimeMs: NO_TIMESTAMP,
      logStartOffset: this.#logStartOffset,
      isDuplicate: false,
      sizeBytes: 0,
      recordCount: facts.lastOffset - facts.firstOffset + 1,
      ...facts,
    }
  }

  /** What a leader sent goes to the files only: whoever reads here reads old data. */
  #skipsTail = false

  async #write(buffers: Buffer[], endOffset: number): Promise<void> {
    await this.#segments.active.append(buffers, this.#config.indexIntervalBytes)
    if (this.#shared.ring !== null && !this.#skipsTail) {
      for (const buffer of buffers) this.#tail.append(buffer)
    }
    this.#logEndOffset = endOffset
    this.#isDirty = true
    if (endOffset - this.#recoveryPoint >= this.#config.flushMessages) await this.flush()
  }

  /** Decided when a batch gets its offset, done when the queue comes to it. */
  #planRoll(nowMs: number): void {
    const baseOffset = this.#nextOffset
    const snapshot = encodeSnapshot(this.#producers)
    this.#plan.start(baseOffset, nowMs)
    // A failing roll takes the log offline, and every append behind it fails with its cause.
    this.#queue.exclusively(() => this.#roll(baseOffset, snapshot)).catch(() => undefined)
  }

  async #roll(baseOffset: number, snapshot: Buffer): Promise<void> {
    const old = this.#segments.active
    await old.seal()
    await this.#snapshots.write(baseOffset, snapshot)
    const { segments, indexCache } = this.#shared
    this.#segments.add(await Segment.create(segments, { directory: this.#directory, baseOffset }))
    indexCache.touch(old)
    this.#unsyncedSealed.push(old)
    this.#logger.log('debug', 'Rolled a new segment', { baseOffset })
    this.#sync(baseOffset).catch((error: unknown) => this.#fail(error))
  }

  read(options: {
    offset: number
    maxBytes: number
    minOneBatch: boolean
    endOffsetExclusive: number
  }): ReadResult | Promise<ReadResult> {
    const { offset } = options
    if (offset < this.#logStartOffset || offset > this.#logEndOffset) {
      throw new AppendError(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `Offset ${offset} is outside ${this.#logStartOffset}..${this.#logEndOffset}`,
      )
    }
    const endOffsetExclusive = Math.min(options.endOffsetExclusive, this.#logEndOffset)
    if (offset >= endOffsetExclusive) return emptyRead(offset)
    const request = { ...options, endOffsetExclusive }
    return this.#tail.read(request) ?? this.#reader.read(request)
  }

  findOffsetByTimestamp(
    timestampMs: number,
    endOffsetExclusive: number,
  ): Promise<TimestampOffset | null> {
    const range = { startOffset: this.#logStartOffset, endOffsetExclusive }
    return findByTimestamp(this.#segments.all(), timestampMs, range)
  }

  findMaxTimestamp(): Promise<TimestampOffset | null> {
    return findLargestTimestamp(this.#segments.all(), {
      startOffset: this.#logStartOffset,
      endOffsetExclusive: this.#logEndOffset,
    })
  }

  /** None: transactions are not served, so none can have been aborted. */
  abortedTransactions(_startOffset: number, _endOffsetExclusive: number): AbortedTransaction[] {
    return []
  }

  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number } {
    return this.#epochs.endOffsetFor(epoch, this.#logEndOffset)
  }

  epochOf(offset: number): number {
    return this.#epochs.epochOf(offset)
  }

  epochs(): readonly EpochEntry[] {
    return this.#epochs.all()
  }

  /** Runs `step` after all queued work, with no append let in before it is done. */
  #alone(step: () => Promise<void>): Promise<void> {
    const turn = this.#gate ?? Promise.resolve()
    return this.#closeGate(
      turn.then(() => {
        this.#checkOpen()
        return this.#queue.exclusively(step)
      }),
    )
  }

  truncateTo(offset: number): Promise<void> {
    return this.#alone(async () => {
      if (offset >= this.#logEndOffset) return
      if (offset <= this.#segments.first.baseOffset) await this.#restartAt(offset)
      else await this.#cutAt(offset)
    })
  }

  async #cutAt(offset: number): Promise<void> {
    const before = this.#logEndOffset
    // Newest first: a crash in between leaves a log without a hole.
    for (const segment of [...this.#segments.all()].reverse()) {
      if (segment.baseOffset < offset || this.#segments.count === 1) break
      await this.#retire(segment)
    }
    const segment = this.#segments.active
    const cut = await locate(segment, offset)
    this.#reader.invalidate()
    this.#tail.clear()
    this.#shared.indexCache.forget(segment)
    await segment.truncate(cut.offset, cut.positionBytes)
    this.#unsyncedSealed = this.#unsyncedSealed.filter((other) => other !== segment)
    this.#logEndOffset = cut.offset
    this.#epochs.truncateFromEnd(cut.offset)
    await this.#snapshots.deleteAbove(cut.offset)
    await this.#snapshots.restore(this.#producers, this.#segments.all(), cut.offset)
    await segment.syncLog()
    await this.#afterTruncation()
    this.#logger.log('info', 'Truncated', { from: before, to: cut.offset })
  }

  /** The end moved down: what is derived from it follows, on disk too before anything is appended. */
  async #afterTruncation(): Promise<void> {
    this.#isDirty = true
    this.#nextOffset = this.#logEndOffset
    this.#highWatermark = Math.min(this.#highWatermark, this.#logEndOffset)
    this.#plan.reset(this.#segments.active)
    this.#epochFile.save()
    await this.#epochFile.saved()
    await this.#shared.runtime.disk.syncDirectory(this.#directory)
    if (this.#recoveryPoint <= this.#logEndOffset) return
    this.#recoveryPoint = this.#logEndOffset
    await this.#options.onRecoveryPointLowered?.()
  }

  truncateFullyAndStartAt(offset: number): Promise<void> {
    return this.#alone(() => this.#restartAt(offset))
  }

  async #restartAt(offset: number): Promise<void> {
    this.#reader.invalidate()
    this.#tail.clear()
    for (const segment of [...this.#segments.all()].reverse()) await this.#retire(segment)
    const { segments } = this.#shared
    this.#segments.add(
      await Segment.create(segments, { directory: this.#directory, baseOffset: offset }),
    )
    this.#unsyncedSealed = []
    this.#producers.clear()
    this.#epochs.clear()
    await this.#snapshots.deleteAll()
    this.#logStartOffset = offset
    this.#logEndOffset = offset
    this.#highWatermark = offset
    this.#recoveryPoint = Math.max(this.#recoveryPoint, offset)
    await this.#afterTruncation()
    this.#logger.log('info', 'Dropped everything', { startOffset: offset })
  }

  async advanceLogStartOffset(offset: number): Promise<void> {
    if (offset <= this.#logStartOffset) return
    if (offset > this.#logEndOffset) {
      throw new AppendError(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `Offset ${offset} is past the log end, ${this.#logEndOffset}`,
      )
    }
    this.#moveLogStart(offset)
  }

  #moveLogStart(offset: number): void {
    this.#logStartOffset = offset
    this.#highWatermark = Math.max(this.#highWatermark, offset)
    this.#epochs.truncateFromStart(offset)
    this.#epochFile.save()
  }

  async applyRetention(nowMs: number): Promise<number> {
    this.#checkOpen()
    const expired = await this.#countExpired(nowMs)
    if (expired === 0) return 0
    if (expired === this.#segments.count && this.#plan.isRollable) this.#planRoll(nowMs)
    let freedBytes = 0
    await this.#queue.exclusively(async () => {
      const doomed = this.#segments.all().slice(0, Math.min(expired, this.#segments.count - 1))
      for (const segment of doomed) {
        freedBytes += segment.sizeBytes
        // The start moves first: nobody may begin to read what is about to go.
        const end = this.#segments.endOf(segment, this.#logEndOffset)
        if (end > this.#logStartOffset) this.#moveLogStart(end)
        await this.#retire(segment)
      }
      await this.#snapshots.deleteBelow(this.#segments.first.baseOffset)
    })
    this.#logger.log('info', 'Deleted old segments', { freedBytes, start: this.#logStartOffset })
    return freedBytes
  }

  async #countExpired(nowMs: number): Promise<number> {
    const segments = this.#segments.all()
    const isByTime = this.#config.cleanupDelete && this.#config.retentionMs >= 0
    const described = await Promise.all(
      segments.map(async (segment) => ({
        baseOffset: segment.baseOffset,
        endOffset: this.#segments.endOf(segment, this.#logEndOffset),
        sizeBytes: segment.sizeBytes,
        largestTimestampMs: isByTime ? await timestampOf(segment, this.#shared) : -1,
      })),
    )
    return countExpired(described, {
      nowMs,
      retentionMs: this.#config.retentionMs,
      retentionBytes: this.#config.retentionBytes,
      cleanupDelete: this.#config.cleanupDelete,
      logStartOffset: this.#logStartOffset,
      highWatermark: this.#highWatermark,
    })
  }

  async #retire(segment: Segment): Promise<void> {
    this.#segments.remove(segment)
    this.#unsyncedSealed = this.#unsyncedSealed.filter((other) => other !== segment)
    await this.#retirer.retire(segment, this.#config.fileDeleteDelayMs)
  }

  flush(): Promise<void> {
    return this.#sync(this.#logEndOffset)
  }

  /** One at a time; a second caller's goal is often met by the first. */
  #sync(endOffset: number): Promise<void> {
    const turn = this.#syncing.then(() => this.#syncNow(endOffset))
    this.#syncing = turn.catch((error: unknown) => this.#fail(error))
    return turn
  }

  async #syncNow(endOffset: number): Promise<void> {
    const sealed = this.#unsyncedSealed
    const target = Math.min(endOffset, this.#logEndOffset)
    if (target <= this.#recoveryPoint && sealed.length === 0) return
    const active = this.#segments.active
    for (const segment of sealed) await segment.sync()
    if (target > active.baseOffset) await active.syncLog()
    if (sealed.length > 0) await this.#shared.runtime.disk.syncDirectory(this.#directory)
    await this.#epochFile.saved()
    this.#unsyncedSealed = this.#unsyncedSealed.filter((segment) => !sealed.includes(segment))
    // Truncation may have come between.
    this.#recoveryPoint = Math.max(this.#recoveryPoint, Math.min(target, this.#logEndOffset))
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#tail.clear()
    this.#logger.log('error', 'The log is offline', { error })
    this.#options.onFailure?.(error)
  }

  /** Index entries still in memory only reach their files; cheap when there are none. */
  async saveIndexes(): Promise<void> {
    if (this.#failure === null && !this.#isClosed) await this.#segments.active.saveIndexes()
  }

  expireProducers(beforeMs: number): void {
    this.#producers.expire(beforeMs)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    if (this.#failure === null) {
      await this.#alone(async () => {
        this.#isClosed = true
        const active = this.#segments.active
        await active.seal()
        if (this.#isDirty || this.#recoveryPoint < this.#logEndOffset) {
          await this.flush()
          await active.sync()
          await this.#shared.runtime.disk.syncDirectory(this.#directory)
        }
        if (this.#logEndOffset > Math.max(0, this.#snapshots.latestOffset)) {
          await this.#snapshots.writeSynced(this.#logEndOffset, this.#producers)
        }
        await this.#epochFile.saved()
      })
    }
    await this.#release()
    if (this.#failure !== null) throw this.#failure
  }

  /** Closes the files without flushing (the directory goes away). */
  async abandon(): Promise<void> {
    this.#isClosed = true
    await this.#queue.drained().catch(() => undefined)
    await this.#syncing
    await this.#epochFile.saved()
    await this.#release()
  }

  async #release(): Promise<void> {
    this.#isClosed = true
    this.#tail.clear()
    this.#retirer.stop()
    for (const segment of this.#segments.all()) {
      this.#shared.indexCache.forget(segment)
      await segment.closeFiles()
    }
  }

  activeProducers(): ReturnType<Log['activeProducers']> {
    return [...this.#producers.all()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestampMs: entry.lastTimestampMs,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnStartOffset: entry.currentTxnStartOffset,
    }))
  }
}

async function timestampOf(segment: Segment, shared: LogShared): Promise<number> {
  const { timestampMs } = await segment.largestTimestamp()
  if (timestampMs >= 0) return timestampMs
  const info = await shared.runtime.disk.stat(segment.logPath)
  return info?.modifiedMs ?? shared.runtime.clock.nowMs()
}

/** The batch that holds `offset`, or the first after it: where a truncation to it cuts. */
async function locate(
  segment: Segment,
  offset: number,
): Promise<{ offset: number; positionBytes: number }> {
  const { offset: index } = await segment.indexes()
  let cutOffset = offset
  const positionBytes = await segment.withFile((handle) =>
    walkBatches(
      handle,
      { fromBytes: index.lookup(offset), toBytes: segment.sizeBytes },
      ({ buffer, at }) => {
        if (batchLastOffset(buffer, at) < offset) return true
        cutOffset = Math.min(offset, batchBaseOffset(buffer, at))
        return false
      },
    ),
  )
  return { offset: cutOffset, positionBytes }
}
