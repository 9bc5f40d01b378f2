import { logTicks, niceTicks, type Unit } from '../../lib/format-number.ts'
import { timeTicks } from '../../lib/time-range.ts'
import type { Bounds } from './rows.ts'

export const AXIS_LEFT_PX = 58
export const AXIS_BOTTOM_PX = 22
export const MARGIN_TOP_PX = 8
const MARGIN_RIGHT_PX = 10
const END_LABEL_PX = 104

/** Where everything is drawn, so that what lies over it knows without asking. */
export type Geometry = {
  readonly width: number
  readonly height: number
  readonly plotWidth: number
  readonly plotHeight: number
  readonly marginRight: number
  readonly bounds: Bounds
  readonly xTicks: readonly number[]
  readonly yTicks: readonly number[]
  readonly yTop: number
  /** 0 unless the scale is logarithmic. */
  readonly yBottom: number
}

export const chartGeometry = (options: {
  readonly width: number
  readonly height: number
  readonly bounds: Bounds
  readonly top: number
  /** The smallest value above 0, where the scale is to be logarithmic; else null. */
  readonly logFrom: number | null
  readonly unit: Unit
  readonly hasEndLabels: boolean
  readonly zoneOffsetMs: number
}): Geometry => {
  const marginRight = options.hasEndLabels ? END_LABEL_PX : MARGIN_RIGHT_PX
  const plotWidth = Math.max(1, options.width - AXIS_LEFT_PX - marginRight)
  const { top, unit, logFrom } = options
  const yTicks = logFrom === null ? niceTicks(top, unit) : logTicks(logFrom, top, unit)
  return {
    width: options.width,
    height: options.height,
    plotWidth,
    plotHeight: options.height - MARGIN_TOP_PX - AXIS_BOTTOM_PX,
    marginRight,
    bounds: options.bounds,
    xTicks: timeTicks(
      options.bounds,
      Math.max(2, Math.floor(plotWidth / 90)),
      options.zoneOffsetMs,
    ),
    yTicks,
    yTop: yTicks[yTicks.length - 1] ?? 1,
    yBottom: logFrom === null ? 0 : (yTicks[0] ?? 1),
  }
}

export const xOf = (geometry: Geometry, t: number): number => {
  const { fromMs, toMs } = geometry.bounds
  return AXIS_LEFT_PX + ((t - fromMs) / (toMs - fromMs)) * geometry.plotWidth
}

/** More than half of what a character of a time or a date takes, in the axis' 11 px. */
const HALF_CHARACTER_PX = 4

/** The middle of a time's label: under its time, but never so far right that it would be cut. */
export const labelXOf = (geometry: Geometry, t: number, label: string): number =>
  Math.min(xOf(geometry, t), geometry.width - label.length * HALF_CHARACTER_PX)

export const timeAt = (geometry: Geometry, x: number): number => {
  const { fromMs, toMs } = geometry.bounds
  const share = Math.min(1, Math.max(0, (x - AXIS_LEFT_PX) / geometry.plotWidth))
  return Math.round(fromMs + share * (toMs - fromMs))
}

export const yOf = (geometry: Geometry, value: number): number => {
  const { yTop, yBottom } = geometry
  const share =
    yBottom === 0
      ? value / yTop
      : Math.log(Math.max(value, yBottom) / yBottom) / Math.log(yTop / yBottom)
  return MARGIN_TOP_PX + geometry.plotHeight * (1 - share)
}

/** Labels at the right in order of height; one that would touch the label above is left out. */
export const endLabels = <T extends { readonly y: number }>(labels: readonly T[]): T[] => {
  const kept: T[] = []
  for (const label of [...labels].sort((a, b) => a.y - b.y)) {
    const above = kept[kept.length - 1]
    if (above === undefined || label.y - above.y >= 14) kept.push(label)
  }
  return kept
}
