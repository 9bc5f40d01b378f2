'use client'

import { memo } from 'react'
import { Curve, Surface } from 'recharts'
import { useFormats } from '../../hooks/use-formats.ts'
import type { SeriesLook } from './colors.ts'
import { Marks } from './event-marks.tsx'
import { AXIS_LEFT_PX, type Geometry, labelXOf, MARGIN_TOP_PX, xOf, yOf } from './geometry.ts'
import { type ChartRow, isLonePoint } from './rows.ts'
import type { ChartMark, ChartUnit } from './types.ts'

type CanvasProps = {
  rows: ChartRow[]
  looks: readonly SeriesLook[]
  geometry: Geometry
  unit: ChartUnit
  isStacked: boolean
  marks: readonly ChartMark[]
}

type Spot = { x: number; y: number | null }

const DAY_MS = 86_400_000
const tick = { fill: 'var(--muted)', fontSize: 11 }
const tenth = (pixels: number): number => Math.round(pixels * 10) / 10

const useTimeLabel = ({ bounds: { fromMs, toMs } }: Geometry): ((t: number) => string) => {
  const formats = useFormats()
  const isLong = toMs - fromMs > DAY_MS
  const isShort = toMs - fromMs < 300_000
  return (t) => {
    if (isShort) return formats.clockSeconds(t)
    const clock = formats.clock(t)
    return isLong && clock === '00:00' ? formats.day(t) : clock
  }
}

/** Grid, axes and their words: two paths whatever the number of ticks. */
const Axes = ({ geometry, unit }: { geometry: Geometry; unit: ChartUnit }) => {
  const formats = useFormats()
  const timeLabel = useTimeLabel(geometry)
  const right = AXIS_LEFT_PX + geometry.plotWidth
  const bottom = MARGIN_TOP_PX + geometry.plotHeight
  const lines = geometry.yTicks
    .map((value) => `M${AXIS_LEFT_PX} ${tenth(yOf(geometry, value))}H${right}`)
    .join('')
  return (
    <>
      <path d={lines} stroke="var(--line)" fill="none" />
      <path d={`M${AXIS_LEFT_PX} ${bottom}H${right}`} stroke="var(--line)" fill="none" />
      <g className="recharts-yAxis-tick-labels" textAnchor="end" {...tick}>
        {geometry.yTicks.map((value) => (
          <text key={value} x={AXIS_LEFT_PX - 8} y={yOf(geometry, value) + 4}>
            {formats.unit(value, unit).text}
          </text>
        ))}
      </g>
      <g className="recharts-xAxis-tick-labels" textAnchor="middle" {...tick}>
        {geometry.xTicks.map((t) => (
          <text key={t} x={labelXOf(geometry, t, timeLabel(t))} y={bottom + 16}>
            {timeLabel(t)}
          </text>
        ))}
      </g>
    </>
  )
}

const spotsOf = (rows: readonly ChartRow[], index: number, geometry: Geometry): Spot[] =>
  rows.map((row) => {
    const value = row[`s${index}`] ?? null
    return {
      x: tenth(xOf(geometry, row.t)),
      y: value === null ? null : tenth(yOf(geometry, value)),
    }
  })

/** Each series lies on the sum of those before it; where it has no value, it has no area. */
const stackOf = (rows: readonly ChartRow[], count: number, geometry: Geometry) => {
  const sums = rows.map(() => 0)
  return Array.from({ length: count }, (_, index) => {
    const base: Spot[] = []
    const top: Spot[] = []
    rows.forEach((row, at) => {
      const value = row[`s${index}`] ?? null
      const x = tenth(xOf(geometry, row.t))
      const sum = sums[at] ?? 0
      base.push({ x, y: tenth(yOf(geometry, sum)) })
      sums[at] = sum + (value ?? 0)
      top.push({ x, y: value === null ? null : tenth(yOf(geometry, sum + value)) })
    })
    return { base, top }
  })
}

/** A value between two gaps, which no line goes through. */
const dotsOf = (rows: readonly ChartRow[], index: number, spots: readonly Spot[]): string =>
  spots
    .map(({ x, y }, at) =>
      y !== null && isLonePoint(rows, index, at)
        ? `M${x - 2} ${y}a2 2 0 1 0 4 0a2 2 0 1 0-4 0`
        : '',
    )
    .join('')

const LineSeries = (props: { look: SeriesLook; spots: Spot[]; dots: string }) => {
  const { look, spots, dots } = props
  const opacity = look.isGhost ? 0.55 : 1
  return (
    <>
      <Curve
        className="recharts-line-curve"
        type="linear"
        points={spots}
        fill="none"
        stroke={look.color}
        strokeWidth={look.isGhost ? 1.2 : 1.6}
        strokeOpacity={opacity}
        strokeLinejoin="round"
        {...(look.dash === undefined ? {} : { strokeDasharray: look.dash })}
      />
      {dots === '' ? null : (
        <path className="lone-dot" d={dots} fill={look.color} fillOpacity={opacity} />
      )}
    </>
  )
}

const StackedSeries = ({ look, base, top }: { look: SeriesLook; base: Spot[]; top: Spot[] }) => (
  <Curve
    className="recharts-area-area"
    type="linear"
    points={top}
    baseLine={base}
    stroke={look.color}
    strokeWidth={1}
    fill={look.color}
    fillOpacity={0.55}
  />
)

/**
 * One path a series, drawn with recharts' parts and not its chart: that keeps a store of its own and
 * draws each chart several times before it stands, which sixty on a page do not bear. Drawn again only
 * when data or size change, never while hovering.
 */
export const ChartCanvas = memo((props: CanvasProps) => {
  const { rows, looks, geometry, unit } = props
  const stack = props.isStacked ? stackOf(rows, looks.length, geometry) : null
  return (
    <Surface width={geometry.width} height={geometry.height} style={{ display: 'block' }}>
      <Axes geometry={geometry} unit={unit} />
      <Marks marks={props.marks} geometry={geometry} />
      {looks.map((look, index) => {
        const layer = stack?.[index]
        if (layer) {
          // biome-ignore lint/suspicious/noArrayIndexKey: a series is its position in the rows.
          return <StackedSeries key={index} look={look} {...layer} />
        }
        const spots = spotsOf(rows, index, geometry)
        const dots = dotsOf(rows, index, spots)
        // biome-ignore lint/suspicious/noArrayIndexKey: a series is its position in the rows.
        return <LineSeries key={index} look={look} spots={spots} dots={dots} />
      })}
    </Surface>
  )
})
ChartCanvas.displayName = 'ChartCanvas'
