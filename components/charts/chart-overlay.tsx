'use client'

import { type PointerEvent, useState } from 'react'
import { useFormats } from '../../hooks/use-formats.ts'
import { cn } from '../ui/cn.ts'
import type { SeriesLook } from './colors.ts'
import { useCrosshair } from './crosshair.tsx'
import { AXIS_LEFT_PX, type Geometry, MARGIN_TOP_PX, timeAt, xOf, yOf } from './geometry.ts'
import { type ChartRow, nearestRow } from './rows.ts'
import { SeriesSwatch } from './series-swatch.tsx'
import type { ChartMark, ChartSeries, ChartUnit } from './types.ts'

type OverlayProps = {
  rows: readonly ChartRow[]
  series: readonly ChartSeries[]
  looks: readonly SeriesLook[]
  geometry: Geometry
  unit: ChartUnit
  isStacked: boolean
  marks: readonly ChartMark[]
  stepMs: number
  onZoom: ((bounds: { fromMs: number; toMs: number }) => void) | undefined
}

const MIN_DRAG_PX = 8

const TooltipCard = (props: OverlayProps & { row: ChartRow; x: number }) => {
  const formats = useFormats()
  const { row, x, geometry } = props
  const isRight = x > geometry.width / 2
  const near = props.marks.filter((mark) => Math.abs(xOf(geometry, mark.t) - x) < 6)
  const values = props.series
    .map((one, index) => ({ one, index, value: row[`s${index}`] ?? null }))
    .sort((a, b) => (b.value ?? -1) - (a.value ?? -1))
  return (
    <div
      className="pointer-events-none absolute z-20 w-max max-w-72 rounded-md border border-line bg-raised px-2 py-1.5 text-xs"
      style={{
        top: MARGIN_TOP_PX,
        ...(isRight ? { right: geometry.width - x + 10 } : { left: x + 10 }),
      }}
    >
      <p className="tabular pb-0.5 text-muted">{formats.dateTime(row.t)}</p>
      {near.map((mark) => (
        <p key={`${mark.t}${mark.label}`} className="text-info">
          {mark.label}
        </p>
      ))}
      {values.map(({ one, index, value }) => (
        <p key={one.name} className="flex items-center gap-1.5">
          <SeriesSwatch look={props.looks[index]} />
          <span className="min-w-0 flex-1 truncate">{one.label ?? one.name}</span>
          <span className="tabular pl-2 font-medium">
            {value === null ? '–' : formats.unit(value, props.unit).text}
          </span>
        </p>
      ))}
    </div>
  )
}

const dotsOf = (props: OverlayProps, row: ChartRow) => {
  let sum = 0
  return props.series.flatMap((one, index) => {
    const value = row[`s${index}`]
    if (value === null || value === undefined) return []
    sum += value
    const y = yOf(props.geometry, props.isStacked ? sum : value)
    return [{ key: one.name, y, color: props.looks[index]?.color ?? 'var(--ink)' }]
  })
}

/** Crosshair, tooltip and zoom, over the drawn chart: moving the pointer draws nothing of it again. */
export const ChartOverlay = (props: OverlayProps) => {
  const { geometry, rows, onZoom } = props
  const [hoverMs, setHoverMs] = useCrosshair()
  const [isOwn, setIsOwn] = useState(false)
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)

  const xIn = (event: PointerEvent<HTMLDivElement>): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left

  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    const x = xIn(event)
    setHoverMs(timeAt(geometry, x))
    if (drag) setDrag({ ...drag, to: x })
  }
  const onUp = () => {
    if (drag && onZoom && Math.abs(drag.to - drag.from) >= MIN_DRAG_PX) {
      const [fromMs, toMs] = [timeAt(geometry, drag.from), timeAt(geometry, drag.to)].sort(
        (a, b) => a - b,
      )
      if (fromMs !== undefined && toMs !== undefined && toMs - fromMs >= 10_000) {
        onZoom({ fromMs, toMs })
      }
    }
    setDrag(null)
  }

  const nearest = hoverMs === null ? null : nearestRow(rows, hoverMs)
  const reachMs = Math.max(
    props.stepMs * 1.5,
    ((geometry.bounds.toMs - geometry.bounds.fromMs) / geometry.plotWidth) * 4,
  )
  const row =
    nearest && hoverMs !== null && Math.abs(nearest.t - hoverMs) <= reachMs ? nearest : null
  const isInside =
    hoverMs !== null && hoverMs >= geometry.bounds.fromMs && hoverMs <= geometry.bounds.toMs
  const x = hoverMs === null ? 0 : xOf(geometry, row ? row.t : hoverMs)
  return (
    <div
      aria-hidden
      className={cn('absolute inset-0 touch-pan-y', onZoom && 'cursor-crosshair')}
      onPointerMove={onMove}
      onPointerEnter={() => setIsOwn(true)}
      onPointerLeave={() => {
        setIsOwn(false)
        setHoverMs(null)
        setDrag(null)
      }}
      onPointerDown={(event) => {
        if (!onZoom || event.pointerType !== 'mouse' || event.button !== 0) return
        setDrag({ from: xIn(event), to: xIn(event) })
      }}
      onPointerUp={onUp}
    >
      {isInside ? (
        <div
          className="absolute w-px bg-line-strong"
          style={{ left: x, top: MARGIN_TOP_PX, height: geometry.plotHeight }}
        />
      ) : null}
      {row
        ? dotsOf(props, row).map((dot) => (
            <span
              key={dot.key}
              className="absolute -mt-1 -ml-1 size-2 rounded-full border border-panel"
              style={{ left: x, top: dot.y, background: dot.color }}
            />
          ))
        : null}
      {drag && Math.abs(drag.to - drag.from) >= MIN_DRAG_PX ? (
        <div
          className="absolute bg-accent/20"
          style={{
            left: Math.max(AXIS_LEFT_PX, Math.min(drag.from, drag.to)),
            width: Math.abs(drag.to - drag.from),
            top: MARGIN_TOP_PX,
            height: geometry.plotHeight,
          }}
        />
      ) : null}
      {isOwn && row && !drag ? <TooltipCard {...props} row={row} x={x} /> : null}
    </div>
  )
}
