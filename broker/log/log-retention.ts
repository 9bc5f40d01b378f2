// Retention of one log: measures its segments, lets retention.ts decide, and drops what expired. The log
// start moves before files go, so nobody begins to read what is about to vanish.
import { type LogState, moveLogStart, retireSegment } from './log-state.ts'
import { countExpired } from './retention.ts'
import type { Segment } from './segment.ts'

/** How many of the oldest segments are due; the active one may be among them. */
export async function countExpiredSegments(state: LogState, nowMs: number): Promise<number> {
  const { config } = state
  const isByTime = config.cleanupDelete && config.retentionMs >= 0
  const described = await Promise.all(
    state.segments.all().map(async (segment) => ({
      baseOffset: segment.baseOffset,
      endOffset: state.segments.endOf(segment, state.logEndOffset),
      sizeBytes: segment.sizeBytes,
      largestTimestampMs: isByTime ? await timestampOf(segment, state) : -1,
    })),
  )
  return countExpired(described, {
    nowMs,
    retentionMs: config.retentionMs,
    retentionBytes: config.retentionBytes,
    cleanupDelete: config.cleanupDelete,
    logStartOffset: state.logStartOffset,
    highWatermark: state.highWatermark,
  })
}

async function timestampOf(segment: Segment, state: LogState): Promise<number> {
  const { timestampMs } = await segment.largestTimestamp()
  if (timestampMs >= 0) return timestampMs
  const { disk, clock } = state.shared.runtime
  const info = await disk.stat(segment.logPath)
  return info?.modifiedMs ?? clock.nowMs()
}

/** Drops up to `count` of the oldest segments, never the active one. Gives bytes freed. */
export async function dropOldestSegments(state: LogState, count: number): Promise<number> {
  let freedBytes = 0
  const doomed = state.segments.all().slice(0, Math.min(count, state.segments.count - 1))
  for (const segment of doomed) {
    freedBytes += segment.sizeBytes
    const end = state.segments.endOf(segment, state.logEndOffset)
    if (end > state.logStartOffset) moveLogStart(state, end)
    await retireSegment(state, segment)
  }
  await state.snapshots.deleteBelow(state.segments.first.baseOffset)
  state.logger.log('info', 'Deleted old segments', {
    count: doomed.length,
    freedBytes,
    logStartOffset: state.logStartOffset,
  })
  return freedBytes
}
