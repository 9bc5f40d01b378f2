// Makes record batches: for coordinators, the metadata log, control records, and clients of our own.
import { type CompressionCodec, compress } from '../compression/index.ts'
import { Writer } from '../primitives.ts'
import {
  ATTRIBUTE_CODEC_MASK,
  ATTRIBUTE_CONTROL,
  ATTRIBUTE_LOG_APPEND_TIME,
  ATTRIBUTE_TRANSACTIONAL,
  BATCH_HEADER_BYTES,
  batchAttributes,
  CURRENT_MAGIC,
  LOG_OVERHEAD_BYTES,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  writeBatchCrc,
} from './batch.ts'

export interface RecordInput {
  key: Buffer | null
  value: Buffer | null
  headers?: readonly { key: string; value: Buffer | null }[]
  timestampMs?: number
  /** From the batch's base offset; its place in the list unless given. */
  offsetDelta?: number
}

export interface BatchInput {
  baseOffset?: number
  leaderEpoch?: number
  records: readonly RecordInput[]
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  isTransactional?: boolean
  isControl?: boolean
  isLogAppendTime?: boolean
}

function writeBytes(writer: Writer, value: Buffer | null): void {
  if (value === null) {
    writer.varint(-1)
    return
  }
  writer.varint(value.length)
  writer.copy(value)
}

function encodeRecord(record: RecordInput, delta: number, baseTimestampMs: number): Buffer {
  const writer = new Writer()
  writer.int8(0)
  writer.varlong((record.timestampMs ?? baseTimestampMs) - baseTimestampMs)
  writer.varint(record.offsetDelta ?? delta)
  writeBytes(writer, record.key)
  writeBytes(writer, record.value)
  const headers = record.headers ?? []
  writer.varint(headers.length)
  for (const header of headers) {
    const length = Buffer.byteLength(header.key)
    writer.varint(length)
    writer.utf8(header.key, length)
    writeBytes(writer, header.value)
  }
  return writer.toBuffer()
}

function maxTimestamp(records: readonly RecordInput[]): number {
  let max = NO_TIMESTAMP
  for (const record of records) max = Math.max(max, record.timestampMs ?? NO_TIMESTAMP)
  return max
}

/** One uncompressed v2 batch with a valid CRC. */
export function buildBatch(input: BatchInput): Buffer {
  const first = input.records[0]
  const baseTimestampMs = first?.timestampMs ?? NO_TIMESTAMP
  const body = new Writer(1024)
  input.records.forEach((record, delta) => {
    const encoded = encodeRecord(record, delta, baseTimestampMs)
    body.varint(encoded.length)
    body.copy(encoded)
  })
  const lastDelta = input.records.at(-1)?.offsetDelta ?? input.records.length - 1
  const attributes =
    (input.isTransactional ? ATTRIBUTE_TRANSACTIONAL : 0) |
    (input.isControl ? ATTRIBUTE_CONTROL : 0) |
    (input.isLogAppendTime ? ATTRIBUTE_LOG_APPEND_TIME : 0)
  const head = new Writer(BATCH_HEADER_BYTES)
  head.int64(input.baseOffset ?? 0)
  head.int32(BATCH_HEADER_BYTES - LOG_OVERHEAD_BYTES + body.sizeBytes)
  head.int32(input.leaderEpoch ?? -1)
  head.int8(CURRENT_MAGIC)
  head.uint32(0)
  head.int16(attributes)
  head.int32(lastDelta)
  head.int64(baseTimestampMs)
  head.int64(maxTimestamp(input.records))
  head.int64(input.producerId ?? NO_PRODUCER_ID)
  head.int16(input.producerEpoch ?? -1)
  head.int32(input.baseSequence ?? NO_SEQUENCE)
  head.int32(input.records.length)
  const batch = Buffer.concat([...head.finish(), ...body.finish()])
  writeBatchCrc(batch, 0)
  return batch
}

/** The same batch with its records compressed; `batch` is uncompressed and left as it is. */
export async function compressBatch(
  batch: Buffer,
  codec: CompressionCodec,
  level?: number,
): Promise<Buffer> {
  if (codec === 'none') return batch
  const { id, bytes } = await compress(codec, batch.subarray(BATCH_HEADER_BYTES), level)
  const out = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), bytes])
  out.writeInt32BE(out.length - LOG_OVERHEAD_BYTES, 8)
  out.writeInt16BE((batchAttributes(batch, 0) & ~ATTRIBUTE_CODEC_MASK) | id, 21)
  writeBatchCrc(out, 0)
  return out
}
