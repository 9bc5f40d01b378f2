/** Pure arithmetic over samples: grids, rates, sums, gaps. Times in epoch ms; NaN is "no value". */

export interface Point {
  readonly t: number
  readonly value: number | null
}

export const POINTS_MAX = 500
const NICE_STEPS_MS = [
  5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1_000)

/**
 * The step asked for, or a round one that gives a few hundred points; never more than POINTS_MAX.
 */
export function chooseStepMs(range: {
  fromMs: number
  toMs: number
  stepMs?: number | undefined
}): number {
  const spanMs = Math.max(1, range.toMs - range.fromMs)
  const smallest = spanMs / POINTS_MAX
  const asked = range.stepMs ?? spanMs / 360
  const needed = Math.max(asked, smallest)
  if (range.stepMs !== undefined && range.stepMs >= smallest) return range.stepMs
  return NICE_STEPS_MS.find((step) => step >= needed) ?? Math.ceil(needed / 86_400_000) * 86_400_000
}

/** The usual distance of samples; `fallbackMs` when there are fewer than two. */
export function medianIntervalMs(times: ArrayLike<number>, fallbackMs = 10_000): number {
  if (times.length < 2) return fallbackMs
  // Sorted without a comparison in JavaScript, which took more of a long chart's time than unpacking it.
  const gaps = new Float64Array(times.length - 1)
  for (let i = 0; i < gaps.length; i++) gaps[i] = (times[i + 1] ?? 0) - (times[i] ?? 0)
  gaps.sort()
  return gaps[gaps.length >> 1] ?? fallbackMs
}

/**
 * Which samples make each point. Coarse steps take, for the time t of the grid, the samples in
 * (t − step, t]; steps finer than the samples keep every sample at its own time. `isAfterGap` says
 * that nothing was collected for so long that no line should be drawn to the point.
 */
export interface Grid {
  readonly points: readonly GridPoint[]
  readonly stepMs: number
}

export interface GridPoint {
  readonly t: number
  /** Indexes of samples, first inclusive, end exclusive. */
  readonly first: number
  readonly end: number
  readonly isAfterGap: boolean
}

/** `spacings`: how far apart samples usually are at each time, where that is farther than most. */
export function makeGrid(
  times: ArrayLike<number>,
  stepMs: number,
  spacings?: ArrayLike<number>,
): Grid {
  const intervalMs = medianIntervalMs(times)
  const usualGapMs = Math.max(3 * intervalMs, 2.5 * stepMs)
  const isFine = stepMs < 1.5 * intervalMs && times.length <= POINTS_MAX
  const points: GridPoint[] = []
  let previousMs: number | null = null
  for (let i = 0; i < times.length; ) {
    const sampleMs = times[i] ?? 0
    const t = isFine ? sampleMs : Math.ceil(sampleMs / stepMs) * stepMs
    let end = i + 1
    while (!isFine && end < times.length && (times[end] ?? 0) <= t) end++
    const spacingMs = Math.max(spacings?.[i] ?? 0, spacings?.[i - 1] ?? 0)
    const gapMs = Math.max(usualGapMs, 2.5 * spacingMs)
    const isAfterGap = previousMs !== null && sampleMs - previousMs > gapMs
    points.push({ t, first: i, end, isAfterGap })
    previousMs = times[end - 1] ?? sampleMs
    i = end
  }
  return { points, stepMs }
}

/**
 * One value per point of the grid: the last, the mean or the largest of its samples. `counts`: how many each stands for.
 */
export function onGrid(
  grid: Grid,
  values: ArrayLike<number>,
  how: 'last' | 'mean' | 'max',
  counts?: ArrayLike<number>,
): Float64Array {
  const result = new Float64Array(grid.points.length).fill(Number.NaN)
  for (const [index, { first, end }] of grid.points.entries()) {
    let sum = 0
    let count = 0
    let max = Number.NEGATIVE_INFINITY
    let last = Number.NaN
    for (let i = first; i < end; i++) {
      const value = values[i] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const weight = counts?.[i] ?? 1
      sum += value * weight
      count += weight
      max = Math.max(max, value)
      last = value
    }
    if (count > 0) result[index] = how === 'last' ? last : how === 'max' ? max : sum / count
  }
  return result
}

