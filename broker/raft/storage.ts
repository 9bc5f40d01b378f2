// Start and cleaning of what a quorum member keeps: the metadata log and its snapshots together.
// Called by RaftNode. After a crash the newest snapshot and the log behind it fit together, or the
// log is started anew.
import type { Log } from '../log/types.ts'
import { summarize } from './control-records.ts'
import type { LogModelState } from './log-model.ts'
import type { SnapshotStore } from './snapshots.ts'
import type { QuorumChangeAt } from './voter-set.ts'

const SCAN_BYTES = 1024 * 1024

/** Makes the log fit its snapshots, syncs it, and tells the core what is there. */
export async function loadLog(log: Log, snapshots: SnapshotStore): Promise<LogModelState> {
  const { latest } = snapshots
  // A fetched snapshot was complete, and the crash came before the log was started anew behind it.
  if (latest !== null && latest.offset > log.logEndOffset) {
    await log.truncateFullyAndStartAt(latest.offset)
  }
  await log.flush()
  await log.advanceLogStartOffset(firstServed(log, snapshots))
  const startOffset = log.logStartOffset
  const base = snapshots.stored.find((snapshot) => snapshot.offset === startOffset)
  const epochs = log.epochs().filter((entry) => entry.startOffset < log.logEndOffset)
  if (startOffset > 0 && latest === null) {
    throw new Error(
      `the metadata log starts at ${startOffset} and no snapshot covers what is below`,
    )
  }
  return {
    startOffset,
    endOffset: log.logEndOffset,
    epochs,
    // The one at offset 0 is what the directory was formatted with: it holds no part of the log.
    snapshot:
      latest === null || latest.offset === 0
        ? null
        : { offset: latest.offset, epoch: latest.epoch },
    baseEpoch: startOffset === 0 ? 0 : (base?.epoch ?? epochs[0]?.epoch ?? latest?.epoch ?? 0),
  }
}

/**
 * The log was cleaned before a kill: its files may still be there, while their epochs are forgotten or the snapshot
 * that ends where they begin is gone. Whoever reads there is sent to a snapshot instead.
 */
function firstServed(log: Log, snapshots: SnapshotStore): number {
  const { logStartOffset, logEndOffset } = log
  const ends = snapshots.stored.map(({ offset }) => offset)
  const firstKnown = log.epochs()[0]?.startOffset ?? logEndOffset
  const isBased = logStartOffset === 0 || ends.includes(logStartOffset)
  if (isBased && firstKnown <= logStartOffset) return logStartOffset
  const wanted = Math.max(firstKnown, logStartOffset)
  return ends.find((end) => end >= wanted && end <= logEndOffset) ?? logStartOffset
}

/** What snapshots and log say of voters and kraft.version, oldest first. */
export async function loadQuorumChanges(
  log: Log,
  snapshots: SnapshotStore,
): Promise<QuorumChangeAt[]> {
  const changes: QuorumChangeAt[] = []
  for (const { offset, change } of snapshots.stored) {
    if (change !== null) changes.push({ offset: offset - 1, ...change })
  }
  // What the newest snapshot covers is committed: only what comes after can still change.
  const from = Math.max(log.logStartOffset, snapshots.latest?.offset ?? 0)
  for (let offset = from; offset < log.logEndOffset; ) {
    const { records } = await log.read({
      offset,
      maxBytes: SCAN_BYTES,
      minOneBatch: true,
      endOffsetExclusive: log.logEndOffset,
    })
    const { batches } = summarize(records)
    const last = batches.at(-1)
    if (last === undefined) break
    for (const { change, lastOffset } of batches) {
      if (change) changes.push({ offset: lastOffset, ...change })
    }
    offset = last.lastOffset + 1
  }
  return changes.sort((left, right) => left.offset - right.offset)
}

/**
 * Drops the oldest snapshot, and the log below the next one, while all of it together is too large
 * or the oldest too old; the newest snapshot stays. Resolves to the new start of the log, null when
 * it did not move.
 */
export async function dropOldSnapshots(
  log: Log,
  snapshots: SnapshotStore,
  limits: { maxBytes: number; maxAgeMs: number; nowMs: number },
): Promise<number | null> {
  const before = log.logStartOffset
  for (;;) {
    const [oldest, next] = snapshots.stored
    if (oldest === undefined || next === undefined) break
    const snapshotBytes = snapshots.stored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const isTooLarge = limits.maxBytes >= 0 && log.sizeBytes + snapshotBytes > limits.maxBytes
    const ageMs = limits.nowMs - oldest.lastContainedLogTimestampMs
    const isTooOld = limits.maxAgeMs >= 0 && ageMs > limits.maxAgeMs
    if (!isTooLarge && !isTooOld) break
    await log.advanceLogStartOffset(next.offset)
    await log.applyRetention(limits.nowMs)
    await snapshots.remove(oldest)
  }
  return log.logStartOffset === before ? null : log.logStartOffset
}
