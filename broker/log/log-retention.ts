// Retention of one log: measures its segments, lets retention.ts decide, and drops what expired. The log
// start moves before files go, so nobody begins to read what is about to vanish.
import { type LogState, moveLogStart, retireSegment } from './log-state.ts'
import { countExpired } from './retention.ts'
import type { Segment } from './segment.ts'

/** The oldest segments that are due; the active one may be among them. */
export async function expiredSegments(state: LogState, nowMs: number): Promise<Segment[]> {
  const { config } = state
  const segments = [...state.segments.all()]
  const isByTime = config.cleanupDelete && config.retentionMs >= 0
  const described = await Promise.all(
    segments.map(async (segment) => ({
      baseOffset: segment.baseOffset,
      endOffset: state.segments.endOf(segment, state.logEndOffset),
      sizeBytes: segment.sizeBytes,
      largestTimestampMs: isByTime ? await timestampOf(segment, state) : -1,
    })),
  )
  const count = countExpired(described, {
    nowMs,
    retentionMs: config.retentionMs,
    retentionBytes: config.retentionBytes,
    cleanupDelete: config.cleanupDelete,
    logStartOffset: state.logStartOffset,
    highWatermark: state.highWatermark,
  })
  return segments.slice(0, count)
}

async function timestampOf(segment: Segment, state: LogState): Promise<number> {
  const { timestampMs } = await segment.largestTimestamp()
  if (timestampMs >= 0) return timestampMs
  const { disk, clock } = state.shared.runtime
  const info = await disk.stat(segment.logPath)
  return info?.modifiedMs ?? clock.nowMs()
}

/**
 * Drops `expired` from the log's start, never the active one; ends at the first that is not the oldest any more, as
 * compaction or a truncation came in between. Gives bytes freed.
 */
export async function dropOldestSegments(
  state: LogState,
  expired: readonly Segment[],
): Promise<number> {
  let freedBytes = 0
  let count = 0
  for (const segment of expired) {
    if (segment !== state.segments.first || segment === state.segments.active) break
    count++
    freedBytes += segment.sizeBytes
    const end = state.segments.endOf(segment, state.logEndOffset)
    if (end > state.logStartOffset) moveLogStart(state, end)
    await retireSegment(state, segment)
  }
  await state.snapshots.deleteBelow(state.segments.first.baseOffset)
  state.logger.log('info', 'Deleted old segments', {
    count,
    freedBytes,
    logStartOffset: state.logStartOffset,
  })
  return freedBytes
}
