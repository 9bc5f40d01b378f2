// Reads whole batches of one log from its files: one read of about the right size, whose start comes from
// where the last reader stopped, or else from the index. Used by PartitionLog when the tail ring has not
// got the offset. Changes nothing.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchLastOffset,
  batchNextOffset,
  batchPositions,
  batchRecordCount,
  batchSizeBytes,
  wholeBatchSizeBytes,
} from '../../protocol/records/batch.ts'
import type { IndexCache } from './index-cache.ts'
import type { Segment } from './segment.ts'
import type { SegmentList } from './segments.ts'
import type { TailRead } from './tail-ring.ts'
import { AppendError, type ReadResult } from './types.ts'

/** What is read beyond `maxBytes` because the index points before the batch that is looked for. */
const INDEX_SLACK_BYTES = 16 * 1024
const HINTS_MAX = 8
/** How often a read starts over when the log is truncated under it. */
const ATTEMPTS_MAX = 5

interface Hint {
  offset: number
  segment: Segment
  positionBytes: number
}

export class LogReader {
  readonly #segments: SegmentList
  readonly #indexCache: IndexCache
  /** Where readers stopped: sequential ones go on there without an index lookup. */
  #hints: Hint[] = []
  #generation = 0

  constructor(segments: SegmentList, indexCache: IndexCache) {
    this.#segments = segments
    this.#indexCache = indexCache
  }

  /** The log was truncated: positions known and reads under way are void. */
  invalidate(): void {
    this.#generation++
    this.#hints = []
  }

  async read(request: TailRead): Promise<ReadResult> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const generation = this.#generation
      try {
        const result = await this.#readOnce(request)
        if (generation === this.#generation) return result
      } catch (error) {
        // Retention unlinked the segment under us; asked again, the offset is below the log start.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
    throw new AppendError(ErrorCode.OFFSET_OUT_OF_RANGE, `Offset ${request.offset} is gone`)
  }

  /**
   * From one segment, but what compaction emptied does not stand alone: a client that finds no record in an answer
   * may take the partition for read to its end, as kafkajs does.
   */
  async #readOnce(request: TailRead): Promise<ReadResult> {
    const hollow: Buffer[] = []
    let { offset } = request
    let segment = this.#segments.floor(offset)
    while (segment !== null) {
      const next = this.#segments.after(segment)
      const result = await this.#readSegment(segment, { ...request, offset })
      if (result !== null) {
        const { records, nextOffset } = result
        const isLast = next === null || nextOffset < next.baseOffset
        if (isLast || records.length === 0 || !isHollow(records)) {
          return joined(hollow, result)
        }
        hollow.push(records)
        offset = nextOffset
      }
      segment = next
    }
    return joined(hollow, emptyRead(offset))
  }

  async #startOf(
    segment: Segment,
    offset: number,
  ): Promise<{ position: number; isExact: boolean }> {
    const hint = this.#hints.find((h) => h.offset === offset && h.segment === segment)
    if (hint !== undefined) return { position: hint.positionBytes, isExact: true }
    if (offset <= segment.baseOffset) return { position: 0, isExact: true }
    const indexes = await segment.indexes()
    if (segment !== this.#segments.active) this.#indexCache.touch(segment)
    return { position: indexes.offset.lookup(offset), isExact: false }
  }

  /** null when the segment has nothing at or after the offset. */
  async #readSegment(segment: Segment, request: TailRead): Promise<ReadResult | null> {
    const start = await this.#startOf(segment, request.offset)
    const endBytes = segment.sizeBytes
    let position = start.position
    let slackBytes = start.isExact ? 0 : INDEX_SLACK_BYTES
    while (position < endBytes) {
      const wanted = Math.max(request.maxBytes, BATCH_HEADER_BYTES) + slackBytes
      const chunk = await readChunk(segment, position, Math.min(wanted, endBytes - position))
      const at = findBatch(chunk, request.offset)
      if (at < chunk.length && at + BATCH_HEADER_BYTES <= chunk.length) {
        if (batchBaseOffset(chunk, at) >= request.endOffsetExclusive)
          return emptyRead(request.offset)
        const needed = batchSizeBytes(chunk, at)
        const isWhole = at + needed <= chunk.length
        if (isWhole || batchLastOffset(chunk, at) >= request.offset) {
          return this.#take(segment, request, { chunk, at, position })
        }
        position += at
        // A batch before the one asked for, larger than the chunk: step over it.
        position += needed
      } else {
        if (at === 0) return null
        position += at
      }
      slackBytes = INDEX_SLACK_BYTES
    }
    return null
  }

  /** Takes whole batches from `at`; reads once more when not even the first is whole. */
  async #take(
    segment: Segment,
    request: TailRead,
    found: { chunk: Buffer; at: number; position: number },
  ): Promise<ReadResult> {
    let { chunk, at } = found
    const startBytes = found.position + at
    const firstSizeBytes = batchSizeBytes(chunk, at)
    if (firstSizeBytes > request.maxBytes && !request.minOneBatch) return emptyRead(request.offset)
    if (at + firstSizeBytes > chunk.length) {
      const wanted = Math.max(firstSizeBytes, request.maxBytes)
      const endBytes = segment.sizeBytes
      chunk = await readChunk(segment, startBytes, Math.min(wanted, endBytes - startBytes))
      at = 0
    }
    const limit = Math.min(chunk.length, at + Math.max(request.maxBytes, firstSizeBytes))
    let end = at
    let nextOffset = request.offset
    for (;;) {
      const sizeBytes = wholeBatchSizeBytes(chunk, end, limit)
      if (sizeBytes === null || batchBaseOffset(chunk, end) >= request.endOffsetExclusive) break
      nextOffset = batchNextOffset(chunk, end)
      end += sizeBytes
    }
    if (end === at) return emptyRead(request.offset)
    this.#remember({ offset: nextOffset, segment, positionBytes: startBytes + end - at })
    const baseOffset = batchBaseOffset(chunk, at)
    return { records: chunk.subarray(at, end), baseOffset, nextOffset }
  }

  #remember(hint: Hint): void {
    this.#hints = this.#hints.filter((h) => h.offset !== hint.offset).slice(0, HINTS_MAX - 1)
    this.#hints.unshift(hint)
  }
}

/** Only batches that have no records left. */
function isHollow(records: Buffer): boolean {
  for (const at of batchPositions(records)) if (batchRecordCount(records, at) > 0) return false
  return true
}

function joined(before: readonly Buffer[], last: ReadResult): ReadResult {
  const [first] = before
  if (first === undefined) return last
  const { nextOffset } = last
  return {
    records: Buffer.concat([...before, last.records]),
    baseOffset: batchBaseOffset(first, 0),
    nextOffset,
  }
}

export function emptyRead(offset: number): ReadResult {
  return { records: Buffer.alloc(0), baseOffset: offset, nextOffset: offset }
}

async function readChunk(segment: Segment, position: number, sizeBytes: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(sizeBytes)
  const count = await segment.withFile((handle) => handle.read(chunk, position))
  return count === sizeBytes ? chunk : chunk.subarray(0, count)
}

/**
 * Where the first batch that ends at or after `offset` begins; a batch that the chunk cuts off is answered
 * as it is, whatever it holds.
 */
function findBatch(chunk: Buffer, offset: number): number {
  let at = 0
  for (;;) {
    const sizeBytes = wholeBatchSizeBytes(chunk, at)
    if (sizeBytes === null || batchLastOffset(chunk, at) >= offset) return at
    at += sizeBytes
  }
}
