// Reads a coordinator's partition from its start to the end as of the election, record by record.
import {
  batchBaseOffset,
  batchPositions,
  batchProducerId,
  batchSizeBytes,
  isControlBatch,
  isTransactionalBatch,
  NO_PRODUCER_ID,
} from '../../protocol/records/batch.ts'
import { readEndTransactionMarker } from '../../protocol/records/control.ts'
import { type DecodedRecord, readRecords } from '../../protocol/records/read.ts'
import type { Log } from '../log/types.ts'

const READ_BYTES = 1024 * 1024

export interface Replay {
  /** `producerId`: whose open transaction the record is of; NO_PRODUCER_ID outside transactions. */
  record(record: DecodedRecord, producerId: number): void
  /** A transaction of this producer ended at `offset`. */
  marker(producerId: number, isCommitted: boolean, offset: number): void
  /** false ends the replay: the partition moved away. */
  isWanted(): boolean
}

/** Replays in log order. Gives false as soon as it is not wanted any more. Throws what reading throws. */
export async function replayLog(log: Log, replay: Replay): Promise<boolean> {
  const endOffset = log.logEndOffset
  let offset = log.logStartOffset
  while (offset < endOffset) {
    const read = await log.read({
      offset,
      maxBytes: READ_BYTES,
      minOneBatch: true,
      endOffsetExclusive: endOffset,
    })
    if (!replay.isWanted()) return false
    if (read.nextOffset <= offset) break
    for (const at of batchPositions(read.records)) {
      const batch = read.records.subarray(at, at + batchSizeBytes(read.records, at))
      const producerId = batchProducerId(batch, 0)
      if (isControlBatch(batch, 0)) {
        const marker = readEndTransactionMarker(batch)
        const markerOffset = batchBaseOffset(batch, 0)
        if (marker !== null) replay.marker(producerId, marker.isCommit, markerOffset)
        continue
      }
      const transactionOf = isTransactionalBatch(batch, 0) ? producerId : NO_PRODUCER_ID
      for (const record of await readRecords(batch)) {
        if (record.offset >= offset) replay.record(record, transactionOf)
      }
    }
    offset = read.nextOffset
    if (!replay.isWanted()) return false
  }
  return true
}
