/** Unsigned LEB128 integers up to 2^53 − 1, strings and float64 into a growing buffer. */
export class VarintWriter {
  #buffer = Buffer.alloc(256)
  #length = 0

  byte(value: number): void {
    if (this.#length === this.#buffer.length) {
      this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(this.#buffer.length)])
    }
    this.#buffer[this.#length++] = value
  }

  /** `value` is an integer from 0 to 2^53 − 1. */
  uvarint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  float64(value: number): void {
    const scratch = Buffer.allocUnsafe(8)
    scratch.writeDoubleLE(value)
    for (const byte of scratch) this.byte(byte)
  }

  string(value: string): void {
    const encoded = Buffer.from(value)
    this.uvarint(encoded.length)
    for (const byte of encoded) this.byte(byte)
  }

  raw(data: Uint8Array): void {
    for (const byte of data) this.byte(byte)
  }

  /** A view: valid until the next write. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.#length = 0
  }
}

/** Reads what VarintWriter wrote; RangeError when the data ends early. */
export class VarintReader {
  readonly #data: Buffer
  #position = 0

  constructor(data: Uint8Array) {
    this.#data = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#data.length
  }

  byte(): number {
    const value = this.#data[this.#position]
    if (value === undefined) throw new RangeError('data ended early')
    this.#position++
    return value
  }

  uvarint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
  }

  float64(): number {
    return this.slice(8).readDoubleLE(0)
  }

  string(): string {
    return this.slice(this.uvarint()).toString('utf8')
  }

  slice(bytes: number): Buffer {
    const end = this.#position + bytes
    if (end > this.#data.length) throw new RangeError('data ended early')
    const slice = this.#data.subarray(this.#position, end)
    this.#position = end
    return slice
  }
}
