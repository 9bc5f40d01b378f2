// Record batch v2 as bytes: field accessors over a buffer at the position of a batch. Nothing is parsed twice.
//
//  0 baseOffset i64      16 magic i8         27 baseTimestamp i64   51 producerEpoch i16
//  8 batchLength i32     17 crc u32 (21…end) 35 maxTimestamp i64    53 baseSequence i32
// 12 leaderEpoch i32     21 attributes i16   43 producerId i64      57 recordCount i32
//                        23 lastOffsetDelta i32                     61 records
import { crc32c } from './crc32c.ts'

export const BATCH_HEADER_BYTES = 61
/** baseOffset and batchLength: what the length does not count. */
export const LOG_OVERHEAD_BYTES = 12
export const CURRENT_MAGIC = 2
export const NO_PRODUCER_ID = -1
export const NO_SEQUENCE = -1
export const NO_TIMESTAMP = -1

export const ATTRIBUTE_CODEC_MASK = 0x07
export const ATTRIBUTE_LOG_APPEND_TIME = 0x08
export const ATTRIBUTE_TRANSACTIONAL = 0x10
export const ATTRIBUTE_CONTROL = 0x20
/** The base timestamp says from when tombstones and markers of the batch may go. */
export const ATTRIBUTE_DELETE_HORIZON = 0x40

const TWO_32 = 0x1_0000_0000

function readLong(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4)
}
/** What lies beyond 2^53-1 either way is told as that: for numbers that are stored again. */
export function clampLong(value: number): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))
}
function writeLong(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / TWO_32)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * TWO_32, at + 4)
}

export const batchBaseOffset = (b: Buffer, at: number): number => readLong(b, at)
/** Whole size in bytes, header included. */
export const batchSizeBytes = (b: Buffer, at: number): number =>
  b.readInt32BE(at + 8) + LOG_OVERHEAD_BYTES
export const batchLeaderEpoch = (b: Buffer, at: number): number => b.readInt32BE(at + 12)
export const batchMagic = (b: Buffer, at: number): number => b.readInt8(at + 16)
export const batchCrc = (b: Buffer, at: number): number => b.readUInt32BE(at + 17)
export const batchAttributes = (b: Buffer, at: number): number => b.readInt16BE(at + 21)
export const batchLastOffsetDelta = (b: Buffer, at: number): number => b.readInt32BE(at + 23)
export const batchBaseTimestamp = (b: Buffer, at: number): number => clampLong(readLong(b, at + 27))
export const batchMaxTimestamp = (b: Buffer, at: number): number => clampLong(readLong(b, at + 35))
export const batchProducerId = (b: Buffer, at: number): number => clampLong(readLong(b, at + 43))
export const batchProducerEpoch = (b: Buffer, at: number): number => b.readInt16BE(at + 51)
export const batchBaseSequence = (b: Buffer, at: number): number => b.readInt32BE(at + 53)
export const batchRecordCount = (b: Buffer, at: number): number => b.readInt32BE(at + 57)

export const batchLastOffset = (b: Buffer, at: number): number =>
  batchBaseOffset(b, at) + batchLastOffsetDelta(b, at)
export const batchNextOffset = (b: Buffer, at: number): number => batchLastOffset(b, at) + 1
/** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export const batchCodec = (b: Buffer, at: number): number =>
  batchAttributes(b, at) & ATTRIBUTE_CODEC_MASK
export const isLogAppendTimeBatch = (b: Buffer, at: number): boolean =>
  (batchAttributes(b, at) & ATTRIBUTE_LOG_APPEND_TIME) !== 0
export const isTransactionalBatch = (b: Buffer, at: number): boolean =>
  (batchAttributes(b, at) & ATTRIBUTE_TRANSACTIONAL) !== 0
export const isControlBatch = (b: Buffer, at: number): boolean =>
  (batchAttributes(b, at) & ATTRIBUTE_CONTROL) !== 0
/** null unless compaction has set one; the timestamps of records count from it. */
export const batchDeleteHorizonMs = (b: Buffer, at: number): number | null =>
  (batchAttributes(b, at) & ATTRIBUTE_DELETE_HORIZON) === 0 ? null : batchBaseTimestamp(b, at)
/** Sequences wrap from 2^31-1 to 0. */
export const batchLastSequence = (b: Buffer, at: number): number => {
  const base = batchBaseSequence(b, at)
  return base === NO_SEQUENCE ? NO_SEQUENCE : addSequence(base, batchLastOffsetDelta(b, at))
}

export function addSequence(sequence: number, increment: number): number {
  return (sequence + increment) % 0x8000_0000
}

/** Not covered by the CRC. */
export function setBatchBaseOffset(b: Buffer, at: number, offset: number): void {
  writeLong(b, at, offset)
}
/** Not covered by the CRC. */
export function setBatchLeaderEpoch(b: Buffer, at: number, epoch: number): void {
  b.writeInt32BE(epoch, at + 12)
}
/** Sets the log-append-time bit and maximum timestamp, and recomputes the CRC. */
export function setBatchLogAppendTime(b: Buffer, at: number, timestampMs: number): void {
  b.writeInt16BE(batchAttributes(b, at) | ATTRIBUTE_LOG_APPEND_TIME, at + 21)
  writeLong(b, at + 35, timestampMs)
  writeBatchCrc(b, at)
}
export function writeBatchCrc(b: Buffer, at: number): void {
  b.writeUInt32BE(crc32c(b.subarray(at + 21, at + batchSizeBytes(b, at))), at + 17)
}

/** The whole batch must lie in the buffer. */
export function verifyBatchCrc(b: Buffer, at: number): boolean {
  return crc32c(b.subarray(at + 21, at + batchSizeBytes(b, at))) === batchCrc(b, at)
}

/**
 * Size of the whole batch at `at`, or null when fewer bytes than that are left, or the length cannot be
 * one of a v2 batch.
 */
export function wholeBatchSizeBytes(b: Buffer, at: number, end = b.length): number | null {
  if (at + BATCH_HEADER_BYTES > end) return null
  const size = batchSizeBytes(b, at)
  return size >= BATCH_HEADER_BYTES && at + size <= end ? size : null
}

/** Positions of the whole batches, in order; a partial one at the end is left out. */
export function* batchPositions(b: Buffer, start = 0, end = b.length): Generator<number> {
  let at = start
  for (;;) {
    const size = wholeBatchSizeBytes(b, at, end)
    if (size === null) return
    yield at
    at += size
  }
}
