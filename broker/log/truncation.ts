// Takes back the end of a log (a follower, Raft) or all of it. Runs alone in the log's queue. What is cut
// off is gone from disk, with epochs and recovery point to match, before anything new is appended.
import { batchBaseOffset, batchLastOffset } from '../../protocol/records/batch.ts'
import { loadAborted } from './aborted-transactions.ts'
import { walkBatches } from './batch-walker.ts'
import { type LogState, retireSegment } from './log-state.ts'
import { Segment } from './segment.ts'

/** Resolves once the recovery point checkpoint no longer claims more than the log has. */
export type LoweredCallback = () => Promise<void>

/** Drops everything at and after `offset`; a batch that spans it goes whole. */
export async function truncateLog(
  state: LogState,
  offset: number,
  onLowered: LoweredCallback,
): Promise<void> {
  if (offset >= state.logEndOffset) return
  if (offset <= state.segments.first.baseOffset) await restartLog(state, offset, onLowered)
  else await cutAt(state, offset, onLowered)
}

async function cutAt(state: LogState, offset: number, onLowered: LoweredCallback): Promise<void> {
  const before = state.logEndOffset
  await lowerRecoveryPoint(state, offset, onLowered)
  // Newest first: a crash in between leaves a log without a hole.
  for (const segment of [...state.segments.all()].reverse()) {
    if (segment.baseOffset < offset || state.segments.count === 1) break
    await retireSegment(state, segment)
  }
  await state.shared.runtime.disk.syncDirectory(state.directory)
  const segment = state.segments.active
  const cut = await locate(segment, offset)
  state.reader.invalidate()
  state.tail.clear()
  state.shared.indexCache.forget(segment)
  await loadAborted(state, segment)
  await segment.truncate(cut.offset, cut.positionBytes)
  state.reader.invalidate()
  state.unsyncedSealed = state.unsyncedSealed.filter((other) => other !== segment)
  state.logEndOffset = cut.offset
  state.epochs.truncateFromEnd(cut.offset)
  await state.snapshots.deleteAbove(cut.offset)
  const { snapshots, producers, segments, highWatermark } = state
  await snapshots.restore(producers, segments.all(), cut.offset, highWatermark)
  producers.onHighWatermark(highWatermark)
  await segment.syncLog()
  await settle(state)
  state.logger.log('info', 'Truncated', { from: before, to: cut.offset })
}

/** Drops everything and starts at `offset`. */
export async function restartLog(
  state: LogState,
  offset: number,
  onLowered: LoweredCallback,
): Promise<void> {
  const { directory, shared } = state
  state.reader.invalidate()
  state.tail.clear()
  await lowerRecoveryPoint(state, Math.min(offset, state.segments.first.baseOffset), onLowered)
  for (const segment of [...state.segments.all()].reverse()) await retireSegment(state, segment)
  await shared.runtime.disk.syncDirectory(directory)
  state.segments.add(await Segment.create(shared.segments, { directory, baseOffset: offset }))
  state.unsyncedSealed = []
  state.producers.clear()
  state.epochs.clear()
  await state.snapshots.deleteAll()
  state.logStartOffset = offset
  state.logEndOffset = offset
  state.highWatermark = offset
  await settle(state)
  state.recoveryPoint = offset
  state.logger.log('info', 'Dropped everything', { startOffset: offset })
}

/** Before anything goes: whoever recovers after a crash in between must look at what is left. */
async function lowerRecoveryPoint(
  state: LogState,
  offset: number,
  onLowered: LoweredCallback,
): Promise<void> {
  state.truncations++
  if (state.firstDirtyOffset !== null) {
    state.firstDirtyOffset = Math.min(state.firstDirtyOffset, offset)
  }
  if (state.recoveryPoint <= offset) return
  state.recoveryPoint = offset
  await onLowered()
}

/** The end moved: what is derived from it follows, on disk too. */
async function settle(state: LogState): Promise<void> {
  state.isDirty = true
  state.nextOffset = state.logEndOffset
  state.highWatermark = Math.min(state.highWatermark, state.logEndOffset)
  state.recoveryPoint = Math.min(state.recoveryPoint, state.logEndOffset)
  state.plan.reset(state.segments.active)
  state.epochFile.save()
  await state.epochFile.saved()
  await state.shared.runtime.disk.syncDirectory(state.directory)
}

/** The batch that holds `offset`, or the first after it: where a truncation to it cuts. */
async function locate(
  segment: Segment,
  offset: number,
): Promise<{ offset: number; positionBytes: number }> {
  const { offset: index } = await segment.indexes()
  let cutOffset = offset
  const positionBytes = await segment.withFile((handle) =>
    walkBatches(
      handle,
      { fromBytes: index.lookup(offset), toBytes: segment.sizeBytes },
      ({ buffer, at }) => {
        if (batchLastOffset(buffer, at) < offset) return true
        cutOffset = Math.min(offset, batchBaseOffset(buffer, at))
        return false
      },
    ),
  )
  return { offset: cutOffset, positionBytes }
}
