// What of one log can be compacted now, and how much it needs it: from the first dirty offset up to the last stable
// offset, the active segment, or the first segment too young. Used by log-cleaner.ts. Changes nothing.
import type { LogState } from '../log-state.ts'
import type { Segment } from '../segment.ts'

export interface Cleanable {
  firstDirtyOffset: number
  /** Base of a segment: nothing from here on is touched. */
  firstUncleanableOffset: number
  cleanBytes: number
  cleanableBytes: number
  /** Share of what could be cleaned, 0 to 1. */
  dirtyRatio: number
  /** How much longer than max.compaction.lag.ms the oldest dirty record has waited. */
  compactionDelayMs: number
  /** LogState.truncations when it was looked at: with another count none of this holds. */
  truncations: number
}

/** `lastStableOffset` never above the high watermark. */
export async function findCleanable(
  state: LogState,
  options: { lastStableOffset: number; nowMs: number },
): Promise<Cleanable> {
  const { segments, logStartOffset, logEndOffset, truncations } = state
  const remembered = state.firstDirtyOffset ?? logStartOffset
  const fits = remembered >= logStartOffset && remembered <= logEndOffset
  const firstDirtyOffset = fits ? remembered : logStartOffset
  const dirty = segments
    .all()
    .filter(
      (segment) =>
        segment !== segments.active && segments.endOf(segment, logEndOffset) > firstDirtyOffset,
    )
  const young = await firstTooYoung(dirty, state, options.nowMs)
  const bound = Math.min(
    options.lastStableOffset,
    segments.active.baseOffset,
    young?.baseOffset ?? Number.POSITIVE_INFINITY,
  )
  // Only whole segments: the one that holds the bound is left alone.
  const firstUncleanableOffset = (segments.floor(bound) ?? segments.active).baseOffset
  let cleanBytes = 0
  let cleanableBytes = 0
  for (const segment of segments.all()) {
    if (segment.baseOffset >= firstUncleanableOffset) break
    const isClean = segments.endOf(segment, logEndOffset) <= firstDirtyOffset
    if (isClean) cleanBytes += segment.sizeBytes
    else cleanableBytes += segment.sizeBytes
  }
  const totalBytes = cleanBytes + cleanableBytes
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    cleanBytes,
    cleanableBytes,
    dirtyRatio: totalBytes === 0 ? 0 : cleanableBytes / totalBytes,
    compactionDelayMs: await compactionDelay(dirty, state, options.nowMs),
    truncations,
  }
}

/** Whether the log's settings ask for it to be compacted now. */
export function isDue(cleanable: Cleanable, minCleanableDirtyRatio: number): boolean {
  const { cleanableBytes, compactionDelayMs, dirtyRatio } = cleanable
  if (cleanableBytes === 0) return false
  return compactionDelayMs > 0 || dirtyRatio > minCleanableDirtyRatio
}

async function firstTooYoung(
  dirty: readonly Segment[],
  { config }: LogState,
  nowMs: number,
): Promise<Segment | null> {
  if (config.minCompactionLagMs <= 0) return null
  for (const segment of dirty) {
    const { timestampMs } = await segment.largestTimestamp()
    if (timestampMs > nowMs - config.minCompactionLagMs) return segment
  }
  return null
}

async function compactionDelay(
  dirty: readonly Segment[],
  { config }: LogState,
  nowMs: number,
): Promise<number> {
  const dueBeforeMs = nowMs - Math.max(0, config.maxCompactionLagMs)
  if (dueBeforeMs <= 0) return 0
  let delayMs = 0
  for (const segment of dirty) {
    if (segment.firstTimestampMs === null) await segment.readFirstTimestamp()
    const firstMs = segment.firstTimestampMs ?? -1
    if (firstMs > 0) delayMs = Math.max(delayMs, dueBeforeMs - firstMs)
  }
  return delayMs
}
