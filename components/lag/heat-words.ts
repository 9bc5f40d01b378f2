'use client'

import { useTranslations } from 'next-intl'
import { useCallback, useMemo } from 'react'
import type { HeatRow, LagHeatMap } from '../../contracts/lag.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { serializeTimeRange } from '../../lib/time-range.ts'
import { verdictOfLetter, worstCell } from './heat-scale.ts'

type MapShape = Pick<LagHeatMap, 'first' | 'stepMs' | 'columns' | 'measure'>

export type MapWords = {
  readonly value: (row: HeatRow, column: number) => string
  readonly time: (column: number) => string
  readonly cell: (row: HeatRow, column: number) => string
  /** The row in one sentence. */
  readonly row: (row: HeatRow) => string
}

export const useMapWords = (map: MapShape): MapWords => {
  const t = useTranslations('lag')
  const formats = useFormats()
  const { first, stepMs, columns, measure } = map
  return useMemo(() => {
    const isLong = columns * stepMs > 86_400_000
    const time = (column: number): string => {
      const endMs = first + column * stepMs
      const day = isLong ? `${formats.day(endMs - stepMs)} ` : ''
      const clock = stepMs < 60_000 ? formats.clockSeconds : formats.clock
      return `${day}${clock(endMs - stepMs)}–${clock(endMs)}`
    }
    const value = (row: HeatRow, column: number): string => {
      const cell = row.cells[column] ?? null
      if (cell === null) return t('cellEmpty')
      if (measure === 'records') return t('cellRecords', { value: formats.exact(cell) })
      const text = formats.duration(cell)
      return row.atLeast.includes(column) ? t('time.moreThan', { time: text }) : text
    }
    const cell = (row: HeatRow, column: number): string => {
      const verdict = verdictOfLetter(row.verdicts[column])
      return t('cell', {
        group: row.group,
        time: time(column),
        value: value(row, column),
        verdict: verdict
          ? t('cellVerdict', { verdict: `${t(`code.${verdict}`)} ${t(`meaning.${verdict}`)}` })
          : '',
      })
    }
    const row = (one: HeatRow): string => {
      const worst = worstCell(one.cells)
      if (worst === null) return t('rowEmpty', { group: one.group })
      const { column } = worst
      return t('row', { group: one.group, value: value(one, column), time: time(column) })
    }
    return { value, time, cell, row }
  }, [t, formats, first, stepMs, columns, measure])
}

/** Columns on either side of the one that was chosen. */
const AROUND = 10

/** The group's page with the range round a column. */
export const useMapLinks = (
  cluster: string,
  map: MapShape,
): ((group: string, column: number) => string) => {
  const links = useConsoleLinks()
  const { first, stepMs, measure } = map
  return useCallback(
    (group, column) => {
      const endMs = first + column * stepMs
      const fromMs = endMs - (AROUND + 1) * stepMs
      const toMs = endMs + AROUND * stepMs
      const range = serializeTimeRange({ kind: 'fixed', fromMs, toMs })
      return links.group(cluster, group, { range, measure })
    },
    [links, cluster, first, stepMs, measure],
  )
}
