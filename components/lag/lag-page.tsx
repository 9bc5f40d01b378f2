'use client'

import { useTranslations } from 'next-intl'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { type LagHeatMap, verdictFilter } from '../../contracts/lag.ts'
import { useLagHeatMap } from '../../hooks/use-lag.ts'
import { useIsNarrow } from '../../hooks/use-media.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { AsOf } from '../ui/age.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Select } from '../ui/select.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { type State, StateMark } from '../ui/state-mark.tsx'
import { HeatLegend } from './heat-legend.tsx'
import { HeatMap } from './heat-map.tsx'
import { HeatTable } from './heat-table.tsx'
import { MeasureSwitch, useLagMeasure } from './measure-switch.tsx'
import { VerdictBasis } from './verdict-note.tsx'

const ANY = 'any'
const SORTS = ['worst', 'now', 'id'] as const
const VIEWS = ['map', 'table'] as const

const urlState = {
  search: parseAsString.withDefault(''),
  sort: parseAsStringLiteral(SORTS).withDefault('worst'),
  verdict: parseAsStringLiteral(verdictFilter.options),
  view: parseAsStringLiteral(VIEWS).withDefault('map'),
}

const useLagState = () => useQueryStates(urlState)

const Verdict = ({ map }: { map: LagHeatMap }) => {
  const t = useTranslations('lag')
  const err = map.rows.filter((row) => row.verdict === 'ERR').length
  const warn = map.rows.filter((row) => row.verdict === 'WARN').length
  const state: State = err > 0 ? 'critical' : warn > 0 ? 'attention' : 'healthy'
  return <StateMark state={state}>{t('verdictLine', { err, warn })}</StateMark>
}

const Toolbar = ({ pair }: { pair: ReturnType<typeof useLagState> }) => {
  const t = useTranslations('lag')
  const [state, setState] = pair
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <SearchInput
        isPageSearch
        label={t('search')}
        value={state.search}
        onChange={(search) => setState({ search })}
      />
      <Select
        aria-label={t('verdict')}
        className="w-44"
        value={state.verdict ?? ANY}
        onValueChange={(next) => setState({ verdict: verdictFilter.safeParse(next).data ?? null })}
        options={[
          { value: ANY, label: t('anyVerdict') },
          ...verdictFilter.options.map((one) => ({
            value: one,
            label: `${t(`code.${one}`)} · ${t(`meaning.${one}`)}`,
          })),
        ]}
      />
      <Select
        aria-label={t('sort')}
        className="w-48"
        value={state.sort}
        onValueChange={(next) => setState({ sort: SORTS.find((one) => one === next) ?? 'worst' })}
        options={SORTS.map((one) => ({ value: one, label: t(`sortOf.${one}`) }))}
      />
      <MeasureSwitch standard="seconds" />
      <Segmented
        aria-label={t('view')}
        value={state.view}
        onValueChange={(view) => setState({ view })}
        options={VIEWS.map((one) => ({ value: one, label: t(`viewOf.${one}`) }))}
      />
    </div>
  )
}

/** Which groups were behind when: a heat map of groups over time. */
export const LagPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('lag')
  const pair = useLagState()
  const [state] = pair
  const [measure] = useLagMeasure('seconds')
  const isNarrow = useIsNarrow()
  const isFiltered = state.search !== '' || state.verdict !== null
  const query = useLagHeatMap(cluster, {
    measure,
    sort: state.sort,
    columns: isNarrow ? 40 : 120,
    ...(state.search === '' ? {} : { search: state.search }),
    ...(state.verdict === null ? {} : { verdict: state.verdict }),
  })
  const map = query.data
  return (
    <>
      <PageHeader
        title={t('title')}
        verdict={map ? <Verdict map={map} /> : query.error ? null : <Skeleton className="w-60" />}
        aside={map ? <AsOf asOf={map.asOf} /> : null}
        actions={<VerdictBasis />}
      />
      <Toolbar pair={pair} />
      {query.error ? (
        <ProblemNote error={query.error} onRetry={() => query.refetch()} className="mb-3" />
      ) : null}
      {map === undefined ? (
        query.error ? null : (
          <Skeleton className="h-100 w-full" />
        )
      ) : map.rows.length === 0 ? (
        <div className="rounded-md border border-line bg-panel">
          {isFiltered ? (
            <EmptyState title={t('noMatch')} />
          ) : (
            <EmptyState title={t('emptyTitle')}>{t('emptyText')}</EmptyState>
          )}
        </div>
      ) : state.view === 'table' ? (
        <HeatTable cluster={cluster} map={map} />
      ) : (
        <div className="flex flex-col gap-3">
          <HeatMap cluster={cluster} map={map} />
          <HeatLegend measure={map.measure} />
        </div>
      )}
      {map && map.rows.length < map.total ? (
        <p className="mt-2 text-sm text-muted">
          {t('shown', { shown: map.rows.length, total: map.total })}
        </p>
      ) : null}
    </>
  )
}
