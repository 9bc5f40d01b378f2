// Control batches of the metadata log and its snapshots, and how to look at fetched batches. Pure;
// the key of a control record is (version i16, type i16).
import { decodeMessage, encodeMessage } from '../../protocol/message.ts'
import { KRaftVersionRecord } from '../../protocol/messages/data/k-raft-version-record.ts'
import { LeaderChangeMessage } from '../../protocol/messages/data/leader-change-message.ts'
import { SnapshotFooterRecord } from '../../protocol/messages/data/snapshot-footer-record.ts'
import { SnapshotHeaderRecord } from '../../protocol/messages/data/snapshot-header-record.ts'
import { VotersRecord } from '../../protocol/messages/data/voters-record.ts'
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
import { type QuorumChange, type Voter, VoterSet } from './voter-set.ts'

const LEADER_CHANGE = 2
const SNAPSHOT_HEADER = 3
const SNAPSHOT_FOOTER = 4
const KRAFT_VERSION = 5
const VOTERS = 6

interface Place {
  baseOffset: number
  leaderEpoch: number
  timestampMs: number
}

interface ControlRecord {
  type: number
  value: Buffer
}

function controlBatch(place: Place, records: readonly ControlRecord[]): Buffer {
  const { baseOffset, leaderEpoch, timestampMs } = place
  return buildBatch({
    baseOffset,
    leaderEpoch,
    isControl: true,
    records: records.map(({ type, value }) => {
      const key = Buffer.alloc(4)
      key.writeInt16BE(type, 2)
      return { key, value, timestampMs }
    }),
  })
}

function quorumRecords({ kraftVersion, voters }: QuorumChange): ControlRecord[] {
  const records: ControlRecord[] = []
  if (kraftVersion !== null) {
    const value = encodeMessage(KRaftVersionRecord, 0, { version: 0, kRaftVersion: kraftVersion })
    records.push({ type: KRAFT_VERSION, value })
  }
  if (voters !== null) {
    const value = encodeMessage(VotersRecord, 0, { version: 0, voters: voters.voters.map(told) })
    records.push({ type: VOTERS, value })
  }
  return records
}

function told({ id, directoryId, endpoints, minVersion, maxVersion }: Voter) {
  return {
    voterId: id,
    voterDirectoryId: directoryId,
    endpoints: endpoints.map(({ name, host, port }) => ({ name, host, port })),
    kRaftVersionFeature: { minSupportedVersion: minVersion, maxSupportedVersion: maxVersion },
  }
}

/** Who votes from here on, and by which rules. */
export function quorumChangeBatch(place: Place, change: QuorumChange): Buffer {
  return controlBatch(place, quorumRecords(change))
}

/** What a control batch says of voters; null when it says nothing. */
export function readQuorumChange(batches: Buffer, at: number): QuorumChange | null {
  const change: QuorumChange = { voters: null, kraftVersion: null }
  for (const { key, value } of readRecordsSync(batches, at)) {
    if (key === null || value === null) continue
    const type = key.readInt16BE(2)
    if (type === KRAFT_VERSION) {
      change.kraftVersion = decodeMessage(KRaftVersionRecord, 0, value).kRaftVersion
    } else if (type === VOTERS) {
      const { voters } = decodeMessage(VotersRecord, 0, value)
      change.voters = new VoterSet(
        voters.map(({ voterId, voterDirectoryId, endpoints, kRaftVersionFeature }) => ({
          id: voterId,
          directoryId: voterDirectoryId,
          endpoints,
          minVersion: kRaftVersionFeature.minSupportedVersion,
          maxVersion: kRaftVersionFeature.maxSupportedVersion,
        })),
      )
    }
  }
  return change.voters === null && change.kraftVersion === null ? null : change
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
  return controlBatch(place, [{ type: LEADER_CHANGE, value }])
}

/** The first batch of a snapshot; `change` is left out under kraft.version 0. */
export function snapshotHeaderBatch(
  place: Place,
  lastContainedLogTimestampMs: number,
  change: QuorumChange | null,
): Buffer {
  const value = encodeMessage(SnapshotHeaderRecord, 0, {
    version: 0,
    lastContainedLogTimestamp: lastContainedLogTimestampMs,
  })
  const more = change === null ? [] : quorumRecords(change)
  return controlBatch(place, [{ type: SNAPSHOT_HEADER, value }, ...more])
}

export function snapshotFooterBatch(place: Place): Buffer {
  const value = encodeMessage(SnapshotFooterRecord, 0, { version: 0 })
  return controlBatch(place, [{ type: SNAPSHOT_FOOTER, value }])
}

/**
 * What a snapshot's first batch says; null when `records` does not begin with a snapshot header.
 */
export function readSnapshotHeader(
  records: Buffer,
): { lastContainedLogTimestampMs: number; change: QuorumChange | null } | null {
  const batch = firstBatch(records)
  if (batch === null || !isControlBatch(batch, 0)) return null
  const [record] = readRecordsSync(batch)
  if (record?.key?.readInt16BE(2) !== SNAPSHOT_HEADER || record.value === null) return null
  const header = decodeMessage(SnapshotHeaderRecord, 0, record.value)
  return {
    lastContainedLogTimestampMs: header.lastContainedLogTimestamp,
    change: readQuorumChange(batch, 0),
  }
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
      change: isControlBatch(records, at) ? readQuorumChange(records, at) : null,
    })
    sizeBytes = at + batchSizeBytes(records, at)
  }
  return { batches, sizeBytes }
}
