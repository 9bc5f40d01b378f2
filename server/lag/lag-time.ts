import type { LagTime } from '../../contracts/lag.ts'

/** Samples of one partition's end offset, oldest first; NaN where a cycle has none. */
export interface EndHistory {
  readonly length: number
  /** Epoch ms of sample `index`; grows. */
  timeAt(index: number): number
  endAt(index: number): number
}

export const NO_LAG: LagTime = { estimateMs: 0, atLeastMs: 0, atMostMs: 0 }

/**
 * Since when the record at `committed` waits: the end offset passed that offset between the last
 * sample at or below it and the next one. Both bound the answer and the estimate is interpolated;
 * on a sample it is exact. A fall of the end offset (a truncated log) ends the history: what was
 * before it says nothing of the offsets since. Null: there is lag but no sample at all.
 * `nowMs`: not before the last sample.
 */
export function lagTimeOf(
  history: EndHistory,
  at: { committed: number; end: number; nowMs: number },
): LagTime | null {
  const { committed, end, nowMs } = at
  if (end <= committed) return NO_LAG
  let afterMs = nowMs
  let afterEnd = end
  for (let i = history.length - 1; i >= 0; i--) {
    const value = history.endAt(i)
    if (Number.isNaN(value)) continue
    if (value > afterEnd) break
    const tMs = history.timeAt(i)
    if (value <= committed) {
      const share = (committed - value) / (afterEnd - value)
      const passedMs = tMs + share * (afterMs - tMs)
      return {
        estimateMs: nowMs - passedMs,
        atLeastMs: nowMs - afterMs,
        atMostMs: nowMs - tMs,
      }
    }
    afterMs = tMs
    afterEnd = value
  }
  if (history.length === 0) return null
  return { estimateMs: null, atLeastMs: nowMs - afterMs, atMostMs: null }
}

/** The least that it may be, or the estimate: what lists are sorted and cells coloured by. */
export function lagMsOf(time: LagTime): number {
  return time.estimateMs ?? time.atLeastMs
}

/** The longest of several; of equals the one that may be longer still. Unknown ones are left out. */
export function longestOf(times: Iterable<LagTime | null>): LagTime | null {
  let longest: LagTime | null = null
  for (const time of times) {
    if (time === null) continue
    if (longest === null || lagMsOf(time) > lagMsOf(longest)) longest = time
    else if (time.estimateMs === null && lagMsOf(time) === lagMsOf(longest)) longest = time
  }
  return longest
}

/** Whole milliseconds, which is finer than any sample. */
export function roundLagTime(time: LagTime): LagTime {
  const { estimateMs, atLeastMs, atMostMs } = time
  return {
    estimateMs: estimateMs === null ? null : Math.round(estimateMs),
    atLeastMs: Math.round(atLeastMs),
    atMostMs: atMostMs === null ? null : Math.round(atMostMs),
  }
}

export function historyOf(times: ArrayLike<number>, ends: ArrayLike<number>): EndHistory {
  return {
    length: times.length,
    timeAt: (index) => times[index] ?? 0,
    endAt: (index) => ends[index] ?? Number.NaN,
  }
}

/** `older` as far as `recent` does not reach back. */
export function joinedHistory(older: EndHistory, recent: EndHistory): EndHistory {
  const sinceMs = recent.length === 0 ? Number.POSITIVE_INFINITY : recent.timeAt(0)
  let count = older.length
  while (count > 0 && older.timeAt(count - 1) >= sinceMs) count--
  return {
    length: count + recent.length,
    timeAt: (i) => (i < count ? older.timeAt(i) : recent.timeAt(i - count)),
    endAt: (i) => (i < count ? older.endAt(i) : recent.endAt(i - count)),
  }
}
