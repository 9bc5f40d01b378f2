// The disk of a core in the Raft simulation: batches instead of bytes. The core never looks into record bytes.
import type { ElectionState, PeerResponse, ReplyHeader } from '../../broker/raft/core-types.ts'
import type { BatchSummary, OffsetAndEpoch } from '../../broker/raft/log-model.ts'
import type { QuorumChange, QuorumChangeAt } from '../../broker/raft/voter-set.ts'

export interface Batch extends BatchSummary {
  payload: string
}

/** What survives a crash, and the part of the log that may not. */
export interface Disk {
  election: ElectionState
  startOffset: number
  baseEpoch: number
  batches: Batch[]
  flushedOffset: number
  snapshot: { id: OffsetAndEpoch; batches: Batch[] } | null
}

const BATCHES_PER_FETCH = 4
const BATCHES_PER_CHUNK = 3

export function start(output: { baseOffset: number; epoch: number }): Batch {
  const { baseOffset, epoch } = output
  return { baseOffset, lastOffset: baseOffset, epoch, payload: 'leader' }
}

/** The batch of control records that says who votes. */
export function votersBatch(output: {
  baseOffset: number
  epoch: number
  change: QuorumChange
}): Batch {
  const { baseOffset, epoch, change } = output
  const count = Number(change.voters !== null) + Number(change.kraftVersion !== null)
  const payload = `voters ${change.voters?.ids.join(',')}`
  return { baseOffset, lastOffset: baseOffset + count - 1, epoch, payload, change }
}

/** What snapshot and log together say of voters, oldest first. */
export function changesOf(disk: Disk): QuorumChangeAt[] {
  const batches = [...(disk.snapshot?.batches ?? []), ...disk.batches]
  return batches.flatMap(({ change, lastOffset }) =>
    change ? [{ ...change, offset: lastOffset }] : [],
  )
}

/** What a snapshot of `batches` says of voters. */
export function changeIn(batches: readonly Batch[]): QuorumChange | null {
  const changes = batches.flatMap(({ change }) => (change ? [change] : []))
  if (changes.length === 0) return null
  const newest = <T>(pick: (change: QuorumChange) => T | null): T | null =>
    changes.reduce<T | null>((before, change) => pick(change) ?? before, null)
  return {
    voters: newest(({ voters }) => voters),
    kraftVersion: newest(({ kraftVersion }) => kraftVersion),
  }
}

export function endOf(disk: Disk): number {
  const last = disk.batches.at(-1)
  return last === undefined ? disk.startOffset : last.lastOffset + 1
}

export function epochsOf(batches: readonly Batch[]) {
  const epochs: { epoch: number; startOffset: number }[] = []
  for (const batch of batches) {
    if (epochs.at(-1)?.epoch === batch.epoch) continue
    epochs.push({ epoch: batch.epoch, startOffset: batch.baseOffset })
  }
  return epochs
}

export function readFrom(disk: Disk, offset: number, endOffsetExclusive: number): Batch[] {
  return disk.batches
    .filter((batch) => batch.lastOffset >= offset && batch.baseOffset < endOffsetExclusive)
    .slice(0, BATCHES_PER_FETCH)
}

export function snapshotResponse(
  disk: Disk,
  header: ReplyHeader,
  request: { id: OffsetAndEpoch; positionBytes: number },
): PeerResponse {
  const held = disk.snapshot
  const isHeld = held !== null && held.id.offset === request.id.offset
  const all = isHeld ? held.batches : []
  // The "bytes" of this simulation are batches.
  const from = request.positionBytes
  return {
    kind: 'fetchSnapshot',
    header,
    id: isHeld ? held.id : null,
    sizeBytes: all.length,
    positionBytes: from,
    bytes: pack(all.slice(from, from + BATCHES_PER_CHUNK)),
  }
}

/** The core never looks into record bytes, so a list of batches may stand for them. */
export function pack(batches: Batch[]): Buffer {
  return batches as unknown as Buffer
}

export function unpack(records: Buffer): Batch[] {
  return records as unknown as Batch[]
}
