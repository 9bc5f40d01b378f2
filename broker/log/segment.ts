// One segment of a partition log: its .log file, offset index, time index and transaction index.
// Owned by one PartitionLog, which serialises changes; reads run beside them. A write that was not
// synced may be lost or torn by power loss: recovery.ts truncates it and rebuilds the indexes.
import path from 'node:path'
import {
  BATCH_HEADER_BYTES,
  batchLastOffset,
  batchMaxTimestamp,
  wholeBatchSizeBytes,
} from '../../protocol/records/batch.ts'
import { assert } from '../runtime/assert.ts'
import type { Disk, FileHandle } from '../runtime/runtime.ts'
import { recordTimestampMs, walkBatches } from './batch-walker.ts'
import type { FileHandles } from './file-handles.ts'
import {
  DELETED_SUFFIX,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetName,
  SEGMENT_SUFFIXES,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './names.ts'
import { OffsetIndex } from './offset-index.ts'
import { TIME_ENTRY_BYTES, type TimeEntry, TimeIndex } from './time-index.ts'
import { TransactionIndexFile } from './transaction-index-file.ts'

/** What all segments of a broker share. */
export interface SegmentContext {
  disk: Disk
  handles: FileHandles
  nowMs: () => number
}

interface Indexes {
  offset: OffsetIndex
  time: TimeIndex
}

/** Unsaved index entries are written out at this many (and on roll, flush and close). */
const UNSAVED_ENTRIES_MAX = 512

export class Segment {
  readonly baseOffset: number
  /** Transactions whose abort marker lies in this segment. */
  readonly aborted: TransactionIndexFile
  readonly #context: SegmentContext
  readonly #stem: string
  /** Behind every file name while the segment is being made beside others. */
  readonly #suffix: string
  #sizeBytes: number
  #indexes: Indexes | null = null
  #loadingIndexes: Promise<Indexes> | null = null
  /** null: not known yet (a sealed segment whose time index was not read). */
  #largest: TimeEntry | null = null
  #bytesSinceIndexEntry = 0
  #savingIndexes: Promise<void> = Promise.resolve()
  readonly createdMs: number
  /** Largest timestamp of the first batch, from which segment.ms counts; null while there is none. */
  #firstTimestampMs: number | null = null
  /** The files have their `.deleted` names. */
  #isDeleted = false
  #isRetiring = false
  /** Zeros follow the last batch, until the segment is sealed. */
  #isPreallocated = false

  constructor(
    context: SegmentContext,
    options: {
      directory: string
      baseOffset: number
      sizeBytes: number
      createdMs: number
      suffix?: string
    },
  ) {
    this.#context = context
    this.#suffix = options.suffix ?? ''
    this.baseOffset = options.baseOffset
    this.#stem = path.join(options.directory, offsetName(options.baseOffset))
    this.#sizeBytes = options.sizeBytes
    this.createdMs = options.createdMs
    this.aborted = new TransactionIndexFile({
      disk: context.disk,
      baseOffset: options.baseOffset,
      path: () => this.pathOf(TRANSACTION_INDEX_SUFFIX),
    })
  }

  /** Makes the empty files of a new segment. */
  static async create(
    context: SegmentContext,
    options: { directory: string; baseOffset: number; suffix?: string },
  ): Promise<Segment> {
    const createdMs = context.nowMs()
    const segment = new Segment(context, { ...options, sizeBytes: 0, createdMs })
    segment.setIndexes(new OffsetIndex(options.baseOffset), new TimeIndex(options.baseOffset))
    segment.aborted.setEmpty()
    await Promise.all(
      [LOG_SUFFIX, OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX].map(async (suffix) => {
        const handle = await context.disk.open(segment.pathOf(suffix), 'rw')
        await handle.truncate(0)
        await handle.close()
      }),
    )
    return segment
  }

  pathOf(suffix: string): string {
    return `${this.#stem}${suffix}${this.#isDeleted ? DELETED_SUFFIX : this.#suffix}`
  }

  get logPath(): string {
    return this.pathOf(LOG_SUFFIX)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get firstTimestampMs(): number | null {
    return this.#firstTimestampMs
  }

  /** For a segment that was on disk already. */
  async readFirstTimestamp(): Promise<void> {
    const header = Buffer.alloc(BATCH_HEADER_BYTES)
    if (this.#sizeBytes < header.length) return
    await this.withFile((handle) => handle.read(header, 0))
    this.#noteFirst(batchMaxTimestamp(header, 0))
  }

  #noteFirst(timestampMs: number): void {
    this.#firstTimestampMs = timestampMs >= 0 ? timestampMs : null
  }

  get indexEntryCount(): number {
    return this.#indexes?.offset.count ?? 0
  }

  /** Memory held by loaded indexes. */
  get indexMemoryBytes(): number {
    const { memoryBytes } = this.aborted
    if (this.#indexes === null) return memoryBytes
    return this.#indexes.offset.memoryBytes + this.#indexes.time.memoryBytes + memoryBytes
  }

  withFile<T>(operation: (handle: FileHandle) => Promise<T>): Promise<T> {
    return this.#context.handles.use(this.logPath, operation)
  }

  setIndexes(offset: OffsetIndex, time: TimeIndex): void {
    this.#indexes = { offset, time }
    this.#largest = time.last() ?? { timestampMs: -1, offset: this.baseOffset - 1 }
  }

  /** As recovery found it, including batches after the last index entry. */
  setTail(tail: { largest: TimeEntry | null; bytesSinceIndexEntry: number }): void {
    if (tail.largest !== null) this.#largest = tail.largest
    this.#bytesSinceIndexEntry = tail.bytesSinceIndexEntry
  }

  /** Writes whole batches to the end, then indexes them; a new file first gets `preallocatedBytes`. */
  async append(
    buffers: readonly Buffer[],
    indexIntervalBytes: number,
    preallocatedBytes = 0,
  ): Promise<void> {
    const position = this.#sizeBytes
    await this.withFile(async (handle) => {
      if (position === 0 && preallocatedBytes > 0) {
        this.#isPreallocated = true
        await handle.truncate(preallocatedBytes)
      }
      await handle.write(buffers, position)
    })
    assert(this.#sizeBytes === position, 'one append at a time')
    for (const buffer of buffers) this.#index(buffer, indexIntervalBytes)
    const indexes = this.#indexes
    if (indexes !== null && indexes.offset.unsavedCount > UNSAVED_ENTRIES_MAX) {
      await this.saveIndexes()
    }
  }

  #index(buffer: Buffer, indexIntervalBytes: number): void {
    const indexes = this.#indexes
    assert(indexes !== null, 'the active segment has its indexes in memory')
    for (let at = 0; at < buffer.length; ) {
      const sizeBytes = wholeBatchSizeBytes(buffer, at)
      assert(sizeBytes !== null, 'only whole batches are appended')
      if (this.#sizeBytes === 0) this.#noteFirst(batchMaxTimestamp(buffer, at))
      this.observe(buffer, at, indexIntervalBytes, { indexes, positionBytes: this.#sizeBytes })
      this.#sizeBytes += sizeBytes
      this.#bytesSinceIndexEntry += sizeBytes
      at += sizeBytes
    }
  }

  /** Takes one batch into timestamps and indexes; the caller accounts its size. */
  observe(
    buffer: Buffer,
    at: number,
    indexIntervalBytes: number,
    target: { indexes: Indexes; positionBytes: number },
  ): void {
    const lastOffset = batchLastOffset(buffer, at)
    const timestampMs = recordTimestampMs(buffer, at)
    if (this.#largest === null || timestampMs > this.#largest.timestampMs) {
      this.#largest = { timestampMs, offset: lastOffset }
    }
    if (this.#bytesSinceIndexEntry <= indexIntervalBytes) return
    target.indexes.offset.append(lastOffset, target.positionBytes)
    target.indexes.time.append(this.#largest)
    this.#bytesSinceIndexEntry = 0
  }

  /** Adds the last time entry, which tells the largest timestamp without reading the log. */
  async seal(): Promise<void> {
    if (this.#isPreallocated) {
      this.#isPreallocated = false
      await this.withFile((handle) => handle.truncate(this.#sizeBytes))
    }
    if (this.#indexes !== null && this.#largest !== null) this.#indexes.time.append(this.#largest)
    await this.saveIndexes()
  }

  /** Whether `saveIndexes` has anything to do. */
  get hasUnsavedIndexes(): boolean {
    const indexes = this.#indexes
    const count = (indexes?.offset.unsavedCount ?? 0) + (indexes?.time.unsavedCount ?? 0)
    return count > 0 || this.aborted.hasUnsaved
  }

  /** Writes out index entries not yet in their files. */
  saveIndexes(): Promise<void> {
    const run = async () => {
      const indexes = this.#indexes
      if (this.#isRetiring) return
      await this.aborted.save()
      if (indexes === null) return
      await this.#saveOne(indexes.offset, OFFSET_INDEX_SUFFIX)
      await this.#saveOne(indexes.time, TIME_INDEX_SUFFIX)
    }
    this.#savingIndexes = this.#savingIndexes.then(run)
    return this.#savingIndexes
  }

  async #saveOne(index: OffsetIndex | TimeIndex, suffix: string): Promise<void> {
    const { bytes, position } = index.unsaved()
    if (bytes.length === 0) return
    const handle = await this.#context.disk.open(this.pathOf(suffix), 'rw')
    try {
      await handle.write([bytes], position)
      index.markSaved(position, bytes.length)
    } finally {
      await handle.close()
    }
  }

  /** The log file alone: enough for the active segment, whose indexes recovery makes anew. */
  syncLog(): Promise<void> {
    return this.withFile((handle) => handle.sync())
  }

  /** The log file first: an index may miss entries, never lead past the end. */
  async sync(): Promise<void> {
    try {
      await this.syncLog()
      await this.saveIndexes()
      for (const suffix of [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX]) {
        const handle = await this.#context.disk.open(this.pathOf(suffix), 'r+')
        await handle.sync().finally(() => handle.close())
      }
      await this.aborted.sync()
    } catch (error) {
      // Retired meanwhile: nobody needs it on disk any more.
      if (!this.#isRetiring) throw error
    }
  }

  /** Frees the indexes of a sealed segment; they are read again when needed. */
  dropIndexes(): void {
    if (this.#indexes?.offset.unsavedCount === 0 && this.#indexes.time.unsavedCount === 0) {
      this.#indexes = null
    }
    this.aborted.drop()
  }

  indexes(): Indexes | Promise<Indexes> {
    if (this.#indexes !== null) return this.#indexes
    this.#loadingIndexes ??= this.#loadIndexes().finally(() => {
      this.#loadingIndexes = null
    })
    return this.#loadingIndexes
  }

  async #loadIndexes(): Promise<Indexes> {
    const offsetData = await this.#readIndexFile(OFFSET_INDEX_SUFFIX)
    const timeData = await this.#readIndexFile(TIME_INDEX_SUFFIX)
    if (offsetData !== null && timeData !== null) {
      const offset = new OffsetIndex(this.baseOffset, offsetData)
      const time = new TimeIndex(this.baseOffset, timeData)
      if (offset.isSane(this.#sizeBytes) && time.isSane()) {
        this.#indexes = { offset, time }
        return this.#indexes
      }
    }
    return this.rebuildIndexes(DEFAULT_INDEX_INTERVAL_BYTES)
  }

  async #readIndexFile(suffix: string): Promise<Buffer | null> {
    try {
      return await this.#context.disk.readFile(this.pathOf(suffix))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  /** Makes both indexes anew from the log file and writes them. */
  async rebuildIndexes(indexIntervalBytes: number): Promise<Indexes> {
    const indexes = this.beginIndexes()
    await this.withFile((handle) =>
      walkBatches(handle, { fromBytes: 0, toBytes: this.#sizeBytes }, (batch) => {
        this.observe(batch.buffer, batch.at, indexIntervalBytes, {
          indexes,
          positionBytes: batch.positionBytes,
        })
        this.#bytesSinceIndexEntry += batch.sizeBytes
        return true
      }),
    )
    await this.finishIndexes()
    return indexes
  }

  /** Starts both indexes empty; `observe` and `accountIndexed` fill them, `finishIndexes` writes them. */
  beginIndexes(): Indexes {
    this.setIndexes(new OffsetIndex(this.baseOffset), new TimeIndex(this.baseOffset))
    this.#bytesSinceIndexEntry = 0
    assert(this.#indexes !== null, 'just set')
    return this.#indexes
  }

  accountIndexed(sizeBytes: number): void {
    this.#bytesSinceIndexEntry += sizeBytes
  }

  async finishIndexes(): Promise<void> {
    // Another segment may have taken these names already.
    if (this.#isRetiring) return
    if (this.#largest !== null) this.#indexes?.time.append(this.#largest)
    const { disk } = this.#context
    for (const suffix of [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX]) {
      // Thousands of partitions hold nothing: their files need not be changed to stay as they are.
      if ((await disk.stat(this.pathOf(suffix)))?.sizeBytes === 0) continue
      const handle = await disk.open(this.pathOf(suffix), 'rw')
      await handle.truncate(0)
      await handle.close()
    }
    await this.saveIndexes()
  }

  /** Largest timestamp and the last offset of its batch; timestamp -1 when empty. */
  async largestTimestamp(): Promise<TimeEntry> {
    if (this.#largest !== null) return this.#largest
    const none = { timestampMs: -1, offset: this.baseOffset - 1 }
    const indexPath = this.pathOf(TIME_INDEX_SUFFIX)
    const info = await this.#context.disk.stat(indexPath)
    if (info !== null && info.sizeBytes >= TIME_ENTRY_BYTES) {
      // A sealed segment's last entry is its largest; reading 12 bytes spares the whole index.
      const entry = Buffer.alloc(TIME_ENTRY_BYTES)
      const handle = await this.#context.disk.open(indexPath, 'r')
      const at = Math.floor(info.sizeBytes / TIME_ENTRY_BYTES - 1) * TIME_ENTRY_BYTES
      await handle.read(entry, at).finally(() => handle.close())
      const last = new TimeIndex(this.baseOffset, entry).last()
      if (last !== null && last.timestampMs > 0) {
        this.#largest = last
        return last
      }
    }
    const { time } = await this.indexes()
    this.#largest = time.last() ?? none
    return this.#largest
  }

  /** Cuts the file at `positionBytes`, the start of the batch that held `offset`. */
  async truncate(offset: number, positionBytes: number): Promise<void> {
    const indexes = await this.indexes()
    const aborted = await this.aborted.load()
    const hadAborted = aborted.count > 0
    // Indexes first: after a crash in between they miss entries, which is harmless.
    indexes.offset.truncate(offset, positionBytes)
    indexes.time.truncate(offset)
    aborted.truncate(offset)
    await this.#truncateIndexFiles(indexes)
    if (hadAborted) await this.aborted.truncateFile()
    await this.withFile((handle) => handle.truncate(positionBytes))
    this.#sizeBytes = positionBytes
    if (positionBytes === 0) this.#firstTimestampMs = null
    this.#bytesSinceIndexEntry = positionBytes - (indexes.offset.last()?.position ?? 0)
    await this.#rescanLargest(indexes)
  }

  async #truncateIndexFiles(indexes: Indexes): Promise<void> {
    await this.saveIndexes()
    for (const [suffix, sizeBytes] of [
      [OFFSET_INDEX_SUFFIX, indexes.offset.count * 8],
      [TIME_INDEX_SUFFIX, indexes.time.count * TIME_ENTRY_BYTES],
    ] as const) {
      const handle = await this.#context.disk.open(this.pathOf(suffix), 'rw')
      await handle.truncate(sizeBytes)
      await handle.close()
    }
  }

  async #rescanLargest(indexes: Indexes): Promise<void> {
    let largest = indexes.time.last() ?? { timestampMs: -1, offset: this.baseOffset - 1 }
    const fromBytes = indexes.offset.lookup(largest.offset + 1)
    await this.withFile((handle) =>
      walkBatches(handle, { fromBytes, toBytes: this.#sizeBytes }, ({ buffer, at }) => {
        const timestampMs = recordTimestampMs(buffer, at)
        if (timestampMs > largest.timestampMs) {
          largest = { timestampMs, offset: batchLastOffset(buffer, at) }
        }
        return true
      }),
    )
    this.#largest = largest
  }

  /** For recovery: the file ends here, and the rest was cut off. */
  async cut(sizeBytes: number): Promise<void> {
    if (sizeBytes === this.#sizeBytes) return
    await this.withFile((handle) => handle.truncate(sizeBytes))
    this.#sizeBytes = sizeBytes
  }

  /** Renames all files to `.deleted`: gone for everyone but reads under way. */
  async markDeleted(): Promise<void> {
    this.#isRetiring = true
    await this.#savingIndexes
    for (const suffix of SEGMENT_SUFFIXES) {
      const from = `${this.#stem}${suffix}`
      try {
        await this.#context.disk.rename(from, `${from}${DELETED_SUFFIX}`)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
      this.#context.handles.renamed(from, `${from}${DELETED_SUFFIX}`)
    }
    this.#isDeleted = true
  }

  /** Unlinks all files. */
  async unlink(): Promise<void> {
    await this.#context.handles.forget(this.logPath)
    for (const suffix of SEGMENT_SUFFIXES) {
      try {
        await this.#context.disk.unlink(this.pathOf(suffix))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
  }

  async closeFiles(): Promise<void> {
    await this.#context.handles.forget(this.logPath)
  }
}

export const DEFAULT_INDEX_INTERVAL_BYTES = 4096
