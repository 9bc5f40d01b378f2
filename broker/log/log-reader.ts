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
import type { LogShared } from './log-shared.ts'
import type { ReadAhead } from './read-ahead.ts'
import type { ReadBuffer } from './read-buffers.ts'
import type { Segment } from './segment.ts'
import type { SegmentList } from './segments.ts'
import type { TailRead } from './tail-ring.ts'
import { AppendError, type ReadResult } from './types.ts'

/** What is read beyond `maxBytes` because the index points before the batch that is looked for. */
const INDEX_SLACK_BYTES = 16 * 1024
const HINTS_MAX = 8
/** How often a read starts over when the log is truncated under it. */
const ATTEMPTS_MAX = 5
/** Who comes for the next bytes later than this after the last ones is not read ahead for. */
const BRISK_MS = 500

interface Hint {
  offset: number
  segment: Segment
  positionBytes: number
  atMs: number
  ahead: ReadAhead | null
}

interface Found {
  buffer: ReadBuffer
  at: number
  position: number
  /** The reader that goes on where it stopped; null when this one begins. */
  hint: Hint | null
}

/** A read whose `hold` is given lets the bytes lie in memory that is used again; see `Log.read`. */
export type FileRead = TailRead & { hold?: ((release: () => void) => void) | undefined }

const released = () => undefined

export class LogReader {
  readonly #segments: SegmentList
  readonly #shared: LogShared
  /** Where readers stopped: sequential ones go on there without an index lookup. */
  #hints: Hint[] = []
  #generation = 0

  constructor(segments: SegmentList, shared: LogShared) {
    this.#segments = segments
    this.#shared = shared
  }

