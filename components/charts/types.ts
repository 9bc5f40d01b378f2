import type { Unit } from '../../lib/format-number.ts'

/** A point whose value is null is a gap. */
export type ChartPoint = { readonly t: number; readonly value: number | null }

export type ChartSeries = {
  /** Unique in the chart; also what the series is called unless `label` says otherwise. */
  readonly name: string
  readonly label?: string
  /** What gives it its colour, where that is not its name: `broker:1`, `topic:orders`. */
  readonly colorKey?: string
  readonly isOthers?: boolean
  /** The same figure at another time: dashed and faint, in the colour of the present one. */
  readonly isGhost?: boolean
  readonly points: readonly ChartPoint[]
}

export type ChartMark = {
  readonly t: number
  readonly label: string
  /** Left out: a line through the chart. `info`: a tick on the axis. `shown`: the moment that the page is of. */
  readonly tone?: 'critical' | 'attention' | 'info' | 'shown'
}

export type ChartUnit = Unit
