// Start and cleaning of what a quorum member keeps: the metadata log and its snapshots together.
// Called by RaftNode. After a crash the newest snapshot and the log behind it fit together, or the
// log is started anew.
import type { Log } from '../log/types.ts'
import type { LogModelState } from './log-model.ts'
import type { SnapshotStore } from './snapshots.ts'

/** Makes the log fit its snapshots, syncs it, and tells the core what is there. */
export async function loadLog(log: Log, snapshots: SnapshotStore): Promise<LogModelState> {
  const { latest } = snapshots
  // A fetched snapshot was complete, and the crash came before the log was started anew behind it.
  if (latest !== null && latest.offset > log.logEndOffset) {
    await log.truncateFullyAndStartAt(latest.offset)
  }
  await log.flush()
  // The log was cleaned before a kill: its files may still be there, their epochs are forgotten.
  const firstKnown = log.epochs()[0]?.startOffset ?? log.logStartOffset
  if (snapshots.stored.some((snapshot) => snapshot.offset === firstKnown)) {
    await log.advanceLogStartOffset(firstKnown)
  }
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
    snapshot: latest === null ? null : { offset: latest.offset, epoch: latest.epoch },
    baseEpoch: startOffset === 0 ? 0 : (base?.epoch ?? epochs[0]?.epoch ?? latest?.epoch ?? 0),
  }
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
