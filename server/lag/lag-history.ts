import type { LagPoint } from '../../contracts/groups.ts'
import type { LagHistory } from '../metrics/lag.ts'
import type { EndHistory } from './lag-time.ts'

/** Samples without the empty ones, and where the log each belongs to began. */
interface Runs {
  readonly times: number[]
  readonly ends: number[]
  /** Index of the first sample since the end offset fell last. */
  readonly starts: number[]
}

/**
 * Fills in how long the oldest unread record had waited at each point, partition by partition, and
 * the longest of them in the total. The same as `lagTimeOf` says of the samples up to the point.
 */
export function withLagTimes(
  histories: readonly LagHistory[],
  endsOf: (partition: number) => EndHistory | null,
): LagHistory[] {
  const longest = new Map<number, { lagMs: number; isAtLeast: boolean }>()
  const partitions = new Map<number, LagHistory>()
  for (const history of histories) {
    if (history.partition === null) continue
    const ends = endsOf(history.partition)
    const points = ends === null ? history.points : timed(history.points, runsOf(ends))
    partitions.set(history.partition, { ...history, points })
    for (const { t, lagMs, isAtLeast } of points) {
      if (lagMs === null) continue
      const known = longest.get(t)
      if (known === undefined || lagMs > known.lagMs) longest.set(t, { lagMs, isAtLeast })
    }
  }
  return histories.map((history) => {
    if (history.partition !== null) return partitions.get(history.partition) ?? history
    const points = history.points.map((point) => ({ ...point, ...longest.get(point.t) }))
    return { ...history, points }
  })
}

function runsOf(history: EndHistory): Runs {
  const runs: Runs = { times: [], ends: [], starts: [] }
  for (let i = 0; i < history.length; i++) {
    const end = history.endAt(i)
    if (Number.isNaN(end)) continue
    const last = runs.ends.length - 1
    const hasFallen = last >= 0 && end < (runs.ends[last] ?? 0)
    runs.starts.push(hasFallen || last < 0 ? last + 1 : (runs.starts[last] ?? 0))
    runs.times.push(history.timeAt(i))
    runs.ends.push(end)
  }
  return runs
}

function timed(points: readonly LagPoint[], runs: Runs): LagPoint[] {
  let at = -1
  return points.map((point) => {
    while (at + 1 < runs.times.length && (runs.times[at + 1] ?? 0) <= point.t) at++
    const { committed, end } = point
    if (committed === null || end === null || at < 0) return point
    if (end <= committed) return { ...point, lagMs: 0, isAtLeast: false }
    return { ...point, ...waitAt(runs, at, committed) }
  })
}

/** How long the record at `committed` had waited at sample `at`. */
function waitAt(runs: Runs, at: number, committed: number): { lagMs: number; isAtLeast: boolean } {
  const { times, ends } = runs
  const start = runs.starts[at] ?? 0
  const nowMs = times[at] ?? 0
  const passed = lastAtMost(ends, committed, { start, end: at })
  if (passed === null) return { lagMs: nowMs - (times[start] ?? 0), isAtLeast: true }
  // Between two samples of one cycle's readings the end may have moved on: it waits since just now.
  if (passed === at) return { lagMs: 0, isAtLeast: false }
  const [before, after] = [ends[passed] ?? 0, ends[passed + 1] ?? 0]
  const share = (committed - before) / (after - before)
  const beforeMs = times[passed] ?? 0
  const sinceMs = beforeMs + share * ((times[passed + 1] ?? 0) - beforeMs)
  return { lagMs: Math.round(nowMs - sinceMs), isAtLeast: false }
}

/** Index of the last of `values` that is at most `limit`; within start and end they grow. Both inclusive. */
function lastAtMost(
  values: readonly number[],
  limit: number,
  range: { start: number; end: number },
): number | null {
  let [low, high] = [range.start, range.end + 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low === range.start ? null : low - 1
}
