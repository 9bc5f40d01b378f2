// The control records that end transactions: a batch of one record that no client sees. The key says commit
// or abort, the value which coordinator decided it. Written by coordinators, read back by logs and by groups.
//
// key: version i16 = 0, type i16 (0 abort, 1 commit); value: version i16 = 0, coordinatorEpoch i32
import { buildBatch } from './build.ts'
import { readRecordsSync } from './read.ts'

const ABORT = 0
const COMMIT = 1
const KEY_BYTES = 4
const VALUE_BYTES = 6

export type EndTransactionKind = 'commit' | 'abort'

export interface EndTransactionMarker {
  producerId: number
  producerEpoch: number
  coordinatorEpoch: number
  kind: EndTransactionKind
  timestampMs: number
}

/** The end of a transaction, as its marker tells. */
export interface EndMarker {
  isCommit: boolean
  coordinatorEpoch: number
}

/** One transactional control batch without sequence; offset and leader epoch are the log's to set. */
export function buildEndTransactionMarker(marker: EndTransactionMarker): Buffer {
  const { producerId, producerEpoch, coordinatorEpoch, kind, timestampMs } = marker
  const key = Buffer.alloc(KEY_BYTES)
  key.writeInt16BE(kind === 'commit' ? COMMIT : ABORT, 2)
  const value = Buffer.alloc(VALUE_BYTES)
  value.writeInt32BE(coordinatorEpoch, 2)
  return buildBatch({
    records: [{ key, value, timestampMs }],
    producerId,
    producerEpoch,
    isTransactional: true,
    isControl: true,
  })
}

/**
 * What the control batch at `at` says; null when it is not an end-of-transaction marker. Throws SchemaError
 * where its bytes are no records.
 */
export function readEndTransactionMarker(batch: Buffer, at = 0): EndMarker | null {
  const record = readRecordsSync(batch, at)[0]
  if (record === undefined || record.key === null || record.value === null) return null
  if (record.key.length < KEY_BYTES || record.value.length < VALUE_BYTES) return null
  const type = record.key.readInt16BE(2)
  if (type !== ABORT && type !== COMMIT) return null
  return { isCommit: type === COMMIT, coordinatorEpoch: record.value.readInt32BE(2) }
}
