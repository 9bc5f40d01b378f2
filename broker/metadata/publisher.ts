// Feeds committed metadata to this process: keeps the committed image, tells listeners what changed, lets
// others wait for an offset, and asks the quorum for snapshots. The only RaftListener for metadata; the
// controller hangs on its `attach`. Holds nothing of its own: after a crash the quorum replays it all.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { CommittedBatch, LeaderAndEpoch, RaftClient, RaftListener } from '../raft/types.ts'
import type { Runtime, TimerHandle } from '../runtime/runtime.ts'
import { compareImages, isUnchanged, mergeDeltas } from './delta.ts'
import { applyRecords, emptyImage } from './image.ts'
import type { MetadataDelta, MetadataImage, MetadataListener, MetadataView } from './image-types.ts'
import { decodeRecords, type MetadataRecord } from './records.ts'
import { snapshotBytes } from './snapshot.ts'
import { TransactionFilter } from './transaction-filter.ts'

/** Hears every commit at once, before listeners do; must not wait. */
export interface CommitFollower {
  handleCommitted?(image: MetadataImage): void
  handleLeaderChange(leader: LeaderAndEpoch): void
}

export interface MetadataPublisherSettings {
  /** metadata.log.max.record.bytes.between.snapshots */
  snapshotRecordBytes: number
  /** metadata.log.max.snapshot.interval.ms; 0 for never. */
  snapshotIntervalMs: number
}

const defaultMetadataPublisherSettings: MetadataPublisherSettings = {
  snapshotRecordBytes: 20 * 1024 * 1024,
  snapshotIntervalMs: 3_600_000,
}

export interface MetadataPublisherOptions {
  runtime: Runtime
  clusterId: string
  settings?: Partial<MetadataPublisherSettings>
  meter?: MetadataMeter
}

/** Told about each committed batch: how many records, and how long it took to take them in. */
export interface MetadataMeter {
  batch(recordCount: number, durationMs: number): void
}

interface OffsetWaiter {
  offset: number
  resolve(): void
  timer: TimerHandle
}

/** Records of a snapshot encoded in one turn of the event loop. */
const SNAPSHOT_RECORDS_PER_TURN = 500

export class MetadataPublisher implements MetadataView, RaftListener {
  readonly #runtime: Runtime
  readonly #settings: MetadataPublisherSettings
  readonly #meter: MetadataMeter | null
  readonly #listeners: { name: string; listener: MetadataListener }[] = []
  readonly #followers: CommitFollower[] = []
  readonly #filter = new TransactionFilter()
  #committed: MetadataImage
  #published: MetadataImage
  /** Offset through which every listener has been called. */
  #appliedOffset = -1
  #undelivered: MetadataDelta | null = null
  #isDelivering = false
  #waiters: OffsetWaiter[] = []
  #raft: RaftClient | null = null
  #bytesSinceSnapshot = 0
  #lastSnapshotMs: number
  #lastTimestampMs = 0
  #isSnapshotting = false
  /** For metrics. `lastTimestampMs`: wall clock of the last record taken in, 0 before the first. */
  readonly statistics = {
    snapshotsLoaded: 0,
    applyErrors: 0,
    lastTimestampMs: 0,
    /** Of the newest snapshot this process wrote; monotonic clock, its start before the first. */
    lastSnapshotMs: 0,
    lastSnapshotBytes: 0,
  }

  constructor(options: MetadataPublisherOptions) {
    this.#runtime = options.runtime
    this.#settings = { ...defaultMetadataPublisherSettings, ...options.settings }
    this.#committed = emptyImage(options.clusterId)
    this.#published = this.#committed
    this.#lastSnapshotMs = options.runtime.clock.monotonicMs()
    this.statistics.lastSnapshotMs = this.#lastSnapshotMs
    this.#meter = options.meter ?? null
  }

  /** What listeners have been or are being told. */
  get image(): MetadataImage {
    return this.#published
  }

  /** What the quorum has committed, perhaps not yet told to listeners. */
  get committedImage(): MetadataImage {
    return this.#committed
  }

  /** Every listener has dealt with what is at or below; -1 before the first. */
  get appliedOffset(): number {
    return this.#appliedOffset
  }

  /** Registers with the quorum; attach and subscribe everything before. */
  start(raft: RaftClient): void {
    this.#raft = raft
    raft.register(this)
  }

  subscribe(name: string, listener: MetadataListener): void {
    this.#listeners.push({ name, listener })
  }

  attach(follower: CommitFollower): void {
    this.#followers.push(follower)
  }

