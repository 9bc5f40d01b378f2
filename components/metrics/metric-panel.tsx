'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useMemo, useRef } from 'react'
import type { QueryChartOutput } from '../../contracts/charts.ts'
import { useChartBounds } from '../../hooks/use-chart-bounds.ts'
import { useChart } from '../../hooks/use-charts.ts'
import { useZoom } from '../../hooks/use-time-range.ts'
import { ChartMenu, useLogScale } from '../charts/chart-menu.tsx'
import { useSentence } from '../charts/chart-panel.tsx'
import { lastValue, limitSeries } from '../charts/limit-series.ts'
import { unitOf } from '../charts/metric-chart.tsx'
import { TimeChart } from '../charts/time-chart.tsx'
import type { ChartUnit } from '../charts/types.ts'
import { DropdownMenuLabel, DropdownMenuSeparator } from '../ui/dropdown-menu.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { Panel } from '../ui/panel.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { type KnownChart, useUnits } from './chart-words.ts'
import { type Facet, facetsOf } from './facets.ts'
import { type MetricsView, VERSUS } from './use-metrics-view.ts'

const CHART_PX = 184
const FACET_TITLE_PX = 18
/** More lines than this in one drawing nobody reads. */
const SERIES_MAX = 16

type MetricPanelProps = {
  cluster: string
  chart: KnownChart
  view: MetricsView
  actions?: ReactNode
}

const useFacets = (
  { chart, view }: MetricPanelProps,
  now: QueryChartOutput | undefined,
  past: QueryChartOutput | undefined,
  bounds: Facet['bounds'],
): Facet[] => {
  const t = useTranslations('metrics')
  const tChart = useTranslations('chart')
  return useMemo(() => {
    const facets = facetsOf({
      now: now?.series ?? [],
      past: view.versus === 'none' ? null : (past?.series ?? []),
      versusMs: VERSUS[view.versus],
      isSideBySide: view.isSideBySide,
      scope: view.scope,
      bounds,
      words: {
        title: chart.title,
        others: tChart('others'),
        before: t('before'),
        now: t('now'),
        nameOf: (name) => (view.scope === 'broker' ? t('broker', { id: name }) : name),
        lineOf: chart.lineOf,
      },
    })
    return facets.map((facet) => ({
      ...facet,
      series: limitSeries(facet.series, tChart('others'), SERIES_MAX),
    }))
  }, [now, past, bounds, view, chart, t, tChart])
}

const topOf = (facets: readonly Facet[]): number => {
  let top = 0
  for (const { series } of facets) {
    for (const { points } of series) {
      for (const { value } of points) if (value !== null && value > top) top = value
    }
  }
  return top
}

const Drawings = (props: {
  facets: readonly Facet[]
  unit: ChartUnit
  stepMs: number
  isStacked: boolean
}) => {
  const { facets, isStacked } = props
  const { zoomTo } = useZoom()
  const [isLog] = useLogScale()
  const isMany = facets.length > 1
  const top = isMany && !isStacked ? topOf(facets) : 0
  return (
    <div className="flex gap-3 overflow-x-auto">
      {facets.map((facet) => (
        <div key={facet.key} className={isMany ? 'min-w-64 flex-1' : 'min-w-0 flex-1'}>
          {isMany ? (
            <h3 className="h-[18px] truncate px-1 text-xs text-muted">{facet.title}</h3>
          ) : null}
          <TimeChart
            series={facet.series}
            bounds={facet.bounds}
            stepMs={props.stepMs}
            unit={props.unit}
            isStacked={isStacked}
            isLog={isLog}
            height={isMany ? CHART_PX - FACET_TITLE_PX : CHART_PX}
            top={top}
            legend="line"
            // The other time is not the page's: zooming it would lead elsewhere.
            {...(facet.key === 'before' ? {} : { onZoom: zoomTo })}
          />
        </div>
      ))}
    </div>
  )
}

const Sources = ({ chart }: { chart: KnownChart }) => (
  <>
    {chart.lines.slice(0, 16).map((line) => (
      <DropdownMenuLabel key={line.id}>
        <span className="block max-w-100 font-mono text-xs font-normal break-all">{line.from}</span>
      </DropdownMenuLabel>
    ))}
    <DropdownMenuSeparator />
  </>
)

/** One chart of the page: what its address asks for, drawn at a height that never changes. */
export const MetricPanel = (props: MetricPanelProps) => {
  const { cluster, chart, view } = props
  const t = useTranslations('metrics')
  const reason = useMissingReason()
  const frame = useRef<HTMLElement>(null)
  const names = view.scope === 'cluster' ? [] : view.names
  const query = { chart: chart.id, by: view.scope, names }
  const now = useChart(cluster, { ...query, beforeMs: 0 })
  const isVersus = view.versus !== 'none'
  const past = useChart(cluster, { ...query, beforeMs: VERSUS[view.versus] }, isVersus)
  const bounds = useChartBounds(now.dataUpdatedAt)
  const { data } = now
  const facets = useFacets(props, data, past.data, bounds)
  const unit = data ? unitOf[data.unit] : 'count'
  const all = facets.flatMap((facet) =>
    facet.series.map((one) =>
      facet.title === '' ? one : { ...one, label: `${facet.title} · ${one.label ?? one.name}` },
    ),
  )
  const sentence = useSentence({ title: chart.title, unit, bounds }, all)
  const hasPoints = all.some(({ points }) => lastValue(points) !== null)
  const without = data?.without ?? []
  const clash = useUnits().clashOf(chart.pins)
  const notes = [
    ...(clash === null ? [] : [clash]),
    ...(without.length === 0 ? [] : [t('without', { names: without.join(', ') })]),
  ]
  const isStacked = chart.isStacked && !(isVersus && !view.isSideBySide)
  return (
    <Panel
      title={<span title={chart.title}>{chart.title}</span>}
      note={hasPoints && notes.length > 0 ? notes.join('; ') : undefined}
      className="flex h-full flex-col overflow-hidden"
      bodyClassName="flex-1 px-2 py-2"
      actions={
        <>
          {props.actions}
          {hasPoints ? (
            <ChartMenu title={chart.title} canBeLog={!isStacked} series={all} frame={frame}>
              <Sources chart={chart} />
            </ChartMenu>
          ) : null}
        </>
      }
    >
      {now.error && !data ? (
        <ProblemNote error={now.error} onRetry={() => now.refetch()} />
      ) : !data ? (
        <Skeleton className="h-full w-full" />
      ) : !hasPoints ? (
        <div className="grid h-full place-items-center text-sm text-muted">
          <p className="max-w-90 text-center">{reason(data.missing)}</p>
        </div>
      ) : (
        <figure ref={frame}>
          <figcaption className="sr-only">{sentence}</figcaption>
          <Drawings facets={facets} unit={unit} stepMs={data.stepMs} isStacked={isStacked} />
        </figure>
      )}
    </Panel>
  )
}
