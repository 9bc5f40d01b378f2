'use client'

import { memo } from 'react'
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, XAxis, YAxis } from 'recharts'
import { useFormats } from '../../hooks/use-formats.ts'
import type { SeriesLook } from './colors.ts'
import { AXIS_BOTTOM_PX, AXIS_LEFT_PX, type Geometry, MARGIN_TOP_PX } from './geometry.ts'
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

const DAY_MS = 86_400_000
const tick = { fill: 'var(--muted)', fontSize: 11 }

/** Nothing where a line goes through. */
const LoneDot = (props: {
  rows: CanvasProps['rows']
  series: number
  index: number
  cx?: number | undefined
  cy?: number | undefined
  stroke?: string | undefined
}) => {
  if (!isLonePoint(props.rows, props.series, props.index)) return null
  return <circle className="lone-dot" cx={props.cx} cy={props.cy} r={2} fill={props.stroke} />
}

/** What recharts draws; it is drawn again only when data or size change, never while hovering. */
export const ChartCanvas = memo((props: CanvasProps) => {
  const { rows, looks, geometry, unit, isStacked } = props
  const formats = useFormats()
  const { fromMs, toMs } = geometry.bounds
  const isLong = toMs - fromMs > DAY_MS
  const isShort = toMs - fromMs < 300_000
  const timeLabel = (t: number): string => {
    if (isShort) return formats.clockSeconds(t)
    const clock = formats.clock(t)
    return isLong && clock === '00:00' ? formats.day(t) : clock
  }
  return (
    <ComposedChart
      width={geometry.width}
      height={geometry.height}
      data={rows}
      accessibilityLayer={false}
      margin={{ top: MARGIN_TOP_PX, right: geometry.marginRight, bottom: 0, left: 0 }}
    >
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis
        dataKey="t"
        type="number"
        scale="linear"
        domain={[fromMs, toMs]}
        allowDataOverflow
        ticks={[...geometry.xTicks]}
        tickFormatter={timeLabel}
        height={AXIS_BOTTOM_PX}
        tick={tick}
        tickLine={false}
        axisLine={{ stroke: 'var(--line)' }}
        interval={0}
      />
      <YAxis
        type="number"
        scale={geometry.yBottom === 0 ? 'linear' : 'log'}
        domain={[geometry.yBottom, geometry.yTop]}
        ticks={[...geometry.yTicks]}
        tickFormatter={(value: number) => formats.unit(value, unit).text}
        width={AXIS_LEFT_PX}
        tick={tick}
        tickLine={false}
        axisLine={false}
        interval={0}
        allowDataOverflow
      />
      {props.marks.map((mark) => (
        <ReferenceLine
          key={`${mark.t}:${mark.label}`}
          x={mark.t}
          stroke="var(--info)"
          strokeDasharray="2 3"
        />
      ))}
      {looks.map((look, index) =>
        isStacked ? (
          <Area
            // biome-ignore lint/suspicious/noArrayIndexKey: a series is its position in the rows.
            key={index}
            dataKey={`s${index}`}
            stackId="all"
            type="linear"
            stroke={look.color}
            strokeWidth={1}
            strokeDasharray={look.dash}
            fill={look.color}
            fillOpacity={0.55}
            isAnimationActive={false}
            activeDot={false}
            dot={false}
          />
        ) : (
          <Line
            // biome-ignore lint/suspicious/noArrayIndexKey: a series is its position in the rows.
            key={index}
            dataKey={`s${index}`}
            type="linear"
            stroke={look.color}
            strokeWidth={1.6}
            strokeDasharray={look.dash}
            isAnimationActive={false}
            activeDot={false}
            dot={(dot) => <LoneDot key={dot.index} {...dot} rows={rows} series={index} />}
          />
        ),
      )}
    </ComposedChart>
  )
})
ChartCanvas.displayName = 'ChartCanvas'
