// Which offset holds the latest record of each key: a hash table of 24 bytes a key in flat arrays. Filled over the
// dirty part of a log, asked while the log is copied. Grows by doubling up to its bound, then says it is full. Pure.
import { HASH_WORDS, KeyHash } from './key-hash.ts'

/** Four words of the key's hash and the offset. */
export const MAP_ENTRY_BYTES = 24
const FIRST_SLOTS = 1024
/** Below this share of its bound a table is doubled rather than filled further. */
const GROWTH_LOAD = 0.7
const EMPTY = -1

export class OffsetMap {
  readonly #hash: KeyHash
  readonly #slotsMax: number
  readonly #entriesMax: number
  readonly #digest = new Int32Array(HASH_WORDS)
  #slots: number
  #words: Int32Array
  #offsets: Float64Array
  #count = 0
  /** Every record up to here was seen. */
  latestOffset = -1

  /** Throws when not even two keys fit. */
  constructor(options: { secret: Uint8Array; memoryBytes: number; loadFactor: number }) {
    this.#hash = new KeyHash(options.secret)
    this.#slotsMax = Math.floor(options.memoryBytes / MAP_ENTRY_BYTES)
    this.#entriesMax = Math.floor(this.#slotsMax * options.loadFactor)
    if (this.#entriesMax < 1 || this.#slotsMax <= this.#entriesMax) {
      throw new Error(
        'offset map is too small to fit in even a single message, so log cleaning will never ' +
          'make progress. You can increase log.cleaner.dedupe.buffer.size or decrease ' +
          'log.cleaner.threads',
      )
    }
    this.#slots = Math.min(FIRST_SLOTS, this.#slotsMax)
    this.#words = new Int32Array(this.#slots * HASH_WORDS)
    this.#offsets = new Float64Array(this.#slots).fill(EMPTY)
  }

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= this.#entriesMax
  }

  /** Share of the bound in use, 0 to 1. */
  get utilization(): number {
    return this.#count / this.#slotsMax
  }

  /** The key lies in `bytes` from `start` to `end`. */
  put(offset: number, bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#hash.digest(bytes, start, end, this.#digest)
    let slot = this.#find(this.#digest)
    if ((this.#offsets[slot] ?? EMPTY) === EMPTY) {
      if (this.#grow()) slot = this.#find(this.#digest)
      this.#count++
      this.#words.set(this.#digest, slot * HASH_WORDS)
    }
    this.#offsets[slot] = offset
  }

  /** -1 when the key was not seen. */
  get(bytes: Uint8Array, start = 0, end = bytes.length): number {
    this.#hash.digest(bytes, start, end, this.#digest)
    return this.#offsets[this.#find(this.#digest)] ?? EMPTY
  }

  /** The slot that has the hash, or the empty one where it would go; one is always empty. */
  #find(digest: Int32Array): number {
    const words = this.#words
    let slot = ((digest[0] ?? 0) >>> 0) % this.#slots
    for (;;) {
      if (this.#offsets[slot] === EMPTY) return slot
      const at = slot * HASH_WORDS
      if (
        words[at] === digest[0] &&
        words[at + 1] === digest[1] &&
        words[at + 2] === digest[2] &&
        words[at + 3] === digest[3]
      ) {
        return slot
      }
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    }
  }

  #grow(): boolean {
    if (this.#slots === this.#slotsMax || this.#count < this.#slots * GROWTH_LOAD) return false
    const [words, offsets, slots] = [this.#words, this.#offsets, this.#slots]
    this.#slots = Math.min(this.#slotsMax, slots * 2)
    this.#words = new Int32Array(this.#slots * HASH_WORDS)
    this.#offsets = new Float64Array(this.#slots).fill(EMPTY)
    for (let slot = 0; slot < slots; slot++) {
      const offset = offsets[slot] ?? EMPTY
      if (offset === EMPTY) continue
      const digest = words.subarray(slot * HASH_WORDS, (slot + 1) * HASH_WORDS)
      const target = this.#find(digest)
      this.#words.set(digest, target * HASH_WORDS)
      this.#offsets[target] = offset
    }
    return true
  }
}
