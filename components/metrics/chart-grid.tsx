'use client'

import { ArrowLeft, ArrowRight, Layers, Maximize2, Minimize2, Plus, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { moved, type PlacedChart, resized } from '../../lib/chart-layout.ts'
import { Button } from '../ui/button.tsx'
import type { KnownChart } from './chart-words.ts'
import { MetricPanel } from './metric-panel.tsx'
import { NearCell } from './near-cell.tsx'
import type { MetricsView } from './use-metrics-view.ts'

export type Cell = { readonly chart: KnownChart; readonly size: number }

const SPAN: Readonly<Record<number, string>> = {
  1: '',
  2: 'lg:col-span-2',
  3: 'lg:col-span-2 2xl:col-span-3',
}

const EditButtons = ({ chart, edit }: { chart: KnownChart; edit: GridEdit }) => {
  const { title, id } = chart
  const { charts, onChange } = edit
  const t = useTranslations('metrics')
  const edits = [
    { label: t('earlier', { title }), icon: ArrowLeft, next: () => moved(charts, id, -1) },
    { label: t('later', { title }), icon: ArrowRight, next: () => moved(charts, id, 1) },
    { label: t('narrower', { title }), icon: Minimize2, next: () => resized(charts, id, -1) },
    { label: t('wider', { title }), icon: Maximize2, next: () => resized(charts, id, 1) },
    {
      label: t('remove', { title }),
      icon: X,
      next: () => charts.filter((one) => one.id !== id),
    },
  ]
  const lines = t('lines', { title })
  return (
    <>
      {chart.pins.length === 0 ? null : (
        <Button
          variant="ghost"
          size="iconSm"
          aria-label={lines}
          title={lines}
          onClick={() => edit.onLines(id)}
        >
          <Layers aria-hidden />
        </Button>
      )}
      {edits.map(({ label, icon: Icon, next }) => (
        <Button
          key={label}
          variant="ghost"
          size="iconSm"
          aria-label={label}
          title={label}
          onClick={() => onChange(next())}
        >
          <Icon aria-hidden />
        </Button>
      ))}
    </>
  )
}

/** Charts can be moved, sized and taken off, and the lines of one's own chosen. */
type GridEdit = {
  /** Of the whole layout, those that a search hides included. */
  readonly charts: readonly PlacedChart[]
  readonly onChange: (charts: PlacedChart[]) => void
  readonly onLines: (id: string) => void
}

type ChartGridProps = {
  cluster: string
  view: MetricsView
  cells: readonly Cell[]
  /** Left out: it is only looked at. */
  edit?: GridEdit | undefined
  'aria-label': string
}

export const ChartGrid = (props: ChartGridProps) => {
  const { cluster, view, cells, edit } = props
  // What stands side by side needs the room.
  const isWide = view.isSideBySide && (view.versus !== 'none' || view.scope !== 'cluster')
  return (
    <ul
      aria-label={props['aria-label']}
      className="grid grid-cols-1 gap-3 lg:grid-cols-2 2xl:grid-cols-3"
    >
      {cells.map(({ chart, size }) => {
        const actions = edit ? <EditButtons chart={chart} edit={edit} /> : undefined
        return (
          <NearCell key={chart.id} title={chart.title} className={SPAN[isWide ? 3 : size] ?? ''}>
            <MetricPanel cluster={cluster} chart={chart} view={view} actions={actions} />
          </NearCell>
        )
      })}
    </ul>
  )
}

/** What the layout lacks, by a click. */
export const ChartStore = (props: {
  charts: readonly KnownChart[]
  onAdd: (chart: KnownChart) => void
}) => {
  const t = useTranslations('metrics')
  return (
    <section aria-label={t('addChart')} className="mt-4">
      <h2 className="mb-2 text-sm font-semibold">{t('addChart')}</h2>
      <ul className="flex flex-wrap gap-1.5">
        {props.charts.map((chart) => (
          <li key={chart.id}>
            <Button
              size="sm"
              aria-label={t('add', { title: chart.title })}
              onClick={() => props.onAdd(chart)}
            >
              <Plus aria-hidden />
              <span className="max-w-64 truncate">{chart.title}</span>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
