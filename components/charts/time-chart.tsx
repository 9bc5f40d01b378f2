'use client'

import { type RefObject, useMemo, useRef, useState } from 'react'
import { useFormats } from '../../hooks/use-formats.ts'
import { usePreferences } from '../../hooks/use-preferences.tsx'
import { cn } from '../ui/cn.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { ChartCanvas } from './chart-canvas.tsx'
import { ChartLegend } from './chart-legend.tsx'
import { looksOf, type SeriesLook } from './colors.ts'
import { useCrosshair, useMarks } from './crosshair.tsx'
import { chartGeometry, endLabels, type Geometry, yOf } from './geometry.ts'
import { lastValue } from './limit-series.ts'
import { type Bounds, chartRows, lowestPositive, raisedTo, topValue } from './rows.ts'
import type { ChartMark, ChartSeries, ChartUnit } from './types.ts'
import { useWidth } from './use-width.ts'

export type TimeChartProps = {
  series: readonly ChartSeries[]
  bounds: Bounds
  stepMs: number
  unit: ChartUnit
  isStacked?: boolean
  /** Not where areas are stacked: their heights add up. */
  isLog?: boolean
  height?: number
  marks?: readonly ChartMark[]
  onZoom?: (bounds: Bounds) => void
  frameRef?: RefObject<HTMLDivElement | null>
  /** Where charts stand side by side: the highest value of all of them, so that they share an axis. */
  top?: number
  /** `line`: of one line whatever the number of series, so that no chart moves; else as many as it takes. */
  legend?: 'wrap' | 'line'
}

const END_LABELS_FROM_PX = 620

const zoneOffset = (timeZone: 'local' | 'utc', atMs: number): number =>
  timeZone === 'utc' ? 0 : -new Date(atMs).getTimezoneOffset() * 60_000

const EndLabels = (props: {
  series: readonly ChartSeries[]
  looks: readonly SeriesLook[]
  geometry: Geometry
}) => {
  const labels = props.series.flatMap((one, index) => {
    const value = lastValue(one.points)
    if (value === null) return []
    return [{ name: one.name, label: one.label ?? one.name, index, y: yOf(props.geometry, value) }]
  })
  return endLabels(labels).map((label) => (
    <span
      key={label.name}
      aria-hidden
      className="pointer-events-none absolute w-24 -translate-y-1/2 truncate text-xs"
      style={{
        left: props.geometry.width - props.geometry.marginRight + 6,
        top: label.y,
        color: `color-mix(in oklch, ${props.looks[label.index]?.color ?? 'var(--ink)'} 70%, var(--ink))`,
      }}
    >
      {label.label}
    </span>
  ))
}

/** Lines, or stacked areas, over the page's time range. Series come limited and ordered. */
export const TimeChart = (props: TimeChartProps) => {
  const { series, bounds, stepMs, unit, isStacked = false, height = 200 } = props
  const isLog = props.isLog === true && !isStacked
  const { timeZone } = usePreferences()
  const own = useRef<HTMLDivElement>(null)
  const frame = props.frameRef ?? own
  const width = useWidth(frame)
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const allLooks = useMemo(() => looksOf(series), [series])
  const shown = useMemo(() => series.filter((one) => !hidden.has(one.name)), [series, hidden])
  const looks = useMemo(
    () => allLooks.filter((_, index) => !hidden.has(series[index]?.name ?? '')),
    [allLooks, series, hidden],
  )
  const hasEndLabels =
    !isStacked && width >= END_LABELS_FROM_PX && shown.length > 1 && shown.length <= 5
  const rows = useMemo(
    () => chartRows({ series: shown, bounds, stepMs, pixels: Math.max(1, width - 68) }),
    [shown, bounds, stepMs, width],
  )
  const geometry = useMemo(
    () =>
      chartGeometry({
        width,
        height,
        bounds,
        unit,
        hasEndLabels,
        top: Math.max(props.top ?? 0, topValue(rows, shown.length, isStacked)),
        logFrom: isLog ? lowestPositive(rows, shown.length) : null,
        zoneOffsetMs: zoneOffset(timeZone, bounds.fromMs),
      }),
    [
      width,
      height,
      bounds,
      unit,
      hasEndLabels,
      rows,
      shown.length,
      isStacked,
      isLog,
      timeZone,
      props.top,
    ],
  )
  const drawn = useMemo(
    () => (isLog ? raisedTo(rows, shown.length, geometry.yBottom) : rows),
    [isLog, rows, shown.length, geometry.yBottom],
  )
  const marks = useMarks(props.marks)
  const formats = useFormats()
  const { onZoom } = props
  const drawnChart = useMemo(
    () => ({
      geometry,
      rows,
      series: shown,
      looks,
      isStacked,
      marks,
      stepMs,
      timeText: formats.dateTime,
      valueText: (value: number) => formats.unit(value, unit).text,
      onZoom,
    }),
    [geometry, rows, shown, looks, isStacked, marks, stepMs, formats, unit, onZoom],
  )
  useCrosshair(frame, width === 0 ? null : drawnChart)
  const toggle = (name: string) => {
    const next = new Set(hidden)
    if (!next.delete(name)) next.add(name)
    setHidden(next)
  }
  return (
    <div className="min-w-0">
      <div
        ref={frame}
        className={cn('relative touch-pan-y select-none', props.onZoom && 'cursor-crosshair')}
        style={{ height }}
      >
        {width === 0 ? (
          <Skeleton className="h-full w-full" />
        ) : (
          <>
            <div aria-hidden>
              <ChartCanvas
                rows={drawn}
                looks={looks}
                geometry={geometry}
                unit={unit}
                isStacked={isStacked}
                marks={marks}
              />
            </div>
            {hasEndLabels ? <EndLabels series={shown} looks={looks} geometry={geometry} /> : null}
          </>
        )}
      </div>
      {series.length > 1 || props.legend === 'line' ? (
        <ChartLegend
          isLine={props.legend === 'line'}
          series={series}
          looks={allLooks}
          hidden={hidden}
          unit={unit}
          onToggle={toggle}
        />
      ) : null}
    </div>
  )
}
