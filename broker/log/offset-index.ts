// The offset index of one segment: where batches are in its .log file. Pure; segment.ts saves and loads.
//
// 8 bytes an entry, big endian: relative offset i32 (of the batch's LAST record), position i32 (of the
// batch's first byte). Entries increase in both. Lost or torn entries are rebuilt from the log.

export const OFFSET_ENTRY_BYTES = 8
const GROWTH_BYTES = 1024

export class OffsetIndex {
  readonly baseOffset: number
  #data: Buffer
  #count: number
  #savedCount: number

  constructor(baseOffset: number, saved: Buffer | null = null) {
    this.baseOffset = baseOffset
    this.#data = saved ?? Buffer.alloc(0)
    this.#count = Math.floor(this.#data.length / OFFSET_ENTRY_BYTES)
    // Apache Kafka grows the file ahead of time; a first batch is never indexed, so position 0 is filling.
    while (this.#count > 0 && this.entry(this.#count - 1).position === 0) this.#count--
    this.#savedCount = this.#count
  }

  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    return this.#data.length
  }

  get unsavedCount(): number {
    return this.#count - this.#savedCount
  }

  entry(index: number): { offset: number; position: number } {
    const at = index * OFFSET_ENTRY_BYTES
    return {
      offset: this.baseOffset + this.#data.readInt32BE(at),
      position: this.#data.readInt32BE(at + 4),
    }
  }

  last(): { offset: number; position: number } | null {
    return this.#count === 0 ? null : this.entry(this.#count - 1)
  }

  append(lastOffset: number, position: number): void {
    const at = this.#count * OFFSET_ENTRY_BYTES
    if (at + OFFSET_ENTRY_BYTES > this.#data.length) this.#grow()
    this.#data.writeInt32BE(lastOffset - this.baseOffset, at)
    this.#data.writeInt32BE(position, at + 4)
    this.#count++
  }

  #grow(): void {
    const grown = Buffer.alloc(Math.max(GROWTH_BYTES, this.#data.length * 2))
    this.#data.copy(grown, 0, 0, this.#count * OFFSET_ENTRY_BYTES)
    this.#data = grown
  }

  /** Position of a batch at or before the one that contains `offset`; 0 when the index knows none. */
  lookup(offset: number): number {
    const relative = offset - this.baseOffset
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#data.readInt32BE(middle * OFFSET_ENTRY_BYTES) <= relative) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : this.#data.readInt32BE((low - 1) * OFFSET_ENTRY_BYTES + 4)
  }

  /** Drops entries of offsets at or above `offset`, or of positions at or above `positionBytes`. */
  truncate(offset: number, positionBytes: number): void {
    while (this.#count > 0) {
      const { offset: last, position } = this.entry(this.#count - 1)
      if (last < offset && position < positionBytes) break
      this.#count--
    }
    this.#savedCount = Math.min(this.#savedCount, this.#count)
  }

  /** Whether the entries can belong to a log file of `logSizeBytes`. */
  isSane(logSizeBytes: number): boolean {
    const last = this.last()
    if (last === null) return true
    return last.offset >= this.baseOffset && last.position >= 0 && last.position < logSizeBytes
  }

  /** Bytes to write, and where; a copy, so that it may be written while entries are added. */
  unsaved(): { bytes: Buffer; position: number } {
    const position = this.#savedCount * OFFSET_ENTRY_BYTES
    return {
      bytes: Buffer.from(this.#data.subarray(position, this.#count * OFFSET_ENTRY_BYTES)),
      position,
    }
  }

  markSaved(position: number, sizeBytes: number): void {
    this.#savedCount = Math.min(this.#count, (position + sizeBytes) / OFFSET_ENTRY_BYTES)
  }
}
