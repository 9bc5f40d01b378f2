import type {
  MetricSeries,
  QueryMetricsInput,
  QueryMetricsOutput,
} from '../../contracts/metrics.ts'
import { readBrokerInventory, readClusterInventory } from '../clusters/inventory.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { METRICS, type Source } from './catalog.ts'
import { entityOf } from './fields.ts'
import { chooseStepMs, type Point } from './resample.ts'
import { othersOf, readGroupLags, readMetric, readOverBrokers, type SeriesRange } from './series.ts'
import { TIERS_MS, tierFor } from './tiers.ts'

const DEFAULT_SPAN_MS = 3_600_000
/** So many of the presently largest are looked at to find those that were largest in the range. */
const CANDIDATES = 40
const TOTALS_FROM_MS = 600_000

/**
 * Series of one metric from the samples; `others` is what the shown ones leave of the cluster's
 * total.
 */
export async function queryMetrics({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: QueryMetricsInput
}): Promise<QueryMetricsOutput> {
  const cluster = clusterOf(input.cluster)
  const { asOf } = await readClusterInventory(cluster.id)
  const to = input.to ?? ctx.nowMs()
  const from = input.from ?? to - DEFAULT_SPAN_MS
  if (from >= to) throw refusal('range-empty')
  const stepMs = chooseStepMs({ fromMs: from, toMs: to, stepMs: input.step })
  const definition = METRICS[input.metric]
  const range = { clusterId: cluster.id, fromMs: from, toMs: to, stepMs }
  const series = await readAllSeries(await database(), input, range)
  const hasPoints = series.some(({ points }) => points.some((point) => point.value !== null))
  const isJmxMissing = definition.needsJmx && lacksMetrics(cluster)
  const missing = hasPoints ? null : isJmxMissing ? 'no-jmx' : 'not-collected'
  return { metric: input.metric, unit: definition.unit, from, to, stepMs, series, missing, asOf }
}

/** Nothing but the wire protocol tells of this cluster. */
export function lacksMetrics(cluster: Cluster): boolean {
  return cluster.metrics.kind === 'none'
}

type Query = Pick<QueryMetricsInput, 'cluster' | 'metric' | 'by' | 'names' | 'limit'>

/** Also for the overview, which asks for several at once. */
export async function readAllSeries(
  db: Database,
  query: Query,
  range: SeriesRange,
): Promise<MetricSeries[]> {
  if (query.by === 'cluster') {
    const points = await readClusterSeries(db, query, range)
    return points === null ? [] : [{ name: '', isOthers: false, points }]
  }
  const { found, isComplete } = await readNamedSeries(db, query, range)
  const ordered = [...found].sort(([, a], [, b]) => meanOf(b) - meanOf(a))
  const shown = query.names === undefined ? ordered.slice(0, query.limit) : ordered
  const series = shown.map(([name, points]) => ({ name, isOthers: false, points }))
  const isAll = query.names !== undefined || (isComplete && shown.length === ordered.length)
  if (isAll || !hasMeaningfulSum(query)) return series
  const total = await readClusterSeries(db, query, range)
  if (total === null) return series
  const others = othersOf(
    total,
    shown.map(([, points]) => points),
  )
  return [...series, { name: '', isOthers: true, points: others }]
}

/** Latencies of brokers do not add up to anything. */
function hasMeaningfulSum(query: Query): boolean {
  return METRICS[query.metric].fold !== 'max'
}

function meanOf(points: readonly Point[]): number {
  let sum = 0
  for (const { value } of points) sum += value ?? 0
  return points.length === 0 ? 0 : sum / points.length
}

async function readClusterSeries(
  db: Database,
  query: Query,
  range: SeriesRange,
): Promise<Point[] | null> {
  const source = METRICS[query.metric].sources.cluster
  if (source === undefined) return null
  if (source.overBrokers === undefined) {
    const entity = entityOf.cluster()
    const read = await readMetric(db, query.metric, source, { ...range, entities: [entity] })
    return read.get(entity) ?? []
  }
  const brokers = await readBrokerInventory(query.cluster)
  const brokerIds = brokers.map((broker) => broker.id)
  return readOverBrokers(db, query.metric, source, { ...range, brokerIds })
}

interface Named {
  readonly found: Map<string, Point[]>
  /** These are all there are. */
  readonly isComplete: boolean
}

async function readNamedSeries(db: Database, query: Query, range: SeriesRange): Promise<Named> {
  const source = METRICS[query.metric].sources[query.by]
  if (query.by === 'group') {
    return query.metric === 'lag' ? readLagByGroup(db, query, range) : nothing()
  }
  if (source === undefined) return nothing()
  if (query.by === 'broker') return readByBroker(db, query, source, range)
  return readByTopic(db, query, source, range)
}

function nothing(): Named {
  return { found: new Map(), isComplete: true }
}

async function readByBroker(
  db: Database,
  query: Query,
  source: Source,
  range: SeriesRange,
): Promise<Named> {
  const known = (await readBrokerInventory(query.cluster)).map((broker) => String(broker.id))
  const names = query.names ?? known
  const entities = names.map((name) => entityOf.broker(Number(name)))
  const read = await readMetric(db, query.metric, source, { ...range, entities })
  return { found: renamed(names, entities, read), isComplete: true }
}

