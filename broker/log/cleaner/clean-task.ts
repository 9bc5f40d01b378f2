// Cleans one log in a worker: reads the dirty part into a map, then writes what stays of each group of segments to
// `.cleaned` files, synced. Told to log-cleaner.ts group by group, which puts them in place. A crash leaves nothing
// but `.cleaned` files, which go when the log is opened.
import path from 'node:path'
import {
  batchLastOffset,
  batchMagic,
  batchRecordCount,
  CURRENT_MAGIC,
  isControlBatch,
} from '../../../protocol/records/batch.ts'
import type { WorkerContext, WorkerTask } from '../../runtime/runtime.ts'
import { walkBatches } from '../batch-walker.ts'
import { FileHandles } from '../file-handles.ts'
import { CLEANED_SUFFIX, LOG_SUFFIX, offsetName } from '../names.ts'
import { Segment, type SegmentContext } from '../segment.ts'
import type { AbortedEntry } from '../transaction-index.ts'
import { type FilterContext, filterBatch } from './batch-filter.ts'
import {
  CleanControl,
  type CleanedGroup,
  type CleanInput,
  type CleanOutput,
  type CleanStats,
  type SourceSegment,
} from './clean-plan.ts'
import { CleanedTransactions } from './cleaned-transactions.ts'
import { groupSegments } from './grouping.ts'
import { OffsetMap } from './offset-map.ts'
import { Pace } from './pace.ts'
import { batchBody, RecordCursor } from './record-cursor.ts'

type Context = Pick<WorkerContext<CleanedGroup>, 'disk' | 'clock' | 'timers' | 'report'>

const MEGABYTE = 1024 * 1024
/** Output is written in pieces of about this size. */
const WRITE_BYTES = MEGABYTE

export const cleanTask: WorkerTask<CleanInput, CleanOutput, CleanedGroup> = {
  name: 'clean-log',
  run: (context, input) => new Cleaning(context, input).run(),
}

