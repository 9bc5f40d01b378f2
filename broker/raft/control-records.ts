// Control batches of the metadata log and its snapshots, and how to look at fetched batches. Pure;
// the key of a control record is (version i16, type i16).
import { decodeMessage, encodeMessage } from '../../protocol/message.ts'
import { LeaderChangeMessage } from '../../protocol/messages/data/leader-change-message.ts'
import { SnapshotFooterRecord } from '../../protocol/messages/data/snapshot-footer-record.ts'
import { SnapshotHeaderRecord } from '../../protocol/messages/data/snapshot-header-record.ts'
import {
  batchBaseOffset,
  batchLastOffset,
  batchLeaderEpoch,
  batchPositions,
  batchSizeBytes,
  isControlBatch,
} from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import type { BatchSummary } from './log-model.ts'

const LEADER_CHANGE = 2
const SNAPSHOT_HEADER = 3
const SNAPSHOT_FOOTER = 4

interface Place {
  baseOffset: number
  leaderEpoch: number
  timestampMs: number
}

function controlBatch(place: Place, type: number, value: Buffer): Buffer {
  const key = Buffer.alloc(4)
  key.writeInt16BE(type, 2)
  const { baseOffset, leaderEpoch, timestampMs } = place
  return buildBatch({
    baseOffset,
    leaderEpoch,
    isControl: true,
    records: [{ key, value, timestampMs }],
  })
}

export function leaderChangeBatch(
  place: Place,
  change: { leaderId: number; voters: readonly number[]; grantingVoters: readonly number[] },
): Buffer {
  const value = encodeMessage(LeaderChangeMessage, 0, {
    version: 0,
    leaderId: change.leaderId,
    voters: change.voters.map((voterId) => ({ voterId })),
    grantingVoters: change.grantingVoters.map((voterId) => ({ voterId })),
  })
  return controlBatch(place, LEADER_CHANGE, value)
}

export function snapshotHeaderBatch(place: Place, lastContainedLogTimestampMs: number): Buffer {
  const value = encodeMessage(SnapshotHeaderRecord, 0, {
    version: 0,
    lastContainedLogTimestamp: lastContainedLogTimestampMs,
  })
  return controlBatch(place, SNAPSHOT_HEADER, value)
}

export function snapshotFooterBatch(place: Place): Buffer {
  const value = encodeMessage(SnapshotFooterRecord, 0, { version: 0 })
  return controlBatch(place, SNAPSHOT_FOOTER, value)
}

/**
 * What a snapshot's first batch says; null when `records` does not begin with a snapshot header.
 */
export function readSnapshotHeader(
  records: Buffer,
): { lastContainedLogTimestampMs: number } | null {
  const batch = firstBatch(records)
  if (batch === null || !isControlBatch(batch, 0)) return null
  const [record] = readRecordsSync(batch)
  if (record?.key?.readInt16BE(2) !== SNAPSHOT_HEADER || record.value === null) return null
  const header = decodeMessage(SnapshotHeaderRecord, 0, record.value)
  return { lastContainedLogTimestampMs: header.lastContainedLogTimestamp }
}

function firstBatch(records: Buffer): Buffer | null {
  for (const at of batchPositions(records)) {
    return records.subarray(at, at + batchSizeBytes(records, at))
  }
  return null
}

/** The whole batches of `records`; `sizeBytes` is where the last one ends. */
export function summarize(records: Buffer): { batches: BatchSummary[]; sizeBytes: number } {
  const batches: BatchSummary[] = []
  let sizeBytes = 0
  for (const at of batchPositions(records)) {
    batches.push({
      baseOffset: batchBaseOffset(records, at),
      lastOffset: batchLastOffset(records, at),
      epoch: batchLeaderEpoch(records, at),
    })
    sizeBytes = at + batchSizeBytes(records, at)
  }
  return { batches, sizeBytes }
}
