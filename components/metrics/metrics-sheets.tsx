'use client'

import type { ListChartsOutput, PinItem } from '../../contracts/charts.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { LINES_MAX, type PlacedChart, pinsOf, withPin } from '../../lib/chart-layout.ts'
import { ChartLinesSheet } from './chart-lines-sheet.tsx'
import type { useKnownCharts } from './chart-words.ts'
import { NEW_CHART, PinSheet } from './pin-sheet.tsx'

const PIN_SHEET = 'pin-attribute'
/** Followed by the chart's place in the layout: its id changes with its lines. */
const LINES_SHEET = 'chart-lines:'

/** Opens the sheets of the page; which one is open is in the address. */
export const useMetricsSheets = (charts: readonly PlacedChart[]) => {
  const { open } = useSheet()
  return {
    openPin: () => open(PIN_SHEET),
    openLines: (id: string) => open(`${LINES_SHEET}${charts.findIndex((one) => one.id === id)}`),
  }
}

type MetricsSheetsProps = {
  cluster: string
  list: ListChartsOutput
  known: ReturnType<typeof useKnownCharts>
  /** Null: all of the catalogue is shown, and with it what is pinned. */
  charts: readonly PlacedChart[] | null
  onChange: (charts: PlacedChart[]) => void
}

/** A chart that takes one more line. */
const hasRoom = ({ id }: PlacedChart): boolean => {
  const { length } = pinsOf(id)
  return length > 0 && length < LINES_MAX
}

export const MetricsSheets = (props: MetricsSheetsProps) => {
  const { cluster, list, known, onChange } = props
  const { sheet, isOpen, close } = useSheet()
  const isAdministrator = useIsAdministrator()
  const charts = props.charts ?? []
  if (isOpen(PIN_SHEET) && isAdministrator) {
    const targets = charts.filter(hasRoom).map(({ id, title }) => ({
      value: id,
      label: title ?? known.find(id)?.title ?? id,
    }))
    const pinned = (pin: PinItem, target: string) => {
      if (props.charts === null) return
      if (target !== NEW_CHART) return onChange(withPin(charts, target, pin.id))
      const isThere = charts.some(({ id }) => id === pin.id)
      if (!isThere) onChange([...charts, { id: pin.id, size: 1 }])
    }
    return (
      <PinSheet
        cluster={cluster}
        used={list.pins.length}
        max={list.pinsMax}
        targets={targets}
        onPinned={pinned}
        onClose={close}
      />
    )
  }
  const placed = sheet?.startsWith(LINES_SHEET)
    ? charts[Number(sheet.slice(LINES_SHEET.length))]
    : undefined
  const chart = placed ? known.find(placed.id) : null
  if (!chart || chart.pins.length === 0) return null
  return (
    <ChartLinesSheet
      charts={charts}
      chart={chart}
      pins={list.pins}
      onChange={onChange}
      onClose={close}
    />
  )
}
