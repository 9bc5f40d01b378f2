// Walks the batches of a .log file in chunks, without holding the event loop or the whole file.
// Used by recovery, index rebuilding, producer-state replay and searches by time.
import {
  BATCH_HEADER_BYTES,
  batchMaxTimestamp,
  batchRecordCount,
  batchSizeBytes,
  NO_TIMESTAMP,
  wholeBatchSizeBytes,
} from '../../protocol/records/batch.ts'
import type { FileHandle } from '../runtime/runtime.ts'

const CHUNK_BYTES = 1024 * 1024

/** `at` is the batch's place in `buffer`, `positionBytes` its place in the file; false ends the walk before it. */
export type BatchVisitor = (batch: {
  buffer: Buffer
  at: number
  sizeBytes: number
  positionBytes: number
}) => boolean | Promise<boolean>

/**
 * Visits whole batches from `fromBytes` (start of a batch) to `toBytes`. Gives the position after the last
 * accepted batch: below `toBytes` when the visitor said no, or what follows is not a whole batch.
 * The buffer is reused: copy what must outlive the visit.
 */
export async function walkBatches(
  file: FileHandle,
  range: { fromBytes: number; toBytes: number; chunkBytes?: number },
  visit: BatchVisitor,
): Promise<number> {
  let position = range.fromBytes
  const chunkBytes = Math.min(range.chunkBytes ?? CHUNK_BYTES, range.toBytes - position)
  if (chunkBytes <= 0) return position
  let chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, BATCH_HEADER_BYTES))
  while (position < range.toBytes) {
    const wanted = chunk.subarray(0, Math.min(chunk.length, range.toBytes - position))
    const count = await file.read(wanted, position)
    let at = 0
    for (;;) {
      const sizeBytes = wholeBatchSizeBytes(chunk, at, count)
      if (sizeBytes === null) break
      const answer = visit({ buffer: chunk, at, sizeBytes, positionBytes: position + at })
      if (!(typeof answer === 'boolean' ? answer : await answer)) return position + at
      at += sizeBytes
    }
    position += at
    if (at > 0) continue
    if (count < BATCH_HEADER_BYTES) break
    const needed = batchSizeBytes(chunk, 0)
    if (needed <= chunk.length || position + needed > range.toBytes) break
    chunk = Buffer.allocUnsafeSlow(needed)
  }
  return position
}

/** Largest timestamp of a record in the batch: none in one that compaction emptied, whatever its header says. */
export function recordTimestampMs(buffer: Buffer, at: number): number {
  return batchRecordCount(buffer, at) === 0 ? NO_TIMESTAMP : batchMaxTimestamp(buffer, at)
}
