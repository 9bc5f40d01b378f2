import type { ChartPoint, ChartSeries } from './types.ts'

/** One time and the value of each series at it, under `s0`, `s1`, …; null breaks the line. */
export type ChartRow = { t: number; [series: `s${number}`]: number | null }

export type Bounds = { readonly fromMs: number; readonly toMs: number }

type Extremes = { low: number; high: number; lowFirst: boolean; hasGap: boolean }

const extremesOf = (points: readonly ChartPoint[]): Extremes | null => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let lowAt = 0
  let highAt = 0
  let hasGap = false
  for (const point of points) {
    if (point.value === null) {
      hasGap = true
      continue
    }
    if (point.value < low) {
      low = point.value
      lowAt = point.t
    }
    if (point.value > high) {
      high = point.value
      highAt = point.t
    }
  }
  if (low > high) return null
  return { low, high, lowFirst: lowAt <= highAt, hasGap }
}

const byTime = (series: readonly ChartSeries[], bounds: Bounds): ChartRow[] => {
  const rows = new Map<number, ChartRow>()
  series.forEach((one, index) => {
    for (const point of one.points) {
      if (point.t < bounds.fromMs || point.t > bounds.toMs) continue
      const row = rows.get(point.t) ?? { t: point.t }
      row[`s${index}`] = point.value
      rows.set(point.t, row)
    }
  })
  return [...rows.values()].sort((a, b) => a.t - b.t)
}

const columnsOf = (
  points: readonly ChartPoint[],
  bounds: Bounds,
  columns: number,
): Map<number, ChartPoint[]> => {
  const spanMs = bounds.toMs - bounds.fromMs
  const byColumn = new Map<number, ChartPoint[]>()
  for (const point of points) {
    if (point.t < bounds.fromMs || point.t > bounds.toMs) continue
    const column = Math.min(columns - 1, Math.floor(((point.t - bounds.fromMs) / spanMs) * columns))
    const known = byColumn.get(column)
    if (known) known.push(point)
    else byColumn.set(column, [point])
  }
  return byColumn
}

/**
 * Two rows a column for all series alike, so that they can be stacked: each carries its lowest and its
 * highest value of the column in the order in which they came.
 */
const byColumn = (series: readonly ChartSeries[], bounds: Bounds, columns: number): ChartRow[] => {
  const widthMs = (bounds.toMs - bounds.fromMs) / columns
  const split = series.map((one) => columnsOf(one.points, bounds, columns))
  const rows: ChartRow[] = []
  for (let column = 0; column < columns; column += 1) {
    const startMs = bounds.fromMs + column * widthMs
    const early: ChartRow = { t: startMs + widthMs * 0.25 }
    const late: ChartRow = { t: startMs + widthMs * 0.75 }
    let isEmpty = true
    split.forEach((one, index) => {
      const points = one.get(column)
      if (points === undefined) return
      isEmpty = false
      const extremes = extremesOf(points)
      early[`s${index}`] =
        extremes === null ? null : extremes.lowFirst ? extremes.low : extremes.high
      late[`s${index}`] =
        extremes === null || extremes.hasGap
          ? null
          : extremes.lowFirst
            ? extremes.high
            : extremes.low
    })
    if (!isEmpty) rows.push(early, late)
  }
  return rows
}

/** A missing sample, not only one that says so, breaks the line: an empty row goes in its place. */
const withGaps = (rows: readonly ChartRow[], stepMs: number, width: number): ChartRow[] => {
  const out: ChartRow[] = []
  let previous: ChartRow | undefined
  for (const row of rows) {
    if (previous && row.t - previous.t > stepMs * 2.5) {
      const gap: ChartRow = { t: previous.t + stepMs }
      for (let index = 0; index < width; index += 1) gap[`s${index}`] = null
      out.push(gap)
    }
    out.push(row)
    previous = row
  }
  return out
}

/** Rows to draw, no more than two a pixel column, whatever the number of points. */
export const chartRows = (options: {
  readonly series: readonly ChartSeries[]
  readonly bounds: Bounds
  readonly stepMs: number
  readonly pixels: number
}): ChartRow[] => {
  const { series, bounds, stepMs } = options
  const columns = Math.max(1, Math.floor(options.pixels))
  const longest = Math.max(0, ...series.map((one) => one.points.length))
  if (longest <= columns) return withGaps(byTime(series, bounds), stepMs, series.length)
  const columnMs = (bounds.toMs - bounds.fromMs) / columns
  return withGaps(byColumn(series, bounds, columns), Math.max(stepMs, columnMs), series.length)
}

/** The highest value drawn: of each series, or of their sum where they are stacked. */
export const topValue = (rows: readonly ChartRow[], width: number, isStacked: boolean): number => {
  let top = 0
  for (const row of rows) {
    let sum = 0
    for (let index = 0; index < width; index += 1) {
      const value = row[`s${index}`] ?? 0
      sum += value
      if (!isStacked && value > top) top = value
    }
    if (isStacked && sum > top) top = sum
  }
  return top
}

/** The row nearest in time, by bisection; null when there is none. */
export const nearestRow = (rows: readonly ChartRow[], t: number): ChartRow | null => {
  let low = 0
  let high = rows.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.t ?? 0) < t) low = middle + 1
    else high = middle
  }
  const after = rows[low]
  const before = rows[low - 1]
  if (after === undefined) return null
  return before !== undefined && t - before.t < after.t - t ? before : after
}

/** The smallest value above 0; Infinity when there is none. */
export const lowestPositive = (rows: readonly ChartRow[], series: number): number => {
  let low = Number.POSITIVE_INFINITY
  for (const row of rows) {
    for (let index = 0; index < series; index += 1) {
      const value = row[`s${index}`]
      if (value !== null && value !== undefined && value > 0 && value < low) low = value
    }
  }
  return low
}

/** A log scale has no place for 0: what is below the axis lies on it. */
export const raisedTo = (rows: readonly ChartRow[], series: number, bottom: number): ChartRow[] =>
  rows.map((row) => {
    const raised: ChartRow = { ...row }
    for (let index = 0; index < series; index += 1) {
      const value = row[`s${index}`]
      if (value !== null && value !== undefined) raised[`s${index}`] = Math.max(value, bottom)
    }
    return raised
  })

/** True for a value with none beside it: no line goes through it, so it needs a dot. */
export const isLonePoint = (rows: readonly ChartRow[], series: number, index: number): boolean => {
  const hasValue = (at: number): boolean => (rows[at]?.[`s${series}`] ?? null) !== null
  return hasValue(index) && !hasValue(index - 1) && !hasValue(index + 1)
}
