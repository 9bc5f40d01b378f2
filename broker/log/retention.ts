// Which segments of a log may go: by time, by size, by log start. Pure; partition-log.ts acts on it.

export interface RetentionSegment {
  baseOffset: number
  /** Base of the next one, or the log end offset. */
  endOffset: number
  sizeBytes: number
  /** Largest record timestamp; when the file was last written if there is none. */
  largestTimestampMs: number
}

export interface RetentionPolicy {
  nowMs: number
  /** -1 keeps for ever. */
  retentionMs: number
  retentionBytes: number
  cleanupDelete: boolean
  logStartOffset: number
  highWatermark: number
}

/**
 * How many of the oldest segments go. Nothing above the high watermark, and never an empty active segment;
 * the active one may be counted: it is rolled first.
 */
export function countExpired(
  segments: readonly RetentionSegment[],
  policy: RetentionPolicy,
): number {
  let excessBytes = Number.NEGATIVE_INFINITY
  if (policy.cleanupDelete && policy.retentionBytes >= 0) {
    excessBytes = segments.reduce((sum, s) => sum + s.sizeBytes, -policy.retentionBytes)
  }
  let count = 0
  for (const segment of segments) {
    const isActive = count === segments.length - 1
    if (segment.endOffset > policy.highWatermark) break
    if (isActive && segment.sizeBytes === 0) break
    const isBeforeStart = !isActive && segment.endOffset <= policy.logStartOffset
    const isTooMuch = excessBytes - segment.sizeBytes >= 0
    if (!isBeforeStart && !isTooMuch && !isTooOld(segment, policy)) break
    excessBytes -= segment.sizeBytes
    count++
  }
  return count
}

function isTooOld(segment: RetentionSegment, policy: RetentionPolicy): boolean {
  if (!policy.cleanupDelete || policy.retentionMs < 0) return false
  return policy.nowMs - segment.largestTimestampMs > policy.retentionMs
}
