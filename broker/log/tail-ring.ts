// Recent batches of all partitions of a broker, in memory: what consumers at the tail and followers read
// without touching a file. Bounded for the whole broker; memory comes in chunks as partitions need it, the
// oldest chunk goes first. Bytes handed out are never overwritten. Nothing here survives a crash.
import { batchBaseOffset, batchNextOffset, batchSizeBytes } from '../../protocol/records/batch.ts'
import type { ReadResult } from './types.ts'

export const DEFAULT_RING_BYTES = 32 * 1024 * 1024
const FIRST_CHUNK_BYTES = 16 * 1024
const LARGEST_CHUNK_BYTES = 1024 * 1024
/** A run of adjacent bytes this long is answered as it is; a shorter one is joined with what follows. */
const RUN_BYTES_ENOUGH = 256 * 1024

interface Chunk {
  owner: TailCache
  data: Buffer
  usedBytes: number
  /** Of each batch: its base offset and where it starts in `data`. */
  baseOffsets: number[]
  starts: number[]
  endOffset: number
  /** Some reader may still hold a view of it. */
  isHandedOut: boolean
}

/** The broker-wide budget. */
export class TailRing {
  readonly capacityBytes: number
  #heldBytes = 0
  /** Oldest first. */
  readonly #chunks = new Set<Chunk>()

  constructor(capacityBytes = DEFAULT_RING_BYTES) {
    this.capacityBytes = capacityBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  openCache(): TailCache {
    return new TailCache(this)
  }

  /** Makes room by dropping the oldest chunks; a dropped one of the same size that nobody saw is used again. */
  allocate(owner: TailCache, sizeBytes: number, baseOffset: number): Chunk {
    let data: Buffer | null = null
    for (const oldest of this.#chunks) {
      if (this.#heldBytes + sizeBytes <= this.capacityBytes) break
      oldest.owner.dropOldest(oldest)
      if (data === null && oldest.data.length === sizeBytes && !oldest.isHandedOut)
        data = oldest.data
    }
    const chunk: Chunk = {
      owner,
      data: data ?? Buffer.allocUnsafeSlow(sizeBytes),
      usedBytes: 0,
      baseOffsets: [],
      starts: [],
      endOffset: baseOffset,
      isHandedOut: false,
    }
    this.#chunks.add(chunk)
    this.#heldBytes += chunk.data.length
    return chunk
  }

  release(chunk: Chunk): void {
    if (this.#chunks.delete(chunk)) this.#heldBytes -= chunk.data.length
  }
}

export interface TailRead {
  offset: number
  maxBytes: number
  minOneBatch: boolean
  endOffsetExclusive: number
}

/** One partition's share: a contiguous run of its newest batches. */
export class TailCache {
  readonly #ring: TailRing
  /** Oldest first; each begins where the one before ends. */
  #chunks: Chunk[] = []
  #nextChunkBytes = FIRST_CHUNK_BYTES

  constructor(ring: TailRing) {
    this.#ring = ring
  }

  /** Copies whole batches that follow each other; a gap to what is held drops what is held. */
  append(records: Buffer): void {
    for (let at = 0; at < records.length; ) {
      const sizeBytes = batchSizeBytes(records, at)
      this.#appendOne(records, at, sizeBytes)
      at += sizeBytes
    }
  }

  #appendOne(records: Buffer, at: number, sizeBytes: number): void {
    const baseOffset = batchBaseOffset(records, at)
    let chunk = this.#chunks.at(-1)
    if (chunk !== undefined && chunk.endOffset !== baseOffset) {
      this.clear()
      chunk = undefined
    }
    if (sizeBytes * 4 > this.#ring.capacityBytes) {
      this.clear()
      return
    }
    if (chunk === undefined || chunk.usedBytes + sizeBytes > chunk.data.length) {
      const wantedBytes = Math.min(this.#nextChunkBytes, this.#ring.capacityBytes / 4)
      chunk = this.#ring.allocate(this, Math.max(sizeBytes, wantedBytes), baseOffset)
      this.#nextChunkBytes = Math.min(LARGEST_CHUNK_BYTES, this.#nextChunkBytes * 2)
      this.#chunks.push(chunk)
    }
    records.copy(chunk.data, chunk.usedBytes, at, at + sizeBytes)
    chunk.baseOffsets.push(baseOffset)
    chunk.starts.push(chunk.usedBytes)
    chunk.usedBytes += sizeBytes
    chunk.endOffset = batchNextOffset(records, at)
  }

  /** null when the batch that contains `offset` is not held. */
  read(request: TailRead): ReadResult | null {
    const first = this.#chunkOf(request.offset)
    if (first === null) return null
    let leftBytes = request.maxBytes
    let mustTake = request.minOneBatch
    const runs: Buffer[] = []
    let baseOffset = request.offset
    let nextOffset = request.offset
    let tookBytes = 0
    for (let index = first; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index]
      if (chunk === undefined) break
      const from = index === first ? floorIndex(chunk.baseOffsets, request.offset) : 0
      const to = endIndex(chunk, from, { leftBytes, mustTake, end: request.endOffsetExclusive })
      if (to === from) break
      const start = chunk.starts[from] ?? 0
      const run = chunk.data.subarray(start, startOf(chunk, to))
      if (runs.length === 0) baseOffset = chunk.baseOffsets[from] ?? request.offset
      nextOffset = chunk.baseOffsets[to] ?? chunk.endOffset
      runs.push(run)
      chunk.isHandedOut = true
      leftBytes -= run.length
      tookBytes += run.length
      mustTake = false
      if (to < chunk.starts.length || tookBytes >= RUN_BYTES_ENOUGH || leftBytes <= 0) break
    }
    const only = runs.length === 1 ? runs[0] : undefined
    return { records: only ?? Buffer.concat(runs), baseOffset, nextOffset }
  }

  #chunkOf(offset: number): number | null {
    // Readers are nearly always in the newest chunks.
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const chunk = this.#chunks[index]
      if (chunk === undefined || offset >= chunk.endOffset) return null
      if (offset >= (chunk.baseOffsets[0] ?? 0)) return index
    }
    return null
  }

  /** Called by the ring only. */
  dropOldest(chunk: Chunk): void {
    const index = this.#chunks.indexOf(chunk)
    for (const dropped of this.#chunks.splice(0, index + 1)) this.#ring.release(dropped)
    if (this.#chunks.length === 0) this.#nextChunkBytes = FIRST_CHUNK_BYTES
  }

  clear(): void {
    for (const chunk of this.#chunks) this.#ring.release(chunk)
    this.#chunks = []
    this.#nextChunkBytes = FIRST_CHUNK_BYTES
  }
}

/** Index of the last value not above `offset`. */
function floorIndex(values: readonly number[], offset: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

function startOf(chunk: Chunk, index: number): number {
  return chunk.starts[index] ?? chunk.usedBytes
}

/** Index after the last batch from `from` that fits. */
function endIndex(
  chunk: Chunk,
  from: number,
  limit: { leftBytes: number; mustTake: boolean; end: number },
): number {
  const start = startOf(chunk, from)
  let to = from
  while (to < chunk.starts.length && (chunk.baseOffsets[to] ?? 0) < limit.end) {
    const isForced = to === from && limit.mustTake
    if (!isForced && startOf(chunk, to + 1) - start > limit.leftBytes) break
    to++
  }
  return to
}
