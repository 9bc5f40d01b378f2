import type { ChartPoint, ChartSeries } from './types.ts'

export const MAX_SERIES = 8

export const lastValue = (points: readonly ChartPoint[]): number | null => {
  for (let i = points.length - 1; i >= 0; i -= 1) {
    const value = points[i]?.value
    if (value !== null && value !== undefined) return value
  }
  return null
}

/** A series that ended so much of the drawn time ago has no present value. */
const LATE_SHARE = 0.05

/** Each series' value at the drawing's end; null: it ended well before the others, or has none. */
export const presentValues = (series: readonly ChartSeries[]): (number | null)[] => {
  const lasts = series.map(({ points }) => points.findLast(({ value }) => value !== null))
  const from = Math.min(...series.map(({ points }) => points[0]?.t ?? Number.POSITIVE_INFINITY))
  const to = Math.max(...series.map(({ points }) => points.at(-1)?.t ?? Number.NEGATIVE_INFINITY))
  const newest = Math.max(...lasts.map((last) => last?.t ?? from))
  return lasts.map((last) =>
    last === undefined || newest - last.t > (to - from) * LATE_SHARE ? null : last.value,
  )
}

const sumOf = (series: readonly ChartSeries[]): ChartPoint[] => {
  const sums = new Map<number, number | null>()
  for (const one of series) {
    for (const point of one.points) {
      const known = sums.get(point.t)
      if (point.value === null) sums.set(point.t, known ?? null)
      else sums.set(point.t, (known ?? 0) + point.value)
    }
  }
  return [...sums].sort(([a], [b]) => a - b).map(([t, value]) => ({ t, value }))
}

/** Largest last value first; beyond eight the rest is added up as `others`, which comes last. */
export const limitSeries = (
  series: readonly ChartSeries[],
  othersLabel: string,
  max: number = MAX_SERIES,
): readonly ChartSeries[] => {
  const size = (one: ChartSeries) => lastValue(one.points) ?? Number.NEGATIVE_INFINITY
  const named = series.filter((one) => !one.isOthers).sort((a, b) => size(b) - size(a))
  const given = series.filter((one) => one.isOthers)
  const rest = [...named.slice(max), ...given]
  if (rest.length === 0) return named
  const only = rest.length === 1 ? rest[0] : undefined
  const others: ChartSeries = {
    name: 'others',
    label: othersLabel,
    isOthers: true,
    points: only ? only.points : sumOf(rest),
  }
  return [...named.slice(0, max), others]
}
