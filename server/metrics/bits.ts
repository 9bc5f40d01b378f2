/**
 * Appends bit strings, most significant bit first. Grows as needed; `bytes()` pads the last byte.
 */
export class BitWriter {
  #buffer = new Uint8Array(16)
  #bitCount = 0

  /** `value` is an unsigned integer below 2^bitCount; at most 53 bits at a time. */
  write(value: number, bitCount: number): void {
    this.#reserve(bitCount)
    if (bitCount <= 32) {
      this.#writeWord(value, bitCount)
      return
    }
    this.#writeWord(Math.floor(value / 2 ** 32), bitCount - 32)
    this.#writeWord(value % 2 ** 32, 32)
  }

  writeFloat64(value: number): void {
    floatView.setFloat64(0, value)
    this.write(floatView.getUint32(0), 32)
    this.write(floatView.getUint32(4), 32)
  }

  /** A copy of what was written so far. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, (this.#bitCount + 7) >>> 3)
  }

  /** Another one that holds the same. */
  copy(): BitWriter {
    const copy = new BitWriter()
    copy.#buffer = this.#buffer.slice()
    copy.#bitCount = this.#bitCount
    return copy
  }

  #writeWord(value: number, bitCount: number): void {
    let left = bitCount
    while (left > 0) {
      const byteIndex = this.#bitCount >>> 3
      const free = 8 - (this.#bitCount & 7)
      const take = Math.min(free, left)
      const chunk = (value >>> (left - take)) & ((1 << take) - 1)
      this.#buffer[byteIndex] = (this.#buffer[byteIndex] ?? 0) | (chunk << (free - take))
      this.#bitCount += take
      left -= take
    }
  }

  #reserve(bitCount: number): void {
    const neededBytes = (this.#bitCount + bitCount + 7) >>> 3
    if (neededBytes <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(neededBytes, this.#buffer.length * 2))
    grown.set(this.#buffer)
    this.#buffer = grown
  }
}

const floatView = new DataView(new ArrayBuffer(8))

/** Reads what BitWriter wrote. Reading past the end is a RangeError: the chunk is damaged. */
export class BitReader {
  readonly #bytes: Uint8Array
  readonly #bitCount: number
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#bitCount = bytes.length * 8
  }

  /** At most 53 bits at a time. */
  read(bitCount: number): number {
    if (bitCount > 32) {
      const high = this.read(bitCount - 32)
      return high * 2 ** 32 + this.read(32)
    }
    if (bitCount === 0) return 0
    const word = this.#word()
    this.#skip(bitCount)
    return word >>> (32 - bitCount)
  }

  /** Counts 1-bits up to the first 0-bit, at most `limit` of up to 31; the ending 0-bit is consumed. */
  readUnary(limit: number): number {
    const ones = Math.clz32(~this.#word())
    if (ones >= limit) {
      this.#skip(limit)
      return limit
    }
    this.#skip(ones + 1)
    return ones
  }

  readFloat64(): number {
    floatView.setUint32(0, this.read(32))
    floatView.setUint32(4, this.read(32))
    return floatView.getFloat64(0)
  }

  /** The next 32 bits, zeros after the end. */
  #word(): number {
    const bytes = this.#bytes
    const at = this.#position >>> 3
    const used = this.#position & 7
    const word =
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
    return used === 0 ? word : (word << used) | ((bytes[at + 4] ?? 0) >>> (8 - used))
  }

  #skip(bitCount: number): void {
    this.#position += bitCount
    if (this.#position > this.#bitCount) throw new RangeError('bit stream ended early')
  }
}
