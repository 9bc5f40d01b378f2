// The bytes of a `.snapshot` file: what a partition knows of its producers. Kafka's layout; where Kafka writes the
// last batch of a producer only, all that are remembered stand here, oldest first: a client that retries what was in
// flight when its leader was restarted is recognised. Kafka's own reader keeps the last line of each producer.
import { crc32c } from '../../protocol/records/crc32c.ts'
import {
  CACHED_BATCHES,
  type CachedBatch,
  MAX_SEQUENCE,
  type ProducerEntry,
} from './producer-state.ts'

// Version i16 = 1, crc32c u32 of what follows, count i32, then 46 bytes a batch:
//  0 producerId i64     14 lastOffset i64    34 coordinatorEpoch i32
//  8 epoch i16          22 offsetDelta i32   38 currentTxnFirstOffset i64
// 10 lastSequence i32   26 timestamp i64
const VERSION = 1
const HEADER_BYTES = 10
const CRC_FROM = 6
const LINE_BYTES = 46

interface Line {
  producerId: number
  producerEpoch: number
  batch: CachedBatch | undefined
  timestampMs: number
  coordinatorEpoch: number
  currentTxnStartOffset: number
}

/** The last line of a producer is the one that Kafka writes, with what holds of the producer as a whole. */
function linesOf(entry: ProducerEntry): Line[] {
  const { producerId, producerEpoch, coordinatorEpoch } = entry
  const common = { producerId, producerEpoch, coordinatorEpoch }
  const earlier = entry.batches.slice(0, -1).map((batch) => ({
    ...common,
    batch,
    timestampMs: batch.timestampMs,
    currentTxnStartOffset: -1,
  }))
  const { lastTimestampMs: timestampMs, currentTxnStartOffset } = entry
  return [
    ...earlier,
    { ...common, batch: entry.batches.at(-1), timestampMs, currentTxnStartOffset },
  ]
}

export function encodeSnapshot(producers: Iterable<ProducerEntry>): Buffer {
  const lines = Array.from(producers, linesOf).flat()
  const bytes = Buffer.alloc(HEADER_BYTES + lines.length * LINE_BYTES)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeInt32BE(lines.length, CRC_FROM)
  for (const [i, line] of lines.entries()) encodeLine(bytes, HEADER_BYTES + i * LINE_BYTES, line)
  bytes.writeUInt32BE(crc32c(bytes.subarray(CRC_FROM)), 2)
  return bytes
}

function encodeLine(bytes: Buffer, at: number, line: Line): void {
  const { batch } = line
  bytes.writeBigInt64BE(BigInt(line.producerId), at)
  bytes.writeInt16BE(line.producerEpoch, at + 8)
  bytes.writeInt32BE(batch?.lastSequence ?? -1, at + 10)
  bytes.writeBigInt64BE(BigInt(batch?.lastOffset ?? -1), at + 14)
  bytes.writeInt32BE(batch === undefined ? 0 : batch.lastOffset - batch.firstOffset, at + 22)
  bytes.writeBigInt64BE(BigInt(line.timestampMs), at + 26)
  bytes.writeInt32BE(line.coordinatorEpoch, at + 34)
  bytes.writeBigInt64BE(BigInt(line.currentTxnStartOffset), at + 38)
}

/** One entry a producer; null when the bytes are not a whole, valid snapshot. */
export function decodeSnapshot(bytes: Buffer): ProducerEntry[] | null {
  if (bytes.length < HEADER_BYTES || bytes.readInt16BE(0) !== VERSION) return null
  if (crc32c(bytes.subarray(CRC_FROM)) !== bytes.readUInt32BE(2)) return null
  const count = bytes.readInt32BE(CRC_FROM)
  if (bytes.length !== HEADER_BYTES + count * LINE_BYTES) return null
  const entries = new Map<number, ProducerEntry>()
  for (let i = 0; i < count; i++) {
    const { batch, timestampMs, ...line } = decodeLine(bytes, HEADER_BYTES + i * LINE_BYTES)
    const earlier = entries.get(line.producerId)
    const known = earlier?.producerEpoch === line.producerEpoch ? earlier.batches : []
    const batches = batch === undefined ? known : [...known, batch].slice(-CACHED_BATCHES)
    entries.set(line.producerId, { ...line, batches, lastTimestampMs: timestampMs })
  }
  return [...entries.values()]
}

function decodeLine(bytes: Buffer, at: number): Line {
  const lastSequence = bytes.readInt32BE(at + 10)
  const lastOffset = Number(bytes.readBigInt64BE(at + 14))
  const delta = bytes.readInt32BE(at + 22)
  const timestampMs = Number(bytes.readBigInt64BE(at + 26))
  const first = lastSequence - delta
  const batch: CachedBatch = {
    firstSequence: first >= 0 ? first : first + MAX_SEQUENCE + 1,
    lastSequence,
    firstOffset: lastOffset - delta,
    lastOffset,
    timestampMs,
  }
  return {
    producerId: Number(bytes.readBigInt64BE(at)),
    producerEpoch: bytes.readInt16BE(at + 8),
    batch: lastOffset >= 0 ? batch : undefined,
    timestampMs,
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    currentTxnStartOffset: Number(bytes.readBigInt64BE(at + 38)),
  }
}
