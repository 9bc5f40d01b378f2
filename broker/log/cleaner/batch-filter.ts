// What compaction makes of one batch: nothing, the same bytes, a header without records, or a batch of the records
// that stay. Offsets, sequences and producer stay as they are. Pure over bytes; the codecs bring their own threads.
import { codecNames } from '../../../protocol/compression/index.ts'
import { Writer } from '../../../protocol/primitives.ts'
import {
  ATTRIBUTE_CODEC_MASK,
  ATTRIBUTE_DELETE_HORIZON,
  BATCH_HEADER_BYTES,
  batchAttributes,
  batchBaseTimestamp,
  batchCodec,
  batchDeleteHorizonMs,
  batchLastOffset,
  batchNextOffset,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  batchSizeBytes,
  isControlBatch,
  isLogAppendTimeBatch,
  LOG_OVERHEAD_BYTES,
  NO_TIMESTAMP,
  writeBatchCrc,
} from '../../../protocol/records/batch.ts'
import { compressBatch } from '../../../protocol/records/build.ts'
import type { CleanedTransactions } from './cleaned-transactions.ts'
import type { OffsetMap } from './offset-map.ts'
import { batchBody, type KeptRecord, RecordCursor } from './record-cursor.ts'

/** A producer's last batch, or its last marker's epoch where it has no batch; kept for sequence checks. */
export interface LastOfProducer {
  producerId: number
  producerEpoch: number
  /** -1: the last thing it left is a marker. */
  lastDataOffset: number
}

export interface FilterContext {
  map: OffsetMap
  transactions: CleanedTransactions
  lastOfProducers: ReadonlyMap<number, LastOfProducer>
  nowMs: number
  deleteRetentionMs: number
  /** A batch that ends right before it is kept, if only its header. */
  keepBatchBefore: ReadonlySet<number>
}

export interface Filtered {
  /** null: the batch is gone. */
  batch: Buffer | null
  recordsRead: number
  recordsKept: number
  /** Records without a key: they cannot be compacted, and go. */
  invalidRecords: number
}

export async function filterBatch(
  source: Buffer,
  at: number,
  context: FilterContext,
): Promise<Filtered> {
  const isControl = isControlBatch(source, at)
  const { transactions, nowMs } = context
  const canGo = isControl ? transactions.readMarker(source, at) : transactions.readBatch(source, at)
  const horizonMs = batchDeleteHorizonMs(source, at)
  const allGo = canGo && (!isControl || (horizonMs !== null && horizonMs <= nowMs))
  const keepsHeader = mustKeepHeader(source, at, context)
  const count = batchRecordCount(source, at)
  if (allGo || count === 0) {
    const batch = keepsHeader ? emptyBatch(source, at) : null
    return { batch, recordsRead: count, recordsKept: 0, invalidRecords: 0 }
  }
  const body = await batchBody(source, at)
  const record = new RecordCursor()
  record.open(source, at, body)
  const kept: KeptRecord[] = []
  let hasTombstones = false
  let invalidRecords = 0
  while (record.next()) {
    if (!isControl && !record.hasKey && record.offset <= context.map.latestOffset) {
      invalidRecords++
    } else if (isControl || isKept(record, horizonMs, context)) {
      kept.push(record.kept())
      hasTombstones ||= !record.hasValue
    }
  }
  const counts = { recordsRead: count, recordsKept: kept.length, invalidRecords }
  if (kept.length === 0) {
    return { batch: keepsHeader ? emptyBatch(source, at) : null, ...counts }
  }
  const needsHorizon = horizonMs === null && (hasTombstones || (isControl && canGo))
  if (kept.length === count && !needsHorizon) {
    return { batch: source.subarray(at, at + batchSizeBytes(source, at)), ...counts }
  }
  const newHorizonMs = needsHorizon ? nowMs + context.deleteRetentionMs : null
  return { batch: await rebuild(source, at, { cursor: record, kept, newHorizonMs }), ...counts }
}

function mustKeepHeader(source: Buffer, at: number, context: FilterContext): boolean {
  if (context.keepBatchBefore.has(batchNextOffset(source, at))) return true
  const last = context.lastOfProducers.get(batchProducerId(source, at))
  if (last === undefined) return false
  if (last.lastDataOffset >= 0) return batchLastOffset(source, at) === last.lastDataOffset
  return isControlBatch(source, at) && batchProducerEpoch(source, at) === last.producerEpoch
}

function isKept(record: RecordCursor, horizonMs: number | null, context: FilterContext): boolean {
  const { map, nowMs } = context
  if (record.offset > map.latestOffset) return true
  if (!record.hasKey) return false
  if (record.offset < map.get(record.body, record.keyStart, record.keyEnd)) return false
  return record.hasValue || horizonMs === null || nowMs < horizonMs
}

/** The header alone, with offsets, producer and sequences; uncompressed, without a delete horizon. */
function emptyBatch(source: Buffer, at: number): Buffer {
  const batch = Buffer.from(source.subarray(at, at + BATCH_HEADER_BYTES))
  batch.writeInt32BE(BATCH_HEADER_BYTES - LOG_OVERHEAD_BYTES, 8)
  const dropped = ATTRIBUTE_CODEC_MASK | ATTRIBUTE_DELETE_HORIZON
  batch.writeInt16BE(batchAttributes(source, at) & ~dropped, 21)
  batch.writeBigInt64BE(BigInt(NO_TIMESTAMP), 27)
  batch.writeInt32BE(0, 57)
  writeBatchCrc(batch, 0)
  return batch
}

function rebuild(
  source: Buffer,
  at: number,
  made: { cursor: RecordCursor; kept: readonly KeptRecord[]; newHorizonMs: number | null },
): Promise<Buffer> {
  const { cursor, kept, newHorizonMs } = made
  const { body } = cursor
  const baseTimestampMs = newHorizonMs ?? batchBaseTimestamp(source, at)
  const pieces = kept.map((record) =>
    newHorizonMs === null
      ? body.subarray(record.start, record.end)
      : retimed(body, record, cursor.timestampOf(record) - newHorizonMs),
  )
  const header = Buffer.from(source.subarray(at, at + BATCH_HEADER_BYTES))
  const batch = Buffer.concat([header, ...pieces])
  batch.writeInt32BE(batch.length - LOG_OVERHEAD_BYTES, 8)
  const horizonBit = newHorizonMs === null ? 0 : ATTRIBUTE_DELETE_HORIZON
  batch.writeInt16BE((batchAttributes(source, at) & ~ATTRIBUTE_CODEC_MASK) | horizonBit, 21)
  batch.writeBigInt64BE(BigInt(baseTimestampMs), 27)
  if (!isLogAppendTimeBatch(source, at)) {
    let maxTimestampMs = NO_TIMESTAMP
    for (const record of kept) {
      maxTimestampMs = Math.max(maxTimestampMs, cursor.timestampOf(record))
    }
    batch.writeBigInt64BE(BigInt(maxTimestampMs), 35)
  }
  batch.writeInt32BE(kept.length, 57)
  writeBatchCrc(batch, 0)
  return compressBatch(batch, codecNames[batchCodec(source, at)] ?? 'none')
}

/** The record with its timestamp told from another base: so far from it. */
function retimed(body: Buffer, record: KeptRecord, timestampDeltaMs: number): Buffer {
  const writer = new Writer()
  writer.int8(record.attributes)
  writer.varlong(timestampDeltaMs)
  const head = Buffer.concat(writer.finish())
  const size = new Writer()
  size.varint(head.length + record.end - record.afterTimestamp)
  return Buffer.concat([...size.finish(), head, body.subarray(record.afterTimestamp, record.end)])
}