async function readByTopic(
  db: Database,
  query: Query,
  source: Source,
  range: SeriesRange,
): Promise<Named> {
  const order = query.metric === 'size-bytes' ? 'sizeBytes' : rateColumn(query)
  const rows = await db.topicInventory.findMany({
    where: {
      clusterId: query.cluster,
      deletedAt: null,
      ...(query.names === undefined ? { isInternal: false } : { name: { in: query.names } }),
    },
    select: { name: true, topicKey: true },
    orderBy: [{ [order]: 'desc' }, { name: 'asc' }],
    take: query.names === undefined ? CANDIDATES + 1 : query.names.length,
  })
  const chosen = query.names === undefined ? rows.slice(0, CANDIDATES) : rows
  const read = async (some: readonly (typeof rows)[number][], stepMs: number) => {
    const entities = some.map((row) => entityOf.topic(row.topicKey))
    const found = await readMetric(db, query.metric, source, { ...range, stepMs, entities })
    return renamed(
      some.map((row) => row.name),
      entities,
      found,
    )
  }
  const shown = await largestOf(chosen, { query, range, nameOf: (row) => row.name, read })
  const isComplete = shown.length === rows.length
  return { found: await read(shown, range.stepMs), isComplete }
}

/**
 * Which of them were largest in the range. Those that are to be shown are read as finely as asked for; to choose them
 * the next coarser tier will do, which has a tenth of the points or fewer.
 */
async function largestOf<T>(
  candidates: readonly T[],
  from: {
    query: Query
    range: SeriesRange
    nameOf: (one: T) => string
    read: (some: readonly T[], stepMs: number) => Promise<Map<string, Point[]>>
  },
): Promise<readonly T[]> {
  const { query, range, nameOf, read } = from
  const tier = tierFor(range.stepMs)
  const coarser = TIERS_MS.find((one) => one > tier)
  const limit = query.limit
  const isFew = query.names !== undefined || candidates.length <= limit
  if (isFew || coarser === undefined || (range.toMs - range.fromMs) / coarser < 24)
    return candidates
  const found = await read(candidates, coarser)
  const meanBy = new Map([...found].map(([name, points]) => [name, meanOf(points)] as const))
  const mean = (one: T): number => meanBy.get(nameOf(one)) ?? -1
  return [...candidates].sort((a, b) => mean(b) - mean(a)).slice(0, limit)
}

function rateColumn(query: Query): 'messagesInRate' | 'bytesInRate' {
  return query.metric === 'messages-in-rate' ? 'messagesInRate' : 'bytesInRate'
}

interface LaggedGroup {
  groupId: string
  topicKeys: string[]
}

async function readLagByGroup(db: Database, query: Query, range: SeriesRange): Promise<Named> {
  const rows = await db.groupInventory.findMany({
    where: {
      clusterId: query.cluster,
      ...(query.names === undefined
        ? { deletedAt: null, totalLag: { not: null } }
        : { groupId: { in: query.names } }),
    },
    select: { groupId: true, detail: true },
    orderBy: [{ totalLag: 'desc' }, { groupId: 'asc' }],
    take: query.names === undefined ? CANDIDATES + 1 : query.names.length,
  })
  const chosen = query.names === undefined ? rows.slice(0, CANDIDATES) : rows
  const groups = chosen.map((row) => {
    // Safe because the collector alone writes the column, in this shape.
    const { topicKeys } = JSON.parse(row.detail) as { topicKeys: Record<string, string> }
    return { groupId: row.groupId, topicKeys: Object.values(topicKeys) }
  })
  const totals = (some: readonly LaggedGroup[], stepMs: number) =>
    readTotalLags(db, some, { ...range, stepMs })
  const nameOf = (one: LaggedGroup) => one.groupId
  const shown = await largestOf(groups, { query, range, nameOf, read: totals })
  const found = await readShownLags(db, shown, range)
  return { found, isComplete: shown.length === rows.length }
}

/** Each group's lag over all it reads is a series of its own. */
async function readTotalLags(
  db: Database,
  groups: readonly LaggedGroup[],
  range: SeriesRange,
): Promise<Map<string, Point[]>> {
  const names = groups.map(({ groupId }) => groupId)
  const entities = names.map((name) => entityOf.group(name))
  const source: Source = { family: 'health', field: 'totalLag' }
  return renamed(names, entities, await readMetric(db, 'lag', source, { ...range, entities }))
}

/**
 * From the offsets of all partitions, so that lag is told wherever these are; of long ranges from the totals, a
 * hundredth of the points, for groups that have any there.
 */
async function readShownLags(
  db: Database,
  groups: readonly LaggedGroup[],
  range: SeriesRange,
): Promise<Map<string, Point[]>> {
  if (tierFor(range.stepMs) < TOTALS_FROM_MS) return readGroupLags(db, groups, range)
  const totals = await readTotalLags(db, groups, range)
  const hasTotal = ({ groupId }: LaggedGroup) =>
    totals.get(groupId)?.some(({ value }) => value !== null) === true
  const others = await readGroupLags(
    db,
    groups.filter((group) => !hasTotal(group)),
    range,
  )
  return new Map([...totals, ...others])
}

function renamed(
  names: readonly string[],
  entities: readonly string[],
  read: ReadonlyMap<string, Point[]>,
): Map<string, Point[]> {
  const result = new Map<string, Point[]>()
  for (const [index, name] of names.entries()) {
    const points = read.get(entities[index] ?? '')
    if (points !== undefined) result.set(name, points)
  }
  return result
}
