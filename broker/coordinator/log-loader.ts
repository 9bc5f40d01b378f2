// Reads a coordinator's partition from its start to the end as of the election, record by record.
import { batchPositions, batchSizeBytes, isControlBatch } from '../../protocol/records/batch.ts'
import { type DecodedRecord, readRecords } from '../../protocol/records/read.ts'
import type { Log } from '../log/types.ts'

const READ_BYTES = 1024 * 1024

/**
 * Calls `replay` in log order. Gives false as soon as `isWanted` does (the partition moved away). Throws
 * what reading throws.
 */
export async function replayLog(
  log: Log,
  replay: (record: DecodedRecord) => void,
  isWanted: () => boolean,
): Promise<boolean> {
  const endOffset = log.logEndOffset
  let offset = log.logStartOffset
  while (offset < endOffset) {
    const read = await log.read({
      offset,
      maxBytes: READ_BYTES,
      minOneBatch: true,
      endOffsetExclusive: endOffset,
    })
    if (!isWanted()) return false
    if (read.nextOffset <= offset) break
    for (const at of batchPositions(read.records)) {
      if (isControlBatch(read.records, at)) continue
      const batch = read.records.subarray(at, at + batchSizeBytes(read.records, at))
      for (const record of await readRecords(batch)) if (record.offset >= offset) replay(record)
    }
    offset = read.nextOffset
    if (!isWanted()) return false
  }
  return true
}
