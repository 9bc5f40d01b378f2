'use client'

import { Pin, PinOff, SquarePen } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { ListChartsOutput } from '../../contracts/charts.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useCharts, useLayout, useRestarts, useUnpinAttribute } from '../../hooks/use-charts.ts'
import type { PlacedChart } from '../../lib/chart-layout.ts'
import { ChartGroup } from '../charts/crosshair.tsx'
import { PageHeader } from '../frame/page-header.tsx'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { type Cell, ChartGrid, ChartStore } from './chart-grid.tsx'
import { type KnownChart, pinTitle, useKnownCharts } from './chart-words.ts'
import { LayoutMenu } from './layout-menu.tsx'
import { MetricsSheets, useMetricsSheets } from './metrics-sheets.tsx'
import { MetricsToolbar } from './metrics-toolbar.tsx'
import { contentOf, type MetricsView, useMetricsView } from './use-metrics-view.ts'

const SECTIONS = [
  'throughput',
  'latency',
  'saturation',
  'replication',
  'log',
  'controller',
  'quorum',
  'groups',
  'transactions',
  'process',
] as const

type Block = { readonly section: (typeof SECTIONS)[number] | 'own'; readonly cells: Cell[] }

const matches = (chart: KnownChart, search: string): boolean => {
  const text = [chart.title, ...chart.lines.map((line) => line.from)].join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

type Known = ReturnType<typeof useKnownCharts>

/** The catalogue by section and what was pinned, or the charts of a layout in one block. */
const blocksOf = (known: Known, view: MetricsView): Block[] => {
  const fits = (chart: KnownChart) =>
    chart.scopes.includes(view.scope) && matches(chart, view.search)
  if (view.charts !== null) {
    const cells = view.charts.flatMap(({ id, size, title }): Cell[] => {
      const found = known.find(id)
      const chart = found && title !== undefined ? { ...found, title } : found
      return chart && matches(chart, view.search) ? [{ chart, size }] : []
    })
    return cells.length === 0 ? [] : [{ section: 'own', cells }]
  }
  const cellsOf = (charts: readonly KnownChart[]): Cell[] =>
    charts.filter(fits).map((chart) => ({ chart, size: 1 }))
  const blocks: Block[] = SECTIONS.map((section) => ({
    section,
    cells: cellsOf(known.catalogue.filter((chart) => chart.section === section)),
  }))
  blocks.unshift({ section: 'own', cells: cellsOf(known.own) })
  return blocks.filter(({ cells }) => cells.length > 0)
}

/** Where the collector and the brokers began anew, on every chart. */
const useRestartMarks = (cluster: string) => {
  const t = useTranslations('metrics')
  const { data } = useRestarts(cluster)
  return useMemo(
    () =>
      (data?.items ?? []).map(({ t: atMs, broker }) => ({
        t: atMs,
        label: broker === null ? t('restartCollector') : t('restartBroker', { id: broker }),
      })),
    [data, t],
  )
}

const SectionLinks = ({ blocks }: { blocks: readonly Block[] }) => {
  const t = useTranslations('metrics')
  const tSection = useTranslations('catalogue.section')
  return (
    <nav
      aria-label={t('sections')}
      className="sticky top-(--frame-top) z-10 -mx-3 mb-3 overflow-x-auto border-b border-line bg-page px-3 py-1.5 sm:-mx-4 sm:px-4"
    >
      <ul className="-mx-1.5 flex whitespace-nowrap">
        {blocks.map(({ section, cells }) => (
          <li key={section}>
            <a
              href={`#${section}`}
              className="inline-flex h-7 items-center gap-1.5 rounded-md px-1.5 text-sm hover:bg-hover"
            >
              {tSection(section)}
              <span className="tabular text-xs text-muted">{cells.length}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const PinnedList = ({ cluster, list }: { cluster: string; list: ListChartsOutput }) => {
  const t = useTranslations('metrics')
  const unpin = useUnpinAttribute(cluster)
  return (
    <ul className="mt-3 flex flex-wrap gap-1.5">
      {list.pins.map((pin) => (
        <li key={pin.id}>
          <Button
            size="sm"
            aria-label={t('unpin', { attribute: pinTitle(pin) })}
            onClick={() => unpin.mutate(pin.id)}
          >
            <PinOff aria-hidden />
            <span className="max-w-72 truncate">{pinTitle(pin)}</span>
          </Button>
        </li>
      ))}
    </ul>
  )
}

type BodyProps = {
  cluster: string
  list: ListChartsOutput
  known: Known
  view: MetricsView
  onChange: (charts: PlacedChart[]) => void
  onLines: (id: string) => void
}

const MetricsBody = (props: BodyProps) => {
  const { cluster, list, known, view, onChange } = props
  const t = useTranslations('metrics')
  const tSection = useTranslations('catalogue.section')
  const isAdministrator = useIsAdministrator()
  const marks = useRestartMarks(cluster)
  const blocks = useMemo(() => blocksOf(known, view), [known, view])
  const placed = view.charts ?? []
  const edit = { charts: placed, onChange, onLines: props.onLines }
  const spare = [...known.own, ...known.catalogue].filter(
    (chart) => !placed.some(({ id }) => id === chart.id) && matches(chart, view.search),
  )
  return (
    <ChartGroup marks={marks}>
      {view.charts === null ? <SectionLinks blocks={blocks} /> : null}
      {blocks.length === 0 ? <EmptyState title={t('none')} /> : null}
      {blocks.map(({ section, cells }) => (
        <section
          key={section}
          id={section}
          className="mb-5 scroll-mt-[calc(var(--frame-top)+53px)]"
        >
          {view.charts === null ? (
            <h2 className="mb-2 text-base font-semibold">{tSection(section)}</h2>
          ) : null}
          <ChartGrid
            cluster={cluster}
            view={view}
            cells={cells}
            aria-label={tSection(section)}
            edit={view.isEditing && view.charts !== null ? edit : undefined}
          />
          {section === 'own' && view.charts === null && isAdministrator ? (
            <PinnedList cluster={cluster} list={list} />
          ) : null}
        </section>
      ))}
      {view.isEditing ? (
        <ChartStore
          charts={spare}
          onAdd={(chart) => onChange([...placed, { id: chart.id, size: 1 }])}
        />
      ) : null}
    </ChartGroup>
  )
}

/** Kafka's metrics as charts: all of them, those of a layout, or what was pinned. */
export const MetricsPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('metrics')
  const charts = useCharts(cluster)
  const address = useMetricsView(undefined)
  const saved = useLayout(cluster, address.layout)
  const { view, set } = useMetricsView(saved.data)
  const known = useKnownCharts(charts.data)
  const { openPin, openLines } = useMetricsSheets(view.charts ?? [])
  const place = (charts: PlacedChart[]) => set({ charts: charts.length === 0 ? null : charts })
  const shared = { cluster, known, onChange: place }
  const isAdministrator = useIsAdministrator()
  const { data: list } = charts
  const shown = useMemo(() => blocksOf(known, view).flatMap(({ cells }) => cells), [known, view])
  const openLayout = (layout: string) =>
    set({
      layout: layout === '' ? null : layout,
      ...{ charts: null, scope: null, names: null, vs: null, side: null, edit: null, q: null },
    })
  const edit = () => {
    // A layout begins with what was searched for, else with little.
    const found = view.search === '' ? [] : shown.map(({ chart }) => ({ id: chart.id, size: 1 }))
    const charts = view.charts ?? (found.length === 0 ? [{ id: 'messages-in', size: 1 }] : found)
    return set({ edit: view.isEditing ? null : true, charts: [...charts], q: null })
  }
  return (
    <>
      <PageHeader
        title={t('layoutTitle')}
        verdict={
          <span className="text-muted">
            {view.isEditing ? t('editHint') : t('verdict', { charts: shown.length, cluster })}
          </span>
        }
        actions={
          <>
            <LayoutMenu
              cluster={cluster}
              current={address.layout === '' ? undefined : saved.data}
              content={contentOf(view)}
              onOpen={openLayout}
            />
            <Button aria-pressed={view.isEditing} onClick={edit}>
              <SquarePen aria-hidden />
              {view.isEditing ? t('editDone') : t('edit')}
            </Button>
            {isAdministrator ? (
              <Button onClick={openPin}>
                <Pin aria-hidden />
                {t('pin')}
              </Button>
            ) : null}
          </>
        }
      />
      <MetricsToolbar cluster={cluster} view={view} set={set} />
      {saved.error && address.layout !== '' ? <ProblemNote error={saved.error} /> : null}
      {charts.error && !list ? (
        <ProblemNote error={charts.error} onRetry={() => charts.refetch()} />
      ) : null}
      {list ? (
        <>
          <MetricsBody {...shared} list={list} view={view} onLines={openLines} />
          <MetricsSheets {...shared} list={list} charts={view.charts} />
        </>
      ) : (
        <Skeleton className="h-[252px]" />
      )}
    </>
  )
}
