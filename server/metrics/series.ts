import type { MetricName } from '../../contracts/metrics.ts'
import type { Database } from '../db/client.ts'
import { METRICS, type Source } from './catalog.ts'
import { entityOf, WHOLE } from './fields.ts'
import { readGroupSamples } from './group-samples.ts'
import { totalLag } from './lag.ts'
import { readSamples } from './read.ts'
import {
  makeGrid,
  maxOf,
  onGrid,
  type Point,
  ratesOf,
  sumOf,
  toPoints,
  withoutSeams,
} from './resample.ts'

export interface SeriesRange {
  readonly clusterId: string
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** One metric of several entities: topics, brokers, or the cluster alone. */
export async function readMetric(
  db: Database,
  metric: MetricName,
  source: Source,
  range: SeriesRange & { entities: readonly string[] },
): Promise<Map<string, Point[]>> {
  const { kind, fold } = METRICS[metric]
  // A node broker's memory is what is resident; a JVM's is its heap.
  const fields =
    metric === 'memory-used-bytes' ? ['residentBytes', 'heapUsedBytes'] : [source.field]
  const tables = await readSamples(db, {
    clusterId: range.clusterId,
    entities: range.entities,
    family: source.family,
    fromMs: range.fromMs,
    toMs: range.toMs,
    stepMs: range.stepMs,
    fold: kind === 'rate' ? 'rate' : fold,
    wanted: (field) => fields.includes(field),
  })
  const result = new Map<string, Point[]>()
  for (const [entity, table] of tables) {
    const grid = makeGrid(table.times, range.stepMs, table.spacings)
    const first = fields.find((field) => table.series.some((series) => series.field === field))
    const columns = (isWhole: boolean): Float64Array[] =>
      table.series
        .filter(({ field, sub }) => field === first && (sub === WHOLE) === isWhole)
        .map(({ values, drops, counts }) =>
          kind === 'rate'
            ? ratesOf(grid, { times: table.times, values, drops })
            : onGrid(grid, values, fold, counts),
        )
    // Older samples of a topic are of each broker or partition, newer ones of the whole.
    const parts = sumOf(columns(false), grid.points.length)
    const whole = sumOf(columns(true), grid.points.length)
    const column = whole.map((value, index) =>
      Number.isNaN(value) ? (parts[index] ?? value) : value,
    )
    result.set(entity, toPoints(grid, column))
  }
  return result
}

/** A cluster's figure made of all its brokers'. Their samples share the cycles' times. */
export async function readOverBrokers(
  db: Database,
  metric: MetricName,
  source: Source,
  range: SeriesRange & { brokerIds: readonly number[] },
): Promise<Point[]> {
  const entities = range.brokerIds.map((id) => entityOf.broker(id))
  const byBroker = await readMetric(db, metric, source, { ...range, entities })
  const points = combinePoints([...byBroker.values()], source.overBrokers ?? 'sum')
  return withoutSeams(points, range.stepMs)
}

/** Point by point over series that share their times, as samples of one collector do. */
export function combinePoints(series: readonly (readonly Point[])[], how: 'sum' | 'max'): Point[] {
  const times = [...new Set(series.flatMap((points) => points.map((point) => point.t)))]
  times.sort((a, b) => a - b)
  const indexOf = new Map(times.map((t, index) => [t, index] as const))
  const columns = series.map((points) => {
    const column = new Float64Array(times.length).fill(Number.NaN)
    for (const { t, value } of points) {
      if (value !== null) column[indexOf.get(t) ?? 0] = value
    }
    return column
  })
  const combined = how === 'sum' ? sumOf(columns, times.length) : maxOf(columns, times.length)
  return times.map((t, index) => {
    const value = combined[index] ?? Number.NaN
    return { t, value: Number.isNaN(value) ? null : value }
  })
}

/** What is left of `total` when `shown` are taken away; never negative. */
export function othersOf(total: readonly Point[], shown: readonly (readonly Point[])[]): Point[] {
  const sums = new Map(combinePoints(shown, 'sum').map((point) => [point.t, point.value] as const))
  return total.map(({ t, value }) => {
    if (value === null) return { t, value }
    return { t, value: Math.max(0, value - (sums.get(t) ?? 0)) }
  })
}

/** Total lag of groups, each over all topics it has a position in. */
export async function readGroupLags(
  db: Database,
  groups: readonly { groupId: string; topicKeys: readonly string[] }[],
  range: SeriesRange,
): Promise<Map<string, Point[]>> {
  const { clusterId, fromMs, toMs, stepMs } = range
  const samples = await readGroupSamples(db, groups, { clusterId, fromMs, toMs, stepMs })
  const result = new Map<string, Point[]>()
  for (const { groupId, topicKeys: keys } of groups) {
    const totals = keys.flatMap((key) => {
      const table = samples.committedIn(groupId, key)
      if (table === undefined) return []
      const total = totalLag(table, samples.endsOf(key), stepMs)
      return [total.map(({ t, lag }) => ({ t, value: lag }))]
    })
    if (totals.length > 0) result.set(groupId, combinePoints(totals, 'sum'))
  }
  return result
}
