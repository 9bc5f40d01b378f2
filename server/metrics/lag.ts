import type { LagPoint } from '../../contracts/groups.ts'
import type { SampleTable } from './read.ts'
import { carryForward, type Grid, makeGrid, onGrid } from './resample.ts'

export interface LagHistory {
  readonly partition: number | null
  readonly points: LagPoint[]
}

/** server/lag works it out where it is asked for. */
const NO_TIME = { lagMs: null, isAtLeast: false } as const

interface PartitionLag {
  readonly partition: number
  readonly committed: Float64Array
  readonly end: Float64Array
}

/**
 * Lag of a group in one topic, per partition and in total (partition null, first). Both tables come
 * from the same cycles, in which committed positions were read before end offsets, so that the
 * difference is never negative but for a topic truncated under the group. A partition whose leader
 * did not answer keeps its last end offset; one without a commit has no lag and is in no total.
 */
export function lagHistory(
  group: SampleTable,
  topic: SampleTable | undefined,
  stepMs: number,
): LagHistory[] {
  const { grid, partitions } = partitionLags(group, topic, stepMs)
  const histories = partitions.map((partition) => ({
    partition: partition.partition,
    points: pointsOf(grid, [partition]),
  }))
  return [{ partition: null, points: pointsOf(grid, partitions) }, ...histories]
}

/** The total of `lagHistory` alone. */
export function totalLag(
  group: SampleTable,
  topic: SampleTable | undefined,
  stepMs: number,
): LagPoint[] {
  const { grid, partitions } = partitionLags(group, topic, stepMs)
  return pointsOf(grid, partitions)
}

function partitionLags(
  group: SampleTable,
  topic: SampleTable | undefined,
  stepMs: number,
): { grid: Grid; partitions: PartitionLag[] } {
  const grid = makeGrid(group.times, stepMs, group.spacings)
  const endAt = topic === undefined ? null : alignTo(group.times, topic)
  const partitions: PartitionLag[] = group.series
    .filter((series) => series.field === 'committedOffset')
    .sort((a, b) => a.sub - b.sub)
    .map((series) => ({
      partition: series.sub,
      committed: onGrid(grid, series.values, 'last'),
      end: onGrid(grid, endAt?.(series.sub) ?? new Float64Array(0), 'last'),
    }))
  return { grid, partitions }
}

/**
 * End offsets of a partition at the group's sample times: of the same cycle, else the last one before it (one of the
 * two may come from a coarser tier).
 */
function alignTo(
  times: Float64Array,
  topic: SampleTable,
): (partition: number) => Float64Array | null {
  const indexes = new Int32Array(times.length)
  let at = -1
  for (const [i, tMs] of times.entries()) {
    while (at + 1 < topic.times.length && (topic.times[at + 1] ?? 0) <= tMs) at++
    indexes[i] = at
  }
  const bySub = new Map(
    topic.series.filter((s) => s.field === 'logEndOffset').map((s) => [s.sub, s.values] as const),
  )
  return (partition) => {
    const values = bySub.get(partition)
    if (values === undefined) return null
    const filled = carryForward(values)
    return times.map((_, i) => filled[indexes[i] ?? -1] ?? Number.NaN)
  }
}

function pointsOf(grid: Grid, partitions: readonly PartitionLag[]): LagPoint[] {
  const points: LagPoint[] = []
  let previousMs = 0
  for (const [index, { t, isAfterGap }] of grid.points.entries()) {
    if (isAfterGap) {
      const gapMs = Math.min(t - 1, previousMs + grid.stepMs)
      points.push({ t: gapMs, lag: null, committed: null, end: null, ...NO_TIME })
    }
    points.push({ t, ...totalsAt(partitions, index) })
    previousMs = t
  }
  return points
}

function totalsAt(partitions: readonly PartitionLag[], index: number): Omit<LagPoint, 't'> {
  let lag: number | null = null
  let committed: number | null = null
  let end: number | null = null
  for (const partition of partitions) {
    const c = partition.committed[index] ?? Number.NaN
    const e = partition.end[index] ?? Number.NaN
    if (Number.isNaN(c)) continue
    committed = (committed ?? 0) + c
    if (Number.isNaN(e)) continue
    end = (end ?? 0) + e
    lag = (lag ?? 0) + Math.max(0, e - c)
  }
  return { lag, committed, end, ...NO_TIME }
}
