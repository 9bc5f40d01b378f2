'use client'

import {
  createParser,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from 'nuqs'
import { useMemo } from 'react'
import type { ChartScope, LayoutContent, LayoutItem } from '../../contracts/charts.ts'
import { type PlacedChart, parseLayout, serializeLayout } from '../../lib/chart-layout.ts'

const HOUR_MS = 3_600_000
export const VERSUS = { none: 0, hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS } as const
export type Versus = keyof typeof VERSUS

const parseAsLayout = createParser<PlacedChart[]>({
  parse: parseLayout,
  serialize: serializeLayout,
  eq: (a, b) => serializeLayout(a) === serializeLayout(b),
})

const parsers = {
  scope: parseAsStringLiteral(['cluster', 'broker', 'topic']),
  names: parseAsArrayOf(parseAsString),
  vs: parseAsStringLiteral(['none', 'hour', 'day', 'week']),
  side: parseAsBoolean,
  charts: parseAsLayout,
  layout: parseAsString.withDefault(''),
  q: parseAsString.withDefault(''),
  edit: parseAsBoolean.withDefault(false),
}

export type MetricsView = {
  readonly scope: ChartScope
  readonly names: readonly string[]
  readonly versus: Versus
  readonly isSideBySide: boolean
  /** Null: all of the catalogue, by section. */
  readonly charts: readonly PlacedChart[] | null
  readonly search: string
  readonly isEditing: boolean
}

const versusOf = (ms: number): Versus =>
  (Object.keys(VERSUS) as Versus[]).find((one) => VERSUS[one] === ms) ?? 'none'

/** What the page shows, all of it in the address: what that does not say, the saved layout does. */
export const useMetricsView = (saved: LayoutItem | undefined) => {
  const [state, set] = useQueryStates(parsers)
  const content = state.layout !== '' && saved?.id === state.layout ? saved.content : undefined
  const view = useMemo(
    (): MetricsView => ({
      scope: state.scope ?? content?.scope ?? 'cluster',
      names: state.names ?? content?.names ?? [],
      versus: state.vs ?? versusOf(content?.versusMs ?? 0),
      isSideBySide: state.side ?? content?.isSideBySide ?? false,
      charts: state.charts ?? content?.charts ?? null,
      search: state.q,
      isEditing: state.edit,
    }),
    [state, content],
  )
  return { view, set, layout: state.layout }
}

export type SetMetricsView = ReturnType<typeof useMetricsView>['set']

/** As it is saved; null while all charts are shown. */
export const contentOf = (view: MetricsView): LayoutContent | null =>
  view.charts === null
    ? null
    : {
        scope: view.scope,
        names: [...view.names],
        versusMs: VERSUS[view.versus],
        isSideBySide: view.isSideBySide,
        charts: [...view.charts],
      }
