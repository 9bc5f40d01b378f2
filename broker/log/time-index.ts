// The time index of one segment: the largest timestamps seen and where. Pure; segment.ts saves and loads.
//
// 12 bytes an entry, big endian: timestamp i64, relative offset i32 (of the LAST record of the batch that
// has that largest timestamp). Timestamps strictly increase. Lost entries are rebuilt from the log.

export const TIME_ENTRY_BYTES = 12
const GROWTH_BYTES = 768
const TWO_32 = 0x1_0000_0000

export interface TimeEntry {
  timestampMs: number
  offset: number
}

export class TimeIndex {
  readonly baseOffset: number
  #data: Buffer
  #count: number
  #savedCount: number

  constructor(baseOffset: number, saved: Buffer | null = null) {
    this.baseOffset = baseOffset
    this.#data = saved ?? Buffer.alloc(0)
    this.#count = Math.floor(this.#data.length / TIME_ENTRY_BYTES)
    // Apache Kafka grows the file ahead of time: what follows the last real entry is zeros.
    const isPadded = this.#data.length > TIME_ENTRY_BYTES
    while (this.#count > (isPadded ? 0 : 1) && this.#timestamp(this.#count - 1) === 0) this.#count--
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

  #timestamp(index: number): number {
    const at = index * TIME_ENTRY_BYTES
    return this.#data.readInt32BE(at) * TWO_32 + this.#data.readUInt32BE(at + 4)
  }

  entry(index: number): TimeEntry {
    return {
      timestampMs: this.#timestamp(index),
      offset: this.baseOffset + this.#data.readInt32BE(index * TIME_ENTRY_BYTES + 8),
    }
  }

  last(): TimeEntry | null {
    return this.#count === 0 ? null : this.entry(this.#count - 1)
  }

  /** Ignored unless the timestamp is larger than the last one. */
  append(entry: TimeEntry): void {
    const last = this.last()
    if (last !== null && (entry.timestampMs <= last.timestampMs || entry.offset <= last.offset))
      return
    if (last === null && entry.timestampMs < 0) return
    const at = this.#count * TIME_ENTRY_BYTES
    if (at + TIME_ENTRY_BYTES > this.#data.length) this.#grow()
    const high = Math.floor(entry.timestampMs / TWO_32)
    this.#data.writeInt32BE(high, at)
    this.#data.writeUInt32BE(entry.timestampMs - high * TWO_32, at + 4)
    this.#data.writeInt32BE(entry.offset - this.baseOffset, at + 8)
    this.#count++
  }

  #grow(): void {
    const grown = Buffer.alloc(Math.max(GROWTH_BYTES, this.#data.length * 2))
    this.#data.copy(grown, 0, 0, this.#count * TIME_ENTRY_BYTES)
    this.#data = grown
  }

  /**
   * An offset before which every record is older than `timestampMs`: of the last entry not newer than
   * it, else the segment's first.
   */
  lookup(timestampMs: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#timestamp(middle) <= timestampMs) low = middle + 1
      else high = middle
    }
    return low === 0 ? this.baseOffset : this.entry(low - 1).offset
  }

  truncate(offset: number): void {
    while (this.#count > 0 && this.entry(this.#count - 1).offset >= offset) this.#count--
    this.#savedCount = Math.min(this.#savedCount, this.#count)
  }

  isSane(): boolean {
    const last = this.last()
    if (last === null) return true
    return last.offset >= this.baseOffset && this.#timestamp(0) <= last.timestampMs
  }

  unsaved(): { bytes: Buffer; position: number } {
    const position = this.#savedCount * TIME_ENTRY_BYTES
    return {
      bytes: Buffer.from(this.#data.subarray(position, this.#count * TIME_ENTRY_BYTES)),
      position,
    }
  }

  markSaved(position: number, sizeBytes: number): void {
    this.#savedCount = Math.min(this.#count, (position + sizeBytes) / TIME_ENTRY_BYTES)
  }
}