  /** The log was truncated: positions known and reads under way are void. */
  invalidate(): void {
    this.#generation++
    for (const hint of this.#hints) hint.ahead?.drop()
    this.#hints = []
  }

  async read(request: FileRead): Promise<ReadResult> {
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
  async #readOnce(request: FileRead): Promise<ReadResult> {
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
  ): Promise<{ position: number; hint: Hint | null; isExact: boolean }> {
    const hint = this.#hints.find((h) => h.offset === offset && h.segment === segment)
    if (hint !== undefined) return { position: hint.positionBytes, hint, isExact: true }
    if (offset <= segment.baseOffset) return { position: 0, hint: null, isExact: true }
    const indexes = await segment.indexes()
    if (segment !== this.#segments.active) this.#shared.indexCache.touch(segment)
    return { position: indexes.offset.lookup(offset), hint: null, isExact: false }
  }

  /** null when the segment has nothing at or after the offset. */
  async #readSegment(segment: Segment, request: FileRead): Promise<ReadResult | null> {
    const start = await this.#startOf(segment, request.offset)
    const { hint } = start
    const endBytes = segment.sizeBytes
    let position = start.position
    let slackBytes = start.isExact ? 0 : INDEX_SLACK_BYTES
    while (position < endBytes) {
      const wanted = Math.max(request.maxBytes, BATCH_HEADER_BYTES) + slackBytes
      const sizeBytes = Math.min(wanted, endBytes - position)
      const ahead = position === start.position ? takeAhead(hint, sizeBytes) : null
      const buffer =
        (await ahead) ?? (await this.#readFile(segment, { position, sizeBytes }, request))
      const { bytes } = buffer
      const at = findBatch(bytes, request.offset)
      if (at < bytes.length && at + BATCH_HEADER_BYTES <= bytes.length) {
        if (batchBaseOffset(bytes, at) >= request.endOffsetExclusive) {
          buffer.release()
          return emptyRead(request.offset)
        }
        const needed = batchSizeBytes(bytes, at)
        const isWhole = at + needed <= bytes.length
        if (isWhole || batchLastOffset(bytes, at) >= request.offset) {
          return this.#take(segment, request, { buffer, at, position, hint })
        }
        position += at
        // A batch before the one asked for, larger than the chunk: step over it.
        position += needed
        buffer.release()
      } else {
        buffer.release()
        if (at === 0) return null
        position += at
      }
      slackBytes = INDEX_SLACK_BYTES
    }
    return null
  }

  /** Takes whole batches from `at`; reads once more when not even the first is whole. */
  async #take(segment: Segment, request: FileRead, found: Found): Promise<ReadResult> {
    let { buffer, at } = found
    const startBytes = found.position + at
    const firstSizeBytes = batchSizeBytes(buffer.bytes, at)
    if (firstSizeBytes > request.maxBytes && !request.minOneBatch) {
      buffer.release()
      return emptyRead(request.offset)
    }
    if (at + firstSizeBytes > buffer.bytes.length) {
      const wanted = Math.max(firstSizeBytes, request.maxBytes)
      const sizeBytes = Math.min(wanted, segment.sizeBytes - startBytes)
      buffer.release()
      buffer = await this.#readFile(segment, { position: startBytes, sizeBytes }, request)
      at = 0
    }
    const { bytes } = buffer
    const limit = Math.min(bytes.length, at + Math.max(request.maxBytes, firstSizeBytes))
    let end = at
    let nextOffset = request.offset
    for (;;) {
      const sizeBytes = wholeBatchSizeBytes(bytes, end, limit)
      if (sizeBytes === null || batchBaseOffset(bytes, end) >= request.endOffsetExclusive) break
      nextOffset = batchNextOffset(bytes, end)
      end += sizeBytes
    }
    if (end === at) {
      buffer.release()
      return emptyRead(request.offset)
    }
    this.#remember(segment, request, {
      offset: nextOffset,
      positionBytes: startBytes + end - at,
      before: found.hint,
    })
    const records = bytes.subarray(at, end)
    const baseOffset = batchBaseOffset(bytes, at)
    // Last, for who holds it may have ended already, and lets it go at once.
    request.hold?.(buffer.release)
    return { records, baseOffset, nextOffset }
  }

  #remember(
    segment: Segment,
    request: FileRead,
    stop: { offset: number; positionBytes: number; before: Hint | null },
  ): void {
    const { offset, positionBytes, before } = stop
    const atMs = this.#shared.runtime.clock.monotonicMs()
    const kept: Hint[] = []
    let ahead: ReadAhead | null = null
    for (const hint of this.#hints) {
      const isOther = hint !== before && hint.offset !== offset
      // Somebody else stopped here too.
      if (hint.offset === offset && hint.segment === segment) ahead ??= hint.ahead
      else if (isOther && kept.length < HINTS_MAX - 1) kept.push(hint)
      else hint.ahead?.drop()
    }
    const isBrisk = before !== null && atMs - before.atMs < BRISK_MS
    if (isBrisk) ahead ??= this.#readAhead(segment, positionBytes, request)
    this.#hints = [{ offset, segment, positionBytes, atMs, ahead }, ...kept]
  }

  /** What a reader asks for when it goes on as it did. */
  #readAhead(segment: Segment, position: number, request: FileRead): ReadAhead | null {
    const sizeBytes = Math.min(request.maxBytes, segment.sizeBytes - position)
    const { readAheads } = this.#shared
    if (request.hold === undefined || sizeBytes < BATCH_HEADER_BYTES) return null
    if (readAheads.isFull) return null
    const range = { position, sizeBytes }
    return readAheads.add(sizeBytes, this.#readFile(segment, range, request))
  }

  async #readFile(
    segment: Segment,
    range: { position: number; sizeBytes: number },
    { hold }: FileRead,
  ): Promise<ReadBuffer> {
    const { position, sizeBytes } = range
    const buffer =
      hold === undefined
        ? { bytes: Buffer.allocUnsafeSlow(sizeBytes), release: released }
        : this.#shared.readBuffers.take(sizeBytes)
    try {
      const count = await segment.withFile((handle) => handle.read(buffer.bytes, position))
      if (count === sizeBytes) return buffer
      return { bytes: buffer.bytes.subarray(0, count), release: buffer.release }
    } catch (error) {
      buffer.release()
      throw error
    }
  }
}

/** Not when it holds much less than is wanted now: the segment has grown since, or the reader changed its mind. */
function takeAhead(hint: Hint | null, sizeBytes: number): Promise<ReadBuffer | null> | null {
  const ahead = hint?.ahead ?? null
  if (hint === null || ahead === null) return null
  hint.ahead = null
  if (ahead.sizeBytes * 2 >= sizeBytes) return ahead.take()
  ahead.drop()
  return null
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
