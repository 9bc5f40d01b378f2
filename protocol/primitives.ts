// Kafka's primitive types over buffers: the Reader and Writer that the compiled codecs call.
// Source: the protocol guide's "Protocol Primitive Types", KIP-482 (compact types, tagged fields).

/** A frame that does not follow its schema. The connection that sent it cannot be trusted any further. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
}

/** Kafka's Uuid.ZERO_UUID in its textual form. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

const LONG_MAX_HIGH = 0x7fffffff
const TWO_32 = 0x1_0000_0000

/** Reads primitives in order; every read past the end throws SchemaError. */
export class Reader {
  readonly buffer: Buffer
  position: number
  readonly end: number
  /** Array elements that may still come: each takes many times its bytes in memory. */
  elementsLeft = Number.POSITIVE_INFINITY

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer
    this.position = position
    this.end = end
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** Takes `size` bytes and gives the position of the first. */
  take(size: number): number {
    const start = this.position
    if (size < 0 || start + size > this.end) {
      throw new SchemaError(`${size} bytes needed at ${start}, the frame ends at ${this.end}`)
    }
    this.position = start + size
    return start
  }

  bool(): boolean {
    return this.buffer[this.take(1)] !== 0
  }
  int8(): number {
    return this.buffer.readInt8(this.take(1))
  }
  int16(): number {
    return this.buffer.readInt16BE(this.take(2))
  }
  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2))
  }
  int32(): number {
    return this.buffer.readInt32BE(this.take(4))
  }
  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4))
  }

  /** A checked number: Long.MAX_VALUE reads as MAX_SAFE_INTEGER, any other value past 2^53 throws. */
  int64(): number {
    const start = this.take(8)
    const high = this.buffer.readInt32BE(start)
    const low = this.buffer.readUInt32BE(start + 4)
    const value = high * TWO_32 + low
    if (Number.isSafeInteger(value)) return value
    if (high === LONG_MAX_HIGH && low === 0xffffffff) return Number.MAX_SAFE_INTEGER
    throw new SchemaError(`an int64 past 2^53 at ${start}`)
  }
  /** For the rare field whose whole range matters. */
  int64Raw(): bigint {
    return this.buffer.readBigInt64BE(this.take(8))
  }
  float64(): number {
    return this.buffer.readDoubleBE(this.take(8))
  }
  uuid(): string {
    const start = this.take(16)
    return this.buffer.toString('base64url', start, start + 16)
  }

  /** Unsigned LEB128, at most 32 bits. */
  uvarint(): number {
    let value = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.buffer[this.take(1)] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new SchemaError(`a varint longer than 5 bytes before ${this.position}`)
  }
  /** Zigzag varint of 32 bits. */
  varint(): number {
    const raw = this.uvarint()
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }
  /** Zigzag varint of 64 bits, as a checked number. */
  varlong(): number {
    let value = 0n
    for (let shift = 0n; shift <= 63n; shift += 7n) {
      const byte = this.buffer[this.take(1)] as number
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)))
    }
    throw new SchemaError(`a varlong longer than 10 bytes before ${this.position}`)
  }

  string(length: number): string {
    const start = this.take(length)
    return this.buffer.toString('utf8', start, start + length)
  }
  /** A view, not a copy. */
  bytes(length: number): Buffer {
    const start = this.take(length)
    return this.buffer.subarray(start, start + length)
  }

  /** Checks an element count against the bytes that are left (an element takes at least one). */
  count(count: number): number {
    if (count < 0 || count > this.remaining) {
      throw new SchemaError(`an array of ${count} elements with ${this.remaining} bytes left`)
    }
    this.elementsLeft -= count
    if (this.elementsLeft < 0) throw new SchemaError('too many array elements in one message')
    return count
  }
}

const FIRST_CHUNK_BYTES = 256
const MAX_CHUNK_BYTES = 64 * 1024

/**
 * Writes primitives into growing chunks. Buffers given to `reference` are not copied: `finish` gives
 * the pieces in order, for writev.
 */
export class Writer {
  #chunk: Buffer
  #start = 0
  #position = 0
  #nextSize: number
  readonly #pieces: Buffer[] = []

  constructor(firstChunkBytes = FIRST_CHUNK_BYTES) {
    this.#chunk = Buffer.allocUnsafe(firstChunkBytes)
    this.#nextSize = firstChunkBytes * 2
  }

