import type { MetricSeries, QueryMetricsInput } from '../../contracts/metrics.ts'
import type { GetOverviewInput, Overview, Tile } from '../../contracts/overview.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { groupItemOf } from '../lag/packed.ts'
import { rankOf } from '../lag/verdict.ts'
import { readAllSeries } from '../metrics/query.ts'
import { chooseStepMs, type Point } from '../metrics/resample.ts'
import type { SeriesRange } from '../metrics/series.ts'
import { getSample } from '../sample/get.ts'
import { attentionOf, reasonsOf } from './attention.ts'
import { verdictOf } from './cluster-item.ts'
import { type KnownCluster, readBrokerInventory, readClusterInventory } from './inventory.ts'
import { type Cluster, clusterOf } from './registry.ts'
import type { BrokerItemRow, GroupItem } from './snapshot.ts'

const DEFAULT_SPAN_MS = 3_600_000
const TILE_POINTS = 60
const SERIES_SHOWN = 7
const GROUPS_LOOKED_AT = 50
const RATE_WINDOW_MS = 60_000

/** One page in one answer, all from the database. */
export async function getOverview({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: GetOverviewInput
}): Promise<Overview> {
  const cluster = clusterOf(input.cluster)
  const [known, brokers, groups, sample] = await Promise.all([
    readClusterInventory(cluster.id),
    readBrokerInventory(cluster.id),
    groupsInTrouble(cluster.id),
    getSample({ ctx, input: { cluster: cluster.id } }),
  ])
  const toMs = input.to ?? ctx.nowMs()
  const fromMs = input.from ?? toMs - DEFAULT_SPAN_MS
  const stepMs = chooseStepMs({ fromMs, toMs, stepMs: input.step })
  const range = { clusterId: cluster.id, fromMs, toMs, stepMs }
  const hasJmx = cluster.metrics.kind !== 'none'
  const picture = { known, brokers, groups, hasJmx, nowMs: ctx.nowMs() }
  const reasons = reasonsOf(picture)
  const [tiles, throughputByTopic, lagByGroup] = await Promise.all([
    readTiles(cluster, known, brokers, range),
    readSeries(cluster, range, { metric: 'bytes-in-rate', by: 'topic' }),
    readSeries(cluster, range, { metric: 'lag', by: 'group' }),
  ])
  return {
    verdict: verdictOf(known),
    reasons,
    attention: [...reasons, ...attentionOf(picture)],
    counts: countsOf(known, brokers),
    controllerId: known.snapshot?.controllerId ?? null,
    controllerSinceMs: known.snapshot?.controllerSinceMs ?? null,
    messagesInRate: known.snapshot?.messagesInRate ?? null,
    tiles,
    brokers: brokers.map((broker) => ({
      broker: broker.id,
      isOnline: broker.isOnline,
      isController: broker.isController,
      leaders: broker.leaders,
      preferredLeaders: broker.preferredLeaders,
      replicas: broker.replicas,
      sizeBytes: broker.sizeBytes,
    })),
    throughputByTopic,
    lagByGroup,
    sample,
    asOf: known.asOf,
  }
}

async function groupsInTrouble(clusterId: string): Promise<GroupItem[]> {
  const rows = await (await database()).groupInventory.findMany({
    where: { clusterId, deletedAt: null, verdictRank: { gte: rankOf('WARN') } },
    select: { item: true },
    orderBy: [{ verdictRank: 'desc' }, { totalLag: 'desc' }, { groupId: 'asc' }],
    take: GROUPS_LOOKED_AT,
  })
  return rows.map((row) => groupItemOf(row.item))
}

function countsOf(known: KnownCluster, brokers: readonly BrokerItemRow[]): Overview['counts'] {
  const { snapshot } = known
  return {
    brokersOnline: brokers.filter((broker) => broker.isOnline).length,
    brokersTotal: brokers.length,
    topics: snapshot?.topics ?? 0,
    partitions: snapshot?.partitions ?? 0,
    groups: snapshot?.groups ?? 0,
    partitionsUnderReplicated: snapshot?.partitionsUnderReplicated ?? 0,
    partitionsOffline: snapshot?.partitionsOffline ?? 0,
    partitionsNotPreferred: snapshot?.partitionsNotPreferred ?? 0,
  }
}

async function readSeries(
  cluster: Cluster,
  range: SeriesRange,
  query: Pick<QueryMetricsInput, 'metric' | 'by'>,
): Promise<MetricSeries[]> {
  const full = { cluster: cluster.id, names: undefined, limit: SERIES_SHOWN, ...query }
  return readAllSeries(await database(), full, range)
}

async function readTiles(
  cluster: Cluster,
  known: KnownCluster,
  brokers: readonly BrokerItemRow[],
  range: SeriesRange,
): Promise<Overview['tiles']> {
  const stepMs = Math.max(range.stepMs, Math.ceil((range.toMs - range.fromMs) / TILE_POINTS))
  const course = async (metric: QueryMetricsInput['metric']): Promise<Point[]> => {
    const series = await readSeries(cluster, { ...range, stepMs }, { metric, by: 'cluster' })
    return series[0]?.points ?? []
  }
  const [messagesIn, bytesIn, bytesOut, totalLag, produceP99Ms] = await Promise.all(
    (['messages-in-rate', 'bytes-in-rate', 'bytes-out-rate', 'lag', 'produce-p99-ms'] as const).map(
      course,
    ),
  )
  const sum = (pick: (broker: BrokerItemRow) => number | null): number | null => {
    const values = brokers.map(pick).filter((value) => value !== null)
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0)
  }
  const p99s = brokers.map((broker) => broker.produceP99Ms).filter((value) => value !== null)
  const isReachable = known.error === null
  const jmx = cluster.metrics.kind !== 'none' ? 'not-collected' : 'no-jmx'
  const tileOf = (
    points: Point[] | undefined,
    value: number | null | undefined,
    rest: { windowMs: number | null; missing: string },
  ): Tile => {
    const shown = isReachable ? (value ?? null) : null
    const missing = shown === null ? (isReachable ? rest.missing : 'cluster-unreachable') : null
    return { value: shown, windowMs: rest.windowMs, missing, points: points ?? [] }
  }
  const rate = { windowMs: RATE_WINDOW_MS, missing: jmx }
  const records = { windowMs: RATE_WINDOW_MS, missing: 'not-collected' }
  const lagNow = totalLag?.findLast((point) => point.value !== null)?.value
  return {
    messagesIn: tileOf(messagesIn, known.snapshot?.messagesInRate, records),
    bytesIn: tileOf(
      bytesIn,
      sum((broker) => broker.bytesInRate),
      rate,
    ),
    bytesOut: tileOf(
      bytesOut,
      sum((broker) => broker.bytesOutRate),
      rate,
    ),
    totalLag: tileOf(totalLag, lagNow, { windowMs: null, missing: 'no-commits' }),
    produceP99Ms: tileOf(produceP99Ms, p99s.length === 0 ? null : Math.max(...p99s), {
      windowMs: null,
      missing: jmx,
    }),
  }
}
