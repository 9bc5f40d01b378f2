// The transaction index of one segment: aborted transactions whose end marker lies in it. Pure; segment.ts
// keeps the file, recovery makes it anew from the batches. What is in memory may be ahead of the file.
//
// 34 bytes an entry, big endian: version i16 (0), producerId i64, firstOffset i64, lastOffset i64 (of the
// marker), lastStableOffset i64 (when the marker came). The file exists only once there is an entry.
import type { AbortedTransaction } from './types.ts'

export const TRANSACTION_ENTRY_BYTES = 34
const VERSION = 0

export interface AbortedEntry extends AbortedTransaction {
  lastOffset: number
  lastStableOffset: number
}

export class TransactionIndex {
  readonly #baseOffset: number
  #entries: AbortedEntry[]
  #savedCount: number

  constructor(baseOffset: number, file?: Buffer) {
    this.#baseOffset = baseOffset
    this.#entries = file === undefined ? [] : decodeAborted(file)
    this.#savedCount = this.#entries.length
  }

  get count(): number {
    return this.#entries.length
  }

  get unsavedCount(): number {
    return this.#entries.length - this.#savedCount
  }

  all(): readonly AbortedEntry[] {
    return this.#entries
  }

  append(entry: AbortedEntry): void {
    this.#entries.push(entry)
  }

  /** Entries follow each other and belong to this segment; `fileBytes`: size of their file. No entry is all zeros. */
  isSane(fileBytes: number): boolean {
    if (fileBytes !== this.#entries.length * TRANSACTION_ENTRY_BYTES) return false
    let previous = this.#baseOffset - 1
    for (const { firstOffset, lastOffset } of this.#entries) {
      if (lastOffset <= previous || firstOffset >= lastOffset) return false
      previous = lastOffset
    }
    return true
  }

  unsaved(): { bytes: Buffer; position: number } {
    const bytes = Buffer.concat(this.#entries.slice(this.#savedCount).map(encodeAborted))
    return { bytes, position: this.#savedCount * TRANSACTION_ENTRY_BYTES }
  }

  markSaved(position: number, sizeBytes: number): void {
    const count = (position + sizeBytes) / TRANSACTION_ENTRY_BYTES
    this.#savedCount = Math.min(Math.max(this.#savedCount, count), this.#entries.length)
  }

  /** Drops entries of markers at and after `offset`. */
  truncate(offset: number): void {
    this.#entries = this.#entries.filter((entry) => entry.lastOffset < offset)
    this.#savedCount = Math.min(this.#savedCount, this.#entries.length)
  }

  /**
   * Adds those that touch [startOffset, endOffsetExclusive) to `found`; true when no later marker can end a
   * transaction that reaches below the range's end.
   */
  collect(startOffset: number, endOffsetExclusive: number, found: AbortedTransaction[]): boolean {
    let isComplete = false
    for (const { producerId, firstOffset, lastOffset, lastStableOffset } of this.#entries) {
      if (lastOffset >= startOffset && firstOffset < endOffsetExclusive) {
        found.push({ producerId, firstOffset })
      }
      isComplete ||= lastStableOffset >= endOffsetExclusive
    }
    return isComplete
  }
}

export function encodeAborted(entry: AbortedEntry): Buffer {
  const bytes = Buffer.alloc(TRANSACTION_ENTRY_BYTES)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeBigInt64BE(BigInt(entry.producerId), 2)
  bytes.writeBigInt64BE(BigInt(entry.firstOffset), 10)
  bytes.writeBigInt64BE(BigInt(entry.lastOffset), 18)
  bytes.writeBigInt64BE(BigInt(entry.lastStableOffset), 26)
  return bytes
}

/** All whole entries; stops at one of another version. */
function decodeAborted(file: Buffer): AbortedEntry[] {
  const entries: AbortedEntry[] = []
  for (let at = 0; at + TRANSACTION_ENTRY_BYTES <= file.length; at += TRANSACTION_ENTRY_BYTES) {
    if (file.readInt16BE(at) !== VERSION) break
    entries.push({
      producerId: Number(file.readBigInt64BE(at + 2)),
      firstOffset: Number(file.readBigInt64BE(at + 10)),
      lastOffset: Number(file.readBigInt64BE(at + 18)),
      lastStableOffset: Number(file.readBigInt64BE(at + 26)),
    })
  }
  return entries
}
