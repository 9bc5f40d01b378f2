// Records of a batch as the cleaner needs them: the key, whether there is a value, and where the record's bytes lie,
// so that what stays is copied and not encoded anew. Pure.

import { codecNames, decompress } from '../../../protocol/compression/index.ts'
import { Reader, SchemaError } from '../../../protocol/primitives.ts'
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchBaseTimestamp,
  batchCodec,
  batchMaxTimestamp,
  batchRecordCount,
  batchSizeBytes,
  isLogAppendTimeBatch,
} from '../../../protocol/records/batch.ts'
import { MAX_DECOMPRESSED_BYTES } from '../../../protocol/records/read.ts'

export interface RecordView {
  offset: number
  timestampMs: number
  key: Buffer | null
  hasValue: boolean
  /** From its length prefix to its end, in `body`. */
  start: number
  end: number
  /** The record's attributes byte. */
  attributes: number
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

/** Throws SchemaError where the bytes are no records. */
export function* recordViews(batch: Buffer, at: number, body: Buffer): Generator<RecordView> {
  const baseOffset = batchBaseOffset(batch, at)
  const baseTimestampMs = batchBaseTimestamp(batch, at)
  const appendTimeMs = isLogAppendTimeBatch(batch, at) ? batchMaxTimestamp(batch, at) : null
  const reader = new Reader(body)
  const count = reader.count(batchRecordCount(batch, at))
  for (let i = 0; i < count; i++) {
    const start = reader.position
    const size = reader.varint()
    const end = reader.take(size) + size
    reader.position = end - size
    const attributes = reader.int8()
    const timestampMs = appendTimeMs ?? baseTimestampMs + reader.varlong()
    if (appendTimeMs !== null) reader.varlong()
    const afterTimestamp = reader.position
    const offset = baseOffset + reader.varint()
    const keyLength = reader.varint()
    const key = keyLength < 0 ? null : reader.bytes(keyLength)
    const hasValue = reader.varint() >= 0
    if (reader.position > end) throw new SchemaError(`a record of ${size} bytes ends elsewhere`)
    reader.position = end
    yield { offset, timestampMs, key, hasValue, start, end, attributes, afterTimestamp }
  }
}
