// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they scroll to, a table's cannot.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, see aria-activedescendant.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: Enter on the grid does what a click does.
'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { memo, type PointerEvent, useMemo, useRef } from 'react'
import type { HeatMeasure, HeatRow, LagHeatMap } from '../../contracts/lag.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { usePreferences } from '../../hooks/use-preferences.tsx'
import { timeTicks } from '../../lib/time-range.ts'
import { useWidth } from '../charts/use-width.ts'
import { cn } from '../ui/cn.ts'
import { StateShape } from '../ui/state-mark.tsx'
import { heatGradient } from './heat-scale.ts'
import type { MapWords } from './heat-words.ts'
import { verdictState } from './verdict-mark.tsx'

const LABEL_CLASS = 'w-28 shrink-0 sm:w-48 lg:w-64'

type HeatRowProps = {
  row: HeatRow
  index: number
  top: number
  columns: number
  measure: HeatMeasure
  groupHref: string
  words: MapWords
  /** Column under the pointer or the keyboard. */
  active: number | null
  onPoint: (row: number, column: number) => void
  cellHref: (group: string, column: number) => string
}

/** Drawn again only when something of it has changed: scrolling and pointing must not draw all of them. */
export const HeatRowView = memo((props: HeatRowProps) => {
  const { row, active, columns, measure, words } = props
  const router = useRouter()
  const summary = useMemo(() => words.row(row), [words, row])
  const gradient = useMemo(() => heatGradient(row.cells, measure), [row.cells, measure])
  const columnAt = (event: PointerEvent | React.MouseEvent): number => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left) / Math.max(1, box.width)
    return Math.max(0, Math.min(columns - 1, Math.floor(share * columns)))
  }
  return (
    <div
      role="row"
      aria-rowindex={props.index + 1}
      className="absolute inset-x-0 flex h-6 items-center gap-2 pr-2 pl-3"
      style={{ top: props.top }}
    >
      <div
        role="rowheader"
        className={cn('flex items-center gap-1.5 overflow-hidden', LABEL_CLASS)}
      >
        <StateShape state={verdictState(row.verdict)} />
        <Link
          // A thousand rows come into sight while somebody scrolls: none is loaded for that.
          prefetch={false}
          href={props.groupHref}
          title={row.group}
          className="truncate font-mono text-xs underline-offset-2 hover:underline"
        >
          {row.group === '' ? '""' : row.group}
        </Link>
      </div>
      <div
        role="gridcell"
        aria-label={summary}
        className="heat-strip relative h-5 min-w-0 flex-1 cursor-pointer rounded-xs bg-page"
        style={{ backgroundImage: gradient }}
        onPointerMove={(event) => props.onPoint(props.index, columnAt(event))}
        onClick={(event) => router.push(props.cellHref(row.group, columnAt(event)))}
      >
        {active === null ? null : (
          <span
            aria-hidden
            className="pointer-events-none absolute -inset-y-px border-2 border-ink"
            style={{
              left: `${(active / columns) * 100}%`,
              width: `max(4px, ${100 / columns}%)`,
            }}
          />
        )}
      </div>
      {active === null ? null : (
        <div
          id="heat-cell"
          role="gridcell"
          aria-colindex={active + 2}
          aria-label={words.cell(row, active)}
          className="sr-only"
        />
      )}
    </div>
  )
})
HeatRowView.displayName = 'HeatRowView'

/** Times under the columns, as the charts have them. */
export const HeatAxis = ({ map }: { map: LagHeatMap }) => {
  const formats = useFormats()
  const { timeZone } = usePreferences()
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const fromMs = map.first - map.stepMs
  const toMs = fromMs + map.columns * map.stepMs
  const offsetMs = timeZone === 'utc' ? 0 : -new Date(fromMs).getTimezoneOffset() * 60_000
  const ticks = timeTicks({ fromMs, toMs }, Math.max(2, Math.floor(width / 90)), offsetMs)
  const isLong = toMs - fromMs > 2 * 86_400_000
  return (
    <div aria-hidden className="flex gap-2 border-t border-line pr-2 pl-3">
      <div className={LABEL_CLASS} />
      <div ref={frame} className="tabular relative h-6 min-w-0 flex-1 overflow-hidden text-xs">
        {ticks.map((tick) => (
          <span
            key={tick}
            className="absolute top-1 -translate-x-1/2 text-muted"
            style={{
              left: `clamp(20px, ${((tick - fromMs) / (toMs - fromMs)) * 100}%, calc(100% - 20px))`,
            }}
          >
            {isLong ? formats.day(tick) : formats.clock(tick)}
          </span>
        ))}
      </div>
    </div>
  )
}
