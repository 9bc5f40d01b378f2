import type {
  ChartItem,
  ChartScope,
  ListChartsInput,
  ListChartsOutput,
  QueryChartInput,
  QueryChartOutput,
} from '../../contracts/charts.ts'
import { sharedUnit } from '../../lib/pin-unit.ts'
import { readBrokerInventory } from '../clusters/inventory.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { METRICS } from './catalog.ts'
import { CATALOGUE, catalogueChart } from './catalogue/catalogue.ts'
import {
  type BeanLine,
  type BeanSeries,
  type CatalogueChart,
  isStored,
  type StoredChart,
} from './catalogue/types.ts'
import { overBrokers, readLines } from './chart-series.ts'
import { listPins, PINS_MAX, pinsBySlot } from './pins.ts'
import { lacksMetrics, readAllSeries } from './query.ts'
import { chooseStepMs } from './resample.ts'
import type { SeriesRange } from './series.ts'

const DEFAULT_SPAN_MS = 3_600_000

const fromText = ({ mbean, attribute, path }: BeanSeries): string =>
  `${mbean} ${attribute}${path === undefined ? '' : `.${path}`}`

function scopesOf(chart: CatalogueChart): ChartScope[] {
  if (!isStored(chart)) return ['cluster', 'broker']
  const { sources } = METRICS[chart.metric]
  return (['cluster', 'broker', 'topic'] as const).filter((scope) => sources[scope])
}

function itemOf(chart: CatalogueChart): ChartItem {
  const { id, section, unit } = chart
  const isStacked = chart.isStacked === true
  const lines = isStored(chart)
    ? [{ id: '', from: chart.from }]
    : chart.lines.map((line) => ({ id: line.id, from: fromText(line.series) }))
  return { id, section, unit, isStacked, scopes: scopesOf(chart), lines }
}

export async function listCharts({
  input,
}: {
  ctx: ServiceContext
  input: ListChartsInput
}): Promise<ListChartsOutput> {
  const cluster = clusterOf(input.cluster)
  const pins = await listPins(cluster.id)
  return { charts: CATALOGUE.map(itemOf), pins, pinsMax: PINS_MAX }
}

/** Throws ServiceError `chart-unknown`, `range-empty`. */
export async function queryChart({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: QueryChartInput
}): Promise<QueryChartOutput> {
  const cluster = clusterOf(input.cluster)
  const to = input.to ?? ctx.nowMs()
  const from = input.from ?? to - DEFAULT_SPAN_MS
  if (from >= to) throw refusal('range-empty')
  const stepMs = chooseStepMs({ fromMs: from, toMs: to, stepMs: input.step })
  const range = { clusterId: cluster.id, fromMs: from, toMs: to, stepMs }
  const db = await database()
  const chart = await chartOf(db, cluster.id, input.chart)
  const answer = { chart: chart.id, unit: chart.unit, from, to, stepMs }
  if (!scopesOf(chart).includes(input.by)) {
    return { ...answer, series: [], without: [], missing: 'other-scope' }
  }
  const read = isStored(chart)
    ? await readStored(db, chart, input, range)
    : await readBeans(db, chart.lines, input, range)
  const hasPoints = read.series.some(({ points }) => points.some(({ value }) => value !== null))
  const missing = hasPoints ? null : await whyMissing(db, cluster, chart, range)
  return { ...answer, ...read, missing }
}

async function chartOf(db: Database, clusterId: string, id: string): Promise<CatalogueChart> {
  const known = catalogueChart(id)
  if (known !== null) return known
  if (!/^p\d/.test(id)) throw refusal('chart-unknown', { chart: id })
  const slots = id.slice(1).split('.').map(Number)
  const pins = await pinsBySlot(db, clusterId, slots)
  if (pins.length === 0) throw refusal('chart-unknown', { chart: id })
  const lines = pins.map((series): BeanLine => {
    const isCounter = series.stored === 'counter'
    const over = isCounter ? 'sum' : 'mean'
    return { id: `p${series.slot}`, series, show: isCounter ? 'rate' : 'level', over }
  })
  return { id, section: 'process', unit: sharedUnit(pins), lines }
}

type Read = Pick<QueryChartOutput, 'series' | 'without'>

async function readStored(
  db: Database,
  chart: StoredChart,
  input: QueryChartInput,
  range: SeriesRange,
): Promise<Read> {
  const { cluster, by, names, limit } = input
  const found = await readAllSeries(db, { cluster, metric: chart.metric, by, names, limit }, range)
  return { series: found.map((one) => ({ line: '', ...one })), without: [] }
}

async function readBeans(
  db: Database,
  lines: readonly BeanLine[],
  input: QueryChartInput,
  range: SeriesRange,
): Promise<Read> {
  if (input.by === 'topic') return { series: [], without: [] }
  const known = (await readBrokerInventory(input.cluster)).map((broker) => broker.id)
  const names = input.by === 'broker' ? input.names : undefined
  const brokerIds = names === undefined ? known : known.filter((id) => names.includes(String(id)))
  const found = await readLines(db, lines, { ...range, brokerIds })
  const without = brokerIds
    .filter((id) => !lines.some((line) => found.get(line.id)?.has(id)))
    .map(String)
  const shared = { isOthers: false }
  const series =
    input.by === 'cluster'
      ? lines.map((line) => ({
          ...shared,
          line: line.id,
          name: '',
          points: overBrokers(found, line, range.stepMs),
        }))
      : lines.flatMap((line) =>
          Array.from(found.get(line.id) ?? [], ([id, points]) => ({
            ...shared,
            line: line.id,
            name: String(id),
            points,
          })),
        )
  return { series: series.filter(({ points }) => points.length > 0), without }
}

/** Nothing of this chart, but something of the same brokers: they do not expose it. */
async function whyMissing(
  db: Database,
  cluster: Cluster,
  chart: CatalogueChart,
  range: SeriesRange,
): Promise<string> {
  const needsBeans = isStored(chart) ? METRICS[chart.metric].needsJmx : true
  if (!needsBeans) return 'not-collected'
  if (lacksMetrics(cluster)) return 'no-jmx'
  const anything = await readAllSeries(
    db,
    { cluster: cluster.id, metric: 'bytes-in-rate', by: 'cluster', names: undefined, limit: 1 },
    range,
  )
  const isCollected = anything.some(({ points }) => points.some(({ value }) => value !== null))
  return isCollected ? 'not-exposed' : 'not-collected'
}
