// Looks inside record batches: for message browsing, coordinators, and where Kafka's contract asks for it.
import { codecNames, decompress } from '../compression/index.ts'
import { Reader, SchemaError } from '../primitives.ts'
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
} from './batch.ts'

export interface RecordHeader {
  key: string
  value: Buffer | null
}

export interface DecodedRecord {
  offset: number
  timestampMs: number
  key: Buffer | null
  value: Buffer | null
  headers: RecordHeader[]
  /** As it stands in the (decompressed) batch, length prefix not counted. */
  sizeBytes: number
}

/** Upper bound of one batch's decompressed records: a small batch cannot make us run out of memory. */
export const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024

function readNullableBytes(reader: Reader): Buffer | null {
  const length = reader.varint()
  return length < 0 ? null : reader.bytes(length)
}

function readRecord(
  reader: Reader,
  base: { offset: number; timestampMs: number; appendTimeMs: number | null },
): DecodedRecord {
  const size = reader.varint()
  const end = reader.take(size) + size
  reader.position = end - size
  reader.int8()
  const timestampDelta = reader.varlong()
  const offsetDelta = reader.varint()
  const key = readNullableBytes(reader)
  const value = readNullableBytes(reader)
  const headers: RecordHeader[] = []
  const headerCount = reader.count(reader.varint())
  for (let i = 0; i < headerCount; i++) {
    headers.push({ key: reader.string(reader.varint()), value: readNullableBytes(reader) })
  }
  if (reader.position !== end) throw new SchemaError(`a record of ${size} bytes ends elsewhere`)
  return {
    offset: base.offset + offsetDelta,
    timestampMs: base.appendTimeMs ?? clampLong(base.timestampMs + timestampDelta),
    key,
    value,
    headers,
    sizeBytes: size,
  }
}

function readAll(batch: Buffer, at: number, body: Buffer): DecodedRecord[] {
  const base = {
    offset: batchBaseOffset(batch, at),
    timestampMs: batchBaseTimestamp(batch, at),
    appendTimeMs: isLogAppendTimeBatch(batch, at) ? batchMaxTimestamp(batch, at) : null,
  }
  const reader = new Reader(body)
  const count = reader.count(batchRecordCount(batch, at))
  const records: DecodedRecord[] = []
  for (let i = 0; i < count; i++) records.push(readRecord(reader, base))
  return records
}

function bodyOf(batch: Buffer, at: number): Buffer {
  return batch.subarray(at + BATCH_HEADER_BYTES, at + batchSizeBytes(batch, at))
}

/** All records of the whole batch at `at`; keys and values are views. Throws SchemaError. */
export async function readRecords(batch: Buffer, at = 0): Promise<DecodedRecord[]> {
  const codec = codecNames[batchCodec(batch, at)]
  if (codec === undefined) throw new SchemaError(`compression codec ${batchCodec(batch, at)}`)
  if (codec === 'none') return readAll(batch, at, bodyOf(batch, at))
  return readAll(batch, at, await decompress(codec, bodyOf(batch, at), MAX_DECOMPRESSED_BYTES))
}

/** For batches known to be uncompressed (coordinator logs, the metadata log, control batches). */
export function readRecordsSync(batch: Buffer, at = 0): DecodedRecord[] {
  if (batchCodec(batch, at) !== 0) throw new SchemaError('the batch is compressed')
  return readAll(batch, at, bodyOf(batch, at))
}
