// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they scroll to, a table's cannot.
'use client'

import { useVirtualizer } from '@tanstack/react-virtual'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type KeyboardEvent, useCallback, useRef, useState } from 'react'
import type { LagHeatMap } from '../../contracts/lag.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { HeatAxis, HeatRowView } from './heat-row.tsx'
import { useMapLinks, useMapWords } from './heat-words.ts'

const HEAT_ROW_PX = 24

type Cell = { readonly row: number; readonly column: number }

const moved = (cell: Cell, key: string, map: LagHeatMap): Cell | null => {
  const lastRow = map.rows.length - 1
  const lastColumn = map.columns - 1
  const by = (rows: number, columns: number): Cell => ({
    row: Math.max(0, Math.min(lastRow, cell.row + rows)),
    column: Math.max(0, Math.min(lastColumn, cell.column + columns)),
  })
  switch (key) {
    case 'ArrowUp':
      return by(-1, 0)
    case 'ArrowDown':
      return by(1, 0)
    case 'ArrowLeft':
      return by(0, -1)
    case 'ArrowRight':
      return by(0, 1)
    case 'PageUp':
      return by(-20, 0)
    case 'PageDown':
      return by(20, 0)
    case 'Home':
      return { row: cell.row, column: 0 }
    case 'End':
      return { row: cell.row, column: lastColumn }
    default:
      return null
  }
}

/**
 * Groups down, time across. Only rows in sight are drawn, each as one gradient; one cell at a time,
 * under the pointer or the keyboard, has an element and a name.
 */
export const HeatMap = ({ cluster, map }: { cluster: string; map: LagHeatMap }) => {
  const t = useTranslations('lag')
  const router = useRouter()
  const words = useMapWords(map)
  const hrefOf = useMapLinks(cluster, map)
  const links = useConsoleLinks()
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<Cell | null>(null)
  const onPoint = useCallback((row: number, column: number) => setActive({ row, column }), [])
  const virtualizer = useVirtualizer({
    count: map.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEAT_ROW_PX,
    overscan: 10,
  })
  const shown = active !== null && active.row < map.rows.length ? active : null
  const row = shown === null ? undefined : map.rows[shown.row]
  const onKeyDown = (event: KeyboardEvent) => {
    // A link in the first column keeps its own keys.
    if (event.target !== event.currentTarget) return
    if (event.key === 'Enter' && shown !== null && row) {
      router.push(hrefOf(row.group, shown.column))
      return
    }
    const next = moved(shown ?? { row: 0, column: map.columns - 1 }, event.key, map)
    if (next === null) return
    event.preventDefault()
    setActive(next)
    virtualizer.scrollToIndex(next.row)
  }
  return (
    <div className="rounded-md border border-line bg-panel">
      <p className="min-h-9 border-b border-line px-3 py-2 text-sm" aria-live="polite">
        {row && shown ? (
          words.cell(row, shown.column)
        ) : (
          <span className="text-muted">
            <span className="pointer-coarse:hidden">{t('mapHelp')}</span>
            <span className="hidden pointer-coarse:inline">{t('mapHelpTouch')}</span>
          </span>
        )}
      </p>
      <div
        ref={scroller}
        role="grid"
        aria-label={t('map')}
        aria-rowcount={map.rows.length}
        aria-colcount={map.columns + 1}
        aria-activedescendant={shown === null ? undefined : 'heat-cell'}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerLeave={() => setActive(null)}
        className="max-h-[max(300px,calc(100dvh-330px))] overflow-y-auto overflow-x-hidden"
      >
        <div
          className="relative my-1"
          role="rowgroup"
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map((item) => {
            const one = map.rows[item.index]
            if (one === undefined) return null
            return (
              <HeatRowView
                key={one.group}
                row={one}
                index={item.index}
                top={item.start}
                columns={map.columns}
                measure={map.measure}
                groupHref={links.group(cluster, one.group)}
                words={words}
                active={shown?.row === item.index ? shown.column : null}
                onPoint={onPoint}
                cellHref={hrefOf}
              />
            )
          })}
        </div>
      </div>
      <HeatAxis map={map} />
    </div>
  )
}