  waitForOffset(offset: number, timeoutMs: number): Promise<void> {
    if (offset <= this.#appliedOffset) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = this.#runtime.timers.set(timeoutMs, () => {
        this.#waiters = this.#waiters.filter((waiter) => waiter.timer !== timer)
        const message = `metadata offset ${offset} was not reached in ${timeoutMs} ms`
        reject(new KafkaError(ErrorCode.REQUEST_TIMED_OUT, message))
      })
      this.#waiters.push({ offset, resolve, timer })
    })
  }

  handleCommit(batch: CommittedBatch): void {
    for (const record of batch.records) this.#bytesSinceSnapshot += record.length
    this.#lastTimestampMs = batch.appendTimestampMs
    const { clock } = this.#runtime
    const startedMs = clock.monotonicMs()
    const records = this.#filter.push(decodeRecords(batch.records))
    const { image, delta } = applyRecords(this.#committed, records, {
      offset: batch.lastOffset,
      epoch: batch.epoch,
    })
    this.#commit(image, delta)
    this.statistics.lastTimestampMs = batch.appendTimestampMs
    this.#meter?.batch(batch.records.length, clock.monotonicMs() - startedMs)
    this.#snapshotIfDue()
  }

  handleLoadSnapshot(snapshot: Parameters<RaftListener['handleLoadSnapshot']>[0]): void {
    const records: MetadataRecord[] = decodeRecords(snapshot.records)
    const empty = emptyImage(this.#committed.clusterId)
    const { image } = applyRecords(empty, records, {
      offset: snapshot.endOffset - 1,
      epoch: snapshot.epoch,
    })
    this.#filter.clear()
    this.#bytesSinceSnapshot = 0
    this.#lastTimestampMs = snapshot.lastContainedLogTimestampMs
    this.statistics.snapshotsLoaded += 1
    this.statistics.lastTimestampMs = snapshot.lastContainedLogTimestampMs
    this.#commit(image, compareImages(this.#committed, image))
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    for (const follower of this.#followers) follower.handleLeaderChange(leader)
  }

  #commit(image: MetadataImage, delta: MetadataDelta): void {
    this.#committed = image
    for (const follower of this.#followers) follower.handleCommitted?.(image)
    this.#undelivered = this.#undelivered === null ? delta : mergeDeltas(this.#undelivered, delta)
    // Safe to let go: #deliver catches what listeners throw.
    if (!this.#isDelivering) void this.#deliver()
  }

  /** One delta at a time; commits that come meanwhile are merged into the next. */
  async #deliver(): Promise<void> {
    this.#isDelivering = true
    for (let delta = this.#undelivered; delta !== null; delta = this.#undelivered) {
      this.#undelivered = null
      this.#published = delta.image
      if (!isUnchanged(delta)) await this.#callListeners(delta)
      this.#appliedOffset = delta.image.offset
      this.#wake()
    }
    this.#isDelivering = false
  }

  async #callListeners(delta: MetadataDelta): Promise<void> {
    for (const { name, listener } of this.#listeners) {
      try {
        await listener(delta)
      } catch (error) {
        const { offset } = delta.image
        this.statistics.applyErrors += 1
        this.#runtime.logger.log('error', 'a metadata listener failed', { name, offset, error })
      }
    }
  }

  #wake(): void {
    const due = this.#waiters.filter((waiter) => waiter.offset <= this.#appliedOffset)
    if (due.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => waiter.offset > this.#appliedOffset)
    for (const waiter of due) {
      this.#runtime.timers.clear(waiter.timer)
      waiter.resolve()
    }
  }

  #snapshotIfDue(): void {
    if (this.#isSnapshotting || this.#filter.isOpen || this.#raft === null) return
    const nowMs = this.#runtime.clock.monotonicMs()
    const { snapshotRecordBytes, snapshotIntervalMs } = this.#settings
    const isBig = this.#bytesSinceSnapshot >= snapshotRecordBytes
    const isOld = snapshotIntervalMs > 0 && nowMs - this.#lastSnapshotMs >= snapshotIntervalMs
    if (!isBig && !isOld) return
    this.#bytesSinceSnapshot = 0
    this.#lastSnapshotMs = nowMs
    // Safe to let go: #writeSnapshot catches what the disk throws.
    void this.#writeSnapshot(this.#raft, this.#committed, this.#lastTimestampMs)
  }

  async #writeSnapshot(
    raft: RaftClient,
    image: MetadataImage,
    lastContainedLogTimestampMs: number,
  ): Promise<void> {
    this.#isSnapshotting = true
    try {
      const records: Buffer[] = []
      for (const record of snapshotBytes(image)) {
        records.push(record)
        if (records.length % SNAPSHOT_RECORDS_PER_TURN === 0) await this.#nextTurn()
      }
      const endOffset = image.offset + 1
      const sizeBytes = records.reduce((sum, { length }) => sum + length, 0)
      await raft.createSnapshot({
        endOffset,
        epoch: image.epoch,
        lastContainedLogTimestampMs,
        records,
      })
      this.statistics.lastSnapshotMs = this.#runtime.clock.monotonicMs()
      this.statistics.lastSnapshotBytes = sizeBytes
    } catch (error) {
      const { offset } = image
      this.#runtime.logger.log('error', 'a metadata snapshot failed', { offset, error })
    } finally {
      this.#isSnapshotting = false
    }
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#runtime.timers.immediate(resolve))
  }
}