  #room(size: number): number {
    if (this.#position + size > this.#chunk.length) {
      this.#cut()
      this.#chunk = Buffer.allocUnsafe(Math.max(size, this.#nextSize))
      this.#nextSize = Math.min(this.#nextSize * 2, MAX_CHUNK_BYTES)
      this.#start = 0
      this.#position = 0
    }
    const start = this.#position
    this.#position += size
    return start
  }

  #cut(): void {
    if (this.#position > this.#start) {
      this.#pieces.push(this.#chunk.subarray(this.#start, this.#position))
      this.#start = this.#position
    }
  }

  bool(value: boolean): void {
    const at = this.#room(1)
    this.#chunk[at] = value ? 1 : 0
  }
  int8(value: number): void {
    const at = this.#room(1)
    this.#chunk.writeInt8(value, at)
  }
  int16(value: number): void {
    const at = this.#room(2)
    this.#chunk.writeInt16BE(value, at)
  }
  uint16(value: number): void {
    const at = this.#room(2)
    this.#chunk.writeUInt16BE(value, at)
  }
  int32(value: number): void {
    const at = this.#room(4)
    this.#chunk.writeInt32BE(value, at)
  }
  uint32(value: number): void {
    const at = this.#room(4)
    this.#chunk.writeUInt32BE(value, at)
  }
  /** MAX_SAFE_INTEGER is written as Long.MAX_VALUE, the inverse of `Reader.int64`. */
  int64(value: number): void {
    const at = this.#room(8)
    if (value === Number.MAX_SAFE_INTEGER) {
      this.#chunk.writeInt32BE(LONG_MAX_HIGH, at)
      this.#chunk.writeUInt32BE(0xffffffff, at + 4)
      return
    }
    if (!Number.isSafeInteger(value)) throw new SchemaError(`${value} is no int64`)
    const high = Math.floor(value / TWO_32)
    this.#chunk.writeInt32BE(high, at)
    this.#chunk.writeUInt32BE(value - high * TWO_32, at + 4)
  }
  int64Raw(value: bigint): void {
    const at = this.#room(8)
    this.#chunk.writeBigInt64BE(value, at)
  }
  float64(value: number): void {
    const at = this.#room(8)
    this.#chunk.writeDoubleBE(value, at)
  }
  /** 22 base64url characters. */
  uuid(value: string): void {
    const at = this.#room(16)
    if (this.#chunk.write(value, at, 16, 'base64url') !== 16) {
      throw new SchemaError(`${value} is no uuid`)
    }
  }
  uvarint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      const at = this.#room(1)
      this.#chunk[at] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    const at = this.#room(1)
    this.#chunk[at] = rest
  }
  varint(value: number): void {
    this.uvarint(value >= 0 ? value * 2 : -value * 2 - 1)
  }
  varlong(value: number): void {
    if (value >= -1_000_000_000 && value <= 1_000_000_000) {
      this.varint(value)
      return
    }
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
    while (rest >= 0x80n) {
      const at = this.#room(1)
      this.#chunk[at] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    const at = this.#room(1)
    this.#chunk[at] = Number(rest)
  }

  /** The UTF-8 bytes alone; the length goes before it. */
  utf8(value: string, byteLength: number): void {
    const at = this.#room(byteLength)
    this.#chunk.write(value, at, byteLength, 'utf8')
  }
  /** Copies. */
  copy(value: Uint8Array): void {
    const at = this.#room(value.length)
    this.#chunk.set(value, at)
  }
  /** Small buffers are copied, large ones become a piece of their own. */
  reference(value: Buffer): void {
    if (value.length < 512) {
      this.copy(value)
      return
    }
    this.#cut()
    this.#pieces.push(value)
  }

  /** Bytes written so far. */
  get sizeBytes(): number {
    let size = this.#position - this.#start
    for (const piece of this.#pieces) size += piece.length
    return size
  }

  /** All pieces in order. The writer is not used afterwards. */
  finish(): Buffer[] {
    this.#cut()
    return this.#pieces
  }

  /** One buffer. The writer is not used afterwards. */
  toBuffer(): Buffer {
    const pieces = this.finish()
    const [first] = pieces
    if (pieces.length === 1 && first !== undefined) return first
    return Buffer.concat(pieces)
  }
}
