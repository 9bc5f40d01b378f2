import {
  batchBaseOffset,
  batchCodec,
  batchLastOffset,
  batchMagic,
  batchPositions,
  CURRENT_MAGIC,
  isControlBatch,
  isLogAppendTimeBatch,
} from '../../protocol/records/batch.ts'
import { readRecords } from '../../protocol/records/read.ts'
import type { ScannedRecord } from './content.ts'

export interface BatchesRead {
  /** Offsets in [from, toExclusive), in order; control records are left out. */
  readonly records: ScannedRecord[]
  /** Where the next fetch goes on; `from` when not one whole batch was there. */
  readonly nextOffset: number
}

/**
 * Decompresses and reads the whole batches of a fetched buffer. Throws on a format older than v2.
 */
export async function readBatches(
  buffer: Buffer,
  range: { partition: number; from: number; toExclusive: number },
): Promise<BatchesRead> {
  const records: ScannedRecord[] = []
  let nextOffset = range.from
  if (buffer.length > 16 && batchMagic(buffer, 0) !== CURRENT_MAGIC) {
    throw new Error(`messages of format ${batchMagic(buffer, 0)}, from before Kafka 0.11`)
  }
  for (const at of batchPositions(buffer)) {
    if (batchBaseOffset(buffer, at) >= range.toExclusive) {
      nextOffset = range.toExclusive
      break
    }
    nextOffset = Math.max(nextOffset, batchLastOffset(buffer, at) + 1)
    if (isControlBatch(buffer, at) || batchLastOffset(buffer, at) < range.from) continue
    const isAppendTime = isLogAppendTimeBatch(buffer, at)
    const codec = batchCodec(buffer, at)
    for (const record of await readRecords(buffer, at)) {
      if (record.offset < range.from || record.offset >= range.toExclusive) continue
      records.push({ partition: range.partition, record, isAppendTime, codec })
    }
  }
  return { records, nextOffset }
}
