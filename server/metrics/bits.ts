/**
 * Appends bit strings, most significant bit first. Grows as needed; `bytes()` pads the last byte.
 */
export class BitWriter {
  #buffer = new Uint8Array(16)
  #bitCount = 0

  /** `value` is an unsigned integer below 2^bitCount; at most 32 bits at a time. */
  write(value: number, bitCount: number): void {
    this.#reserve(bitCount)
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

  writeFloat64(value: number): void {
    floatView.setFloat64(0, value)
    this.write(floatView.getUint32(0), 32)
    this.write(floatView.getUint32(4), 32)
  }

  /** A copy of what was written so far. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, (this.#bitCount + 7) >>> 3)
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
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(bitCount: number): number {
    if (this.#position + bitCount > this.#bytes.length * 8) {
      throw new RangeError('bit stream ended early')
    }
    let value = 0
    let left = bitCount
    while (left > 0) {
      const available = 8 - (this.#position & 7)
      const take = Math.min(available, left)
      const byte = this.#bytes[this.#position >>> 3] ?? 0
      value = value * (1 << take) + ((byte >>> (available - take)) & ((1 << take) - 1))
      this.#position += take
      left -= take
    }
    return value
  }

  /** Counts 1-bits up to the first 0-bit, at most `limit`; the ending 0-bit is consumed. */
  readUnary(limit: number): number {
    let ones = 0
    while (ones < limit && this.read(1) === 1) ones++
    return ones
  }

  readFloat64(): number {
    floatView.setUint32(0, this.read(32))
    floatView.setUint32(4, this.read(32))
    return floatView.getFloat64(0)
  }
}