class Cleaning {
  readonly #context: Context
  readonly #input: CleanInput
  readonly #pace: Pace
  readonly #map: OffsetMap
  readonly #segmentContext: SegmentContext
  readonly #record = new RecordCursor()
  readonly #stats: CleanStats = {
    mapBytesRead: 0,
    bytesRead: 0,
    bytesWritten: 0,
    recordsRead: 0,
    recordsKept: 0,
    invalidRecords: 0,
    mapUtilization: 0,
  }
  /** Abort markers that stay in the segment being written. */
  #retainedAborts: AbortedEntry[] = []

  constructor(context: Context, input: CleanInput) {
    this.#context = context
    this.#input = input
    this.#pace = new Pace(context, new CleanControl(input.control), input.chunkBytes)
    this.#map = new OffsetMap({
      secret: input.secret,
      memoryBytes: input.mapBytes,
      loadFactor: input.mapLoadFactor,
    })
    const handles = new FileHandles(context.disk)
    this.#segmentContext = { disk: context.disk, handles, nowMs: () => context.clock.nowMs() }
  }

  async run(): Promise<CleanOutput> {
    try {
      await this.#fillMap()
      const endOffset = this.#map.latestOffset + 1
      this.#stats.mapUtilization = this.#map.utilization
      if (endOffset <= this.#input.firstDirtyOffset) {
        throw new Error('the first dirty batch has more keys than the offset map holds')
      }
      await this.#copy(this.#input.segments.filter(({ baseOffset }) => baseOffset < endOffset))
      return { endOffset, stats: this.#stats }
    } finally {
      await this.#segmentContext.handles.closeAll()
    }
  }

  async #walk(
    segment: SourceSegment,
    visit: (batch: { buffer: Buffer; at: number; sizeBytes: number }) => Promise<boolean>,
  ): Promise<void> {
    const { directory, chunkBytes } = this.#input
    const file = path.join(directory, `${offsetName(segment.baseOffset)}${LOG_SUFFIX}`)
    const handle = await this.#context.disk.open(file, 'r')
    try {
      let isEnded = false
      const range = { fromBytes: 0, toBytes: segment.sizeBytes, chunkBytes }
      const end = await walkBatches(handle, range, async (batch) => {
        if (batchMagic(batch.buffer, batch.at) !== CURRENT_MAGIC) {
          throw new Error(`a batch of magic ${batchMagic(batch.buffer, batch.at)} in ${file}`)
        }
        await this.#pace.spend(batch.sizeBytes)
        isEnded = !(await visit(batch))
        return !isEnded
      })
      await this.#pace.settle()
      if (!isEnded && end !== segment.sizeBytes) {
        throw new Error(`${file} has no whole batch at ${end} of ${segment.sizeBytes}`)
      }
    } finally {
      await handle.close()
    }
  }

  /** Stops early once the map is full; what was seen until then is cleaned. */
  async #fillMap(): Promise<void> {
    const { segments, firstDirtyOffset, aborted } = this.#input
    const map = this.#map
    const transactions = new CleanedTransactions(
      aborted.filter(({ lastOffset }) => lastOffset >= firstDirtyOffset),
    )
    for (const segment of segments) {
      if (segment.endOffset <= firstDirtyOffset) continue
      let isFull = false
      await this.#walk(segment, async ({ buffer, at, sizeBytes }) => {
        if (batchLastOffset(buffer, at) < firstDirtyOffset) return true
        isFull = !(await this.#mapBatch(buffer, at, transactions))
        if (isFull) return false
        this.#stats.mapBytesRead += sizeBytes
        map.latestOffset = batchLastOffset(buffer, at)
        return true
      })
      if (isFull) return
      map.latestOffset = segment.endOffset - 1
    }
  }

  async #mapBatch(buffer: Buffer, at: number, transactions: CleanedTransactions): Promise<boolean> {
    if (isControlBatch(buffer, at)) {
      transactions.readMarker(buffer, at)
      return true
    }
    if (transactions.readBatch(buffer, at) || batchRecordCount(buffer, at) === 0) return true
    const body = await batchBody(buffer, at)
    const record = this.#record
    record.open(buffer, at, body)
    while (record.next()) {
      const { offset, keyStart, keyEnd } = record
      if (!record.hasKey || offset < this.#input.firstDirtyOffset) continue
      if (this.#map.isFull) return false
      this.#map.put(offset, body, keyStart, keyEnd)
    }
    return true
  }

  async #copy(segments: readonly SourceSegment[]): Promise<void> {
    const input = this.#input
    const groups = groupSegments(segments, input)
    const ends = [...groups, input.segments].map((group) => group.at(-1)?.endOffset ?? 0)
    const context: FilterContext = {
      map: this.#map,
      transactions: new CleanedTransactions(input.aborted, (entry) => {
        this.#retainedAborts.push(entry)
      }),
      lastOfProducers: new Map(input.lastOfProducers.map((last) => [last.producerId, last])),
      nowMs: input.nowMs,
      deleteRetentionMs: input.deleteRetentionMs,
      keepBatchBefore: new Set(ends),
    }
    for (const group of groups) this.#context.report(await this.#copyGroup(group, context))
  }

  async #copyGroup(group: readonly SourceSegment[], context: FilterContext): Promise<CleanedGroup> {
    const { directory } = this.#input
    const baseOffset = group[0]?.baseOffset ?? 0
    this.#retainedAborts = []
    const target = await Segment.create(this.#segmentContext, {
      directory,
      baseOffset,
      suffix: CLEANED_SUFFIX,
    })
    const output = new Output(target, this.#input.indexIntervalBytes)
    for (const segment of group) {
      await this.#walk(segment, async ({ buffer, at, sizeBytes }) => {
        const filtered = await filterBatch(buffer, at, context)
        this.#stats.bytesRead += sizeBytes
        this.#stats.recordsRead += filtered.recordsRead
        this.#stats.recordsKept += filtered.recordsKept
        this.#stats.invalidRecords += filtered.invalidRecords
        if (filtered.batch === null) return true
        await output.add(filtered.batch)
        await this.#pace.spend(filtered.batch.length)
        return true
      })
    }
    await output.flush()
    this.#stats.bytesWritten += target.sizeBytes
    await target.aborted.append(this.#retainedAborts)
    await target.seal()
    await target.sync()
    await target.closeFiles()
    await this.#context.disk.syncDirectory(directory)
    return {
      baseOffset,
      sources: group.map((segment) => segment.baseOffset),
      sizeBytes: target.sizeBytes,
      hasAborted: this.#retainedAborts.length > 0,
    }
  }
}

/** Gathers batches, which may lie in a buffer that is used again, and writes them in large pieces. */
class Output {
  readonly #segment: Segment
  readonly #indexIntervalBytes: number
  #pieces: Buffer[] = []
  #sizeBytes = 0

  constructor(segment: Segment, indexIntervalBytes: number) {
    this.#segment = segment
    this.#indexIntervalBytes = indexIntervalBytes
  }

  async add(batch: Buffer): Promise<void> {
    this.#pieces.push(Buffer.from(batch))
    this.#sizeBytes += batch.length
    if (this.#sizeBytes >= WRITE_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    const pieces = this.#pieces
    this.#pieces = []
    this.#sizeBytes = 0
    if (pieces.length > 0) await this.#segment.append(pieces, this.#indexIntervalBytes)
  }
}
