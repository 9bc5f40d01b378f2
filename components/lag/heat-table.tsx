'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import type { HeatRow, LagHeatMap } from '../../contracts/lag.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Figure } from '../ui/figure.tsx'
import { worstCell } from './heat-scale.ts'
import { useMapLinks, useMapWords } from './heat-words.ts'
import { LagTimeFigure } from './lag-time-figure.tsx'
import { VerdictMark } from './verdict-mark.tsx'

/** The heat map's rows as figures. */
export const HeatTable = ({ cluster, map }: { cluster: string; map: LagHeatMap }) => {
  const t = useTranslations('lag')
  const links = useConsoleLinks()
  const words = useMapWords(map)
  const hrefOf = useMapLinks(cluster, map)
  // Looked for once a row: sorting a thousand rows compares ten thousand times.
  const worstOf = useMemo(() => {
    const found = new Map(map.rows.map((row) => [row, worstCell(row.cells)] as const))
    return (row: HeatRow) => found.get(row) ?? null
  }, [map.rows])
  const [sort, setSort] = useQueryState('tableSort', parseAsString.withDefault('-worst'))
  const columns = useMemo<readonly DataColumn<HeatRow>[]>(
    () => [
      {
        id: 'group',
        header: t('group'),
        phone: 'title',
        sortBy: (row) => row.group,
        cell: (row) => (
          <Link
            prefetch={false}
            href={links.group(cluster, row.group)}
            className="font-mono font-medium break-all underline-offset-2 hover:underline"
          >
            {row.group}
          </Link>
        ),
      },
      {
        id: 'verdict',
        header: t('verdict'),
        phone: 'meta',
        sortBy: (row) => row.verdict,
        cell: (row) => <VerdictMark verdict={row.verdict} cause={row.cause} reason="" />,
      },
      {
        id: 'now',
        header: t('now'),
        align: 'end',
        phone: 'figure',
        sortBy: ({ lagTime }) => lagTime && (lagTime.estimateMs ?? lagTime.atLeastMs),
        cell: (row) => <LagTimeFigure time={row.lagTime} />,
      },
      {
        id: 'records',
        header: t('records'),
        align: 'end',
        sortBy: (row) => row.totalLag,
        cell: (row) => <Figure value={row.totalLag} unit="records" />,
      },
      {
        id: 'worst',
        header: t('worstCell'),
        align: 'end',
        phone: 'figure',
        sortBy: (row) => worstOf(row)?.value ?? null,
        cell: (row) => {
          const worst = worstOf(row)
          return worst === null ? '–' : words.value(row, worst.column)
        },
      },
      {
        id: 'at',
        header: t('worstAt'),
        sortBy: (row) => worstOf(row)?.column ?? null,
        cell: (row) => {
          const worst = worstOf(row)
          if (worst === null) return '–'
          return (
            <Link
              prefetch={false}
              href={hrefOf(row.group, worst.column)}
              className="tabular underline"
            >
              {words.time(worst.column)}
            </Link>
          )
        },
      },
    ],
    [cluster, hrefOf, links, t, words, worstOf],
  )
  return (
    <DataTable
      id="lag"
      label={t('map')}
      columns={columns}
      rows={map.rows}
      rowId={(row) => row.group}
      sort={parseSort(sort)}
      onSortChange={(next) => setSort(serializeSort(next))}
      empty={<EmptyState title={t('noMatch')} />}
    />
  )
}
