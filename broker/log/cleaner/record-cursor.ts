// Walks the records of a batch as the cleaner needs them: where the key is, whether there is a value, and where the
// record's bytes lie, so that what stays is copied and not encoded anew. One object for all records of a pass. Pure.
import { codecNames, decompress } from '../../../protocol/compression/index.ts'
import { SchemaError } from '../../../protocol/primitives.ts'
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchBaseTimestamp,
  batchCodec,
  batchMaxTimestamp,
  batchRecordCount,
  batchSizeBytes,
  clampLong,
  isLogAppendTimeBatch,
} from '../../../protocol/records/batch.ts'
import { MAX_DECOMPRESSED_BYTES } from '../../../protocol/records/read.ts'

/** A record that stays: its bytes in the body, from its length prefix to its end. */
export interface KeptRecord {
  start: number
  end: number
  attributes: number
  /** Where the timestamp delta begins. */
  timestampAt: number
  /** Where the bytes behind the timestamp delta begin. */
  afterTimestamp: number
}

/** The records' bytes, decompressed. */
export async function batchBody(batch: Buffer, at: number): Promise<Buffer> {
  const body = batch.subarray(at + BATCH_HEADER_BYTES, at + batchSizeBytes(batch, at))
  const codec = codecNames[batchCodec(batch, at)]
  if (codec === undefined) throw new SchemaError(`compression codec ${batchCodec(batch, at)}`)
  return codec === 'none' ? body : decompress(codec, body, MAX_DECOMPRESSED_BYTES)
}

export class RecordCursor {
  body: Buffer = Buffer.alloc(0)
  offset = 0
  start = 0
  end = 0
  attributes = 0
  /** -1 and -1 when there is no key. */
  keyStart = -1
  keyEnd = -1
  hasValue = false
  afterTimestamp = 0
  #at = 0
  #left = 0
  #baseOffset = 0
  #baseTimestampMs = 0
  #appendTimeMs: number | null = null
  #timestampAt = 0

  /** Before the first record of the batch at `at`, whose records are `body`. */
  open(batch: Buffer, at: number, body: Buffer): void {
    this.body = body
    this.#at = 0
    this.#left = batchRecordCount(batch, at)
    this.#baseOffset = batchBaseOffset(batch, at)
    this.#baseTimestampMs = batchBaseTimestamp(batch, at)
    this.#appendTimeMs = isLogAppendTimeBatch(batch, at) ? batchMaxTimestamp(batch, at) : null
  }

  get hasKey(): boolean {
    return this.keyStart >= 0
  }

  /** Of a record that was passed: few are ever asked for, and it is the dearest part to read. */
  timestampOf(record: KeptRecord): number {
    if (this.#appendTimeMs !== null) return this.#appendTimeMs
    const resumeAt = this.#at
    this.#at = record.timestampAt
    const delta = this.#varlong()
    this.#at = resumeAt
    return clampLong(this.#baseTimestampMs + delta)
  }

  /** False behind the last record. Throws SchemaError where the bytes are no records. */
  next(): boolean {
    if (this.#left === 0) return false
    this.#left--
    this.start = this.#at
    const size = this.#varint()
    this.end = this.#at + size
    if (size < 0 || this.end > this.body.length) throw new SchemaError(`a record of ${size} bytes`)
    this.attributes = this.body[this.#at++] ?? 0
    this.#timestampAt = this.#at
    while ((this.body[this.#at++] ?? 0) >= 0x80);
    this.afterTimestamp = this.#at
    this.offset = this.#baseOffset + this.#varint()
    const keyLength = this.#varint()
    this.keyStart = keyLength < 0 ? -1 : this.#at
    this.keyEnd = keyLength < 0 ? -1 : this.#at + keyLength
    this.#at += Math.max(0, keyLength)
    this.hasValue = this.#varint() >= 0
    if (this.#at > this.end) throw new SchemaError(`a record of ${size} bytes ends elsewhere`)
    this.#at = this.end
    return true
  }

  kept(): KeptRecord {
    const { start, end, attributes, afterTimestamp } = this
    return { start, end, attributes, timestampAt: this.#timestampAt, afterTimestamp }
  }

  /** Zigzag, 32 bits. */
  #varint(): number {
    let raw = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.body[this.#at++]
      if (byte === undefined) break
      raw |= (byte & 0x7f) << shift
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1)
    }
    throw new SchemaError(`no varint ends before ${this.#at}`)
  }

  /** Zigzag, 64 bits; exact below 2^53. */
  #varlong(): number {
    let raw = 0n
    for (let shift = 0n; shift <= 63n; shift += 7n) {
      const byte = this.body[this.#at++]
      if (byte === undefined) break
      raw |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n)))
    }
    throw new SchemaError(`no varlong ends before ${this.#at}`)
  }
}
