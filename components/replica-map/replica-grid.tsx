'use client'

import { type MouseEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import { useWidth } from '../charts/use-width.ts'
import { cn } from '../ui/cn.ts'
import {
  axisEvery,
  bandTops,
  cellAt,
  hitCell,
  LABEL_PX,
  type MapLayout,
  mapLayout,
} from './layout.ts'
import type { MapBroker, MapColumn } from './model.ts'
import { type MapPaths, mapPaths } from './paths.ts'

type GridProps = {
  label: string
  brokers: readonly MapBroker[]
  columns: readonly MapColumn[]
  /** Numbers under the columns; folded maps name their columns on hover instead. */
  hasAxis?: boolean
  brokerLabel: (broker: MapBroker) => string
  detail: (column: number, row: number) => ReactNode
  onOpen?: (column: number) => void
  /** Narrower than for "Broker 1" where the label is only a number. */
  labelPx?: number
  /** So that grids side by side have cells of one size. */
  maxCellPx?: number
  className?: string
}

const Shapes = ({ paths }: { paths: MapPaths }) => (
  <>
    <path d={paths.fills} fill="var(--ink)" fillOpacity={0.82} />
    <path d={paths.boxes} fill="none" stroke="var(--line-strong)" strokeWidth={1} />
    <path d={paths.hatchBoxes} fill="none" stroke="var(--warn)" strokeWidth={1.2} />
    <path d={paths.hatches} fill="none" stroke="var(--warn)" strokeWidth={1} />
    <path d={paths.crosses} fill="none" stroke="var(--crit)" strokeWidth={1.8} />
    <path d={paths.dots} fill="var(--info)" stroke="var(--panel)" strokeWidth={0.6} />
    <path d={paths.changes} fill="none" stroke="var(--accent)" strokeWidth={1.5} />
  </>
)

const Labels = (props: {
  layout: MapLayout
  brokers: readonly MapBroker[]
  columns: readonly MapColumn[]
  brokerLabel: (broker: MapBroker) => string
  hasAxis: boolean
}) => {
  const { layout, brokers, columns } = props
  const every = axisEvery(layout)
  return (
    <g fill="var(--muted)" fontSize={Math.min(11, layout.pitchPx - 1)}>
      {bandTops(layout).map((top) =>
        brokers.map((broker, row) => (
          <text
            key={`${top}:${broker.broker}`}
            x={0}
            y={top + row * layout.pitchPx + layout.cellPx / 2 + 4}
            fill={broker.isOnline ? undefined : 'var(--crit)'}
          >
            {props.brokerLabel(broker)}
          </text>
        )),
      )}
      {props.hasAxis
        ? columns.map((column, index) => {
            if ((index % layout.columnsPerBand) % every !== 0) return null
            const { x, y } = cellAt(layout, index, brokers.length)
            return (
              <text
                key={column.key}
                x={x + layout.cellPx / 2}
                y={y + 10}
                fontSize={10}
                textAnchor="middle"
              >
                {column.label}
              </text>
            )
          })
        : null}
    </g>
  )
}

/** Brokers down, partitions or topics across; the caller gives what hovering a cell says. */
export const ReplicaGrid = (props: GridProps) => {
  const { brokers, columns, hasAxis = false, labelPx, maxCellPx, onOpen } = props
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const [hover, setHover] = useState<{ column: number; row: number } | null>(null)
  const layout = useMemo(
    () =>
      mapLayout({
        width,
        columns: columns.length,
        brokers: brokers.length,
        hasAxis,
        ...(labelPx ? { labelPx } : {}),
        ...(maxCellPx ? { maxCellPx } : {}),
      }),
    [width, columns.length, brokers.length, hasAxis, labelPx, maxCellPx],
  )
  const paths = useMemo(() => mapPaths(columns, layout), [columns, layout])
  const cellOf = (event: MouseEvent<HTMLDivElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect()
    const point = { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
    return hitCell(layout, point, { columns: columns.length, brokers: brokers.length })
  }
  const at = hover ? cellAt(layout, hover.column, hover.row) : null
  const isRight = at !== null && at.x > width / 2
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table beside it offers the same to the keyboard.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table beside it offers the same to the keyboard.
    <div
      ref={frame}
      className={cn('relative w-full', hover && onOpen && 'cursor-pointer', props.className)}
      style={{ height: width === 0 ? brokers.length * 21 + 16 : layout.height }}
      onMouseMove={(event) => {
        const next = cellOf(event)
        if (next?.column !== hover?.column || next?.row !== hover?.row) setHover(next)
      }}
      onMouseLeave={() => setHover(null)}
      onClick={(event) => {
        const cell = cellOf(event)
        if (cell && onOpen) onOpen(cell.column)
      }}
    >
      {width > 0 ? (
        <svg
          role="img"
          aria-label={props.label}
          width={width}
          height={layout.height}
          className="block overflow-visible"
        >
          <Labels
            layout={layout}
            brokers={brokers}
            columns={columns}
            brokerLabel={props.brokerLabel}
            hasAxis={hasAxis}
          />
          <Shapes paths={paths} />
          {at ? (
            <rect
              x={at.x - 2}
              y={at.y - 2}
              width={layout.cellPx + 4}
              height={layout.cellPx + 4}
              fill="none"
              stroke="var(--ink)"
            />
          ) : null}
        </svg>
      ) : null}
      {hover && at ? (
        <div
          className="pointer-events-none absolute z-20 w-max max-w-72 rounded-md border border-line bg-raised px-2 py-1.5 text-xs"
          style={{
            top: at.y + layout.cellPx + 6,
            ...(isRight
              ? { right: Math.max(0, width - at.x - layout.cellPx) }
              : { left: Math.max(0, Math.min(at.x, width - LABEL_PX * 3)) }),
          }}
        >
          {props.detail(hover.column, hover.row)}
        </div>
      ) : null}
    </div>
  )
}
