import type { QueryChartOutput } from '../../contracts/charts.ts'
import type { Bounds } from '../charts/rows.ts'
import type { ChartSeries } from '../charts/types.ts'

type Series = QueryChartOutput['series'][number]

/** One drawing of a panel; there are several where things stand side by side. */
export type Facet = {
  readonly key: string
  /** Empty: it is the panel's only one. */
  readonly title: string
  readonly series: readonly ChartSeries[]
  readonly bounds: Bounds
}

export type FacetWords = {
  readonly title: string
  readonly others: string
  readonly before: string
  readonly now: string
  readonly nameOf: (name: string) => string
  readonly lineOf: (line: string) => string
}

type FacetOptions = {
  readonly now: readonly Series[]
  /** The same of another range, at its own times; null: there is none. */
  readonly past: readonly Series[] | null
  readonly versusMs: number
  readonly isSideBySide: boolean
  readonly scope: 'cluster' | 'broker' | 'topic'
  readonly bounds: Bounds
  readonly words: FacetWords
}

const shifted = (bounds: Bounds, byMs: number): Bounds => ({
  fromMs: bounds.fromMs + byMs,
  toMs: bounds.toMs + byMs,
})

const namesIn = (series: readonly Series[]): string[] => [
  ...new Set(series.map((one) => (one.isOthers ? '' : one.name))),
]

/** How a series is called and coloured beside the others of its drawing. */
const drawn = (
  one: Series,
  all: readonly Series[],
  { scope, words }: FacetOptions,
): ChartSeries => {
  const lines = [...new Set(all.map(({ line }) => line))]
  const hasLines = lines.length > 1 || one.line !== ''
  const hasNames = namesIn(all).length > 1
  const isByName = lines.length === 1 && one.name !== ''
  const name = one.isOthers ? words.others : one.name === '' ? words.title : words.nameOf(one.name)
  const line = words.lineOf(one.line)
  const label = !hasLines ? name : hasNames ? `${name} · ${line}` : line
  return {
    name: `${one.name}/${one.line}/${one.isOthers}`,
    label,
    isOthers: one.isOthers,
    points: one.points,
    // Numbered ones count round the palette, so that neighbours differ.
    colorKey: isByName ? `${scope}:${one.name}` : `partition:${lines.indexOf(one.line) + 1}`,
  }
}

const ghostOf = (series: ChartSeries, { versusMs, words }: FacetOptions): ChartSeries => ({
  ...series,
  name: `before/${series.name}`,
  label: `${series.label ?? series.name} (${words.before})`,
  isGhost: true,
  points: series.points.map(({ t, value }) => ({ t: t + versusMs, value })),
})

const withGhosts = (
  now: readonly Series[],
  past: readonly Series[],
  options: FacetOptions,
): ChartSeries[] => [
  ...now.map((one) => drawn(one, now, options)),
  ...past.map((one) => ghostOf(drawn(one, past, options), options)),
]

/**
 * Side by side stand brokers or topics where there are several, else the two times; several lines of
 * several brokers stand side by side in any case: in one drawing nobody could tell them apart.
 */
export const facetsOf = (options: FacetOptions): Facet[] => {
  const { now, past, bounds, words } = options
  const names = namesIn(now)
  const lines = new Set(now.map(({ line }) => line))
  if (names.length > 1 && (options.isSideBySide || lines.size > 1)) {
    const inOrder = names.sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
    return inOrder.map((name) => {
      const own = (one: Series) => (one.isOthers ? '' : one.name) === name
      const series = withGhosts(now.filter(own), (past ?? []).filter(own), options)
      return { key: name, title: name === '' ? words.others : words.nameOf(name), series, bounds }
    })
  }
  if (options.isSideBySide && past !== null) {
    const ofPast = past.map((one) => drawn(one, past, options))
    return [
      {
        key: 'before',
        title: words.before,
        series: ofPast,
        bounds: shifted(bounds, -options.versusMs),
      },
      { key: 'now', title: words.now, series: now.map((one) => drawn(one, now, options)), bounds },
    ]
  }
  return [{ key: 'all', title: '', series: withGhosts(now, past ?? [], options), bounds }]
}