/** Samples of a counter, and how far it fell within each one that stands for several. */
export interface CounterSamples {
  readonly times: ArrayLike<number>
  readonly values: ArrayLike<number>
  readonly drops?: ArrayLike<number> | undefined
}

/**
 * Change per second since the point before. A counter that went back (a restarted broker, a re-created topic) began
 * anew: what it lost is not counted, so that no rate is negative or giant. NaN at the first value, after a gap, and
 * where a fall is all that a point has.
 */
export function ratesOf(grid: Grid, counter: CounterSamples): Float64Array {
  const { times, values, drops } = counter
  const rates = new Float64Array(grid.points.length).fill(Number.NaN)
  let before: { tMs: number; value: number } | null = null
  for (const [index, { first, end, isAfterGap }] of grid.points.entries()) {
    let previous: { tMs: number; value: number } | null = isAfterGap ? null : before
    let grown = 0
    let spanMs = 0
    for (let i = first; i < end; i++) {
      const value = values[i] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const tMs = times[i] ?? 0
      if (previous !== null) {
        const delta: number = value - previous.value
        const dropped = drops?.[i] ?? 0
        // Within a rolled-up point only its falls tell; between two samples the fall is to be seen.
        if (dropped > 0) grown += Math.max(0, delta + dropped)
        else if (delta > 0) grown += delta
        if (delta >= 0 || dropped > 0) spanMs += tMs - previous.tMs
      }
      previous = { tMs, value }
    }
    if (previous !== null && previous !== before && spanMs > 0)
      rates[index] = (grown * 1_000) / spanMs
    before = previous ?? (isAfterGap ? null : before)
  }
  return rates
}

/** Value by value; NaN only where all are. */
export function sumOf(columns: readonly Float64Array[], length: number): Float64Array {
  const result = new Float64Array(length).fill(Number.NaN)
  for (const column of columns) {
    for (let i = 0; i < length; i++) {
      const value = column[i] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const before = result[i] ?? Number.NaN
      result[i] = Number.isNaN(before) ? value : before + value
    }
  }
  return result
}

export function maxOf(columns: readonly Float64Array[], length: number): Float64Array {
  const result = new Float64Array(length).fill(Number.NaN)
  for (const column of columns) {
    for (let i = 0; i < length; i++) {
      const value = column[i] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const before = result[i] ?? Number.NaN
      result[i] = Number.isNaN(before) ? value : Math.max(before, value)
    }
  }
  return result
}

/** Fills NaN with the last value before it. */
export function carryForward(values: Float64Array): Float64Array {
  const result = Float64Array.from(values)
  for (let i = 1; i < result.length; i++) {
    if (Number.isNaN(result[i] ?? Number.NaN)) result[i] = result[i - 1] ?? Number.NaN
  }
  return result
}

/** Points for a chart. A point without value stands in every gap, so that the line breaks. */
export function toPoints(grid: Grid, values: Float64Array): Point[] {
  const points: Point[] = []
  let previousMs = 0
  for (const [index, { t, isAfterGap }] of grid.points.entries()) {
    if (isAfterGap) points.push({ t: Math.min(t - 1, previousMs + grid.stepMs), value: null })
    const value = values[index] ?? Number.NaN
    points.push({ t, value: Number.isNaN(value) ? null : value })
    previousMs = t
  }
  return points
}

/**
 * A broker's gap leaves a point without value, at a time of its own, which would break the line of all
 * of them though others were read before and after it as often as ever.
 */
export function withoutSeams(points: readonly Point[], stepMs: number): Point[] {
  const known = points.filter(({ value }) => value !== null)
  if (known.length === points.length) return [...points]
  const gaps = known.slice(1).map(({ t }, index) => t - (known[index]?.t ?? t))
  gaps.sort((a, b) => a - b)
  const usualMs = Math.max(2.5 * stepMs, 3 * (gaps[(gaps.length - 1) >> 1] ?? 0))
  let before = 0
  return points.filter(({ t, value }) => {
    while (before < known.length && (known[before]?.t ?? t) <= t) before++
    if (value !== null) return true
    const [previous, next] = [known[before - 1], known[before]]
    return previous === undefined || next === undefined || next.t - previous.t > usualMs
  })
}
