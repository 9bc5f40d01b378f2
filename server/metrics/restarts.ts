import type { ListRestartsInput, ListRestartsOutput } from '../../contracts/charts.ts'
import { readBrokerInventory } from '../clusters/inventory.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { readEvents } from '../events/list.ts'
import { entityOf, type FieldName, WHOLE } from './fields.ts'
import { readSamples, type SampleTable } from './read.ts'
import { chooseStepMs } from './resample.ts'

const DEFAULT_SPAN_MS = 3_600_000
/** The newest are shown: more marks than this say nothing. */
const RESTARTS_MAX = 200
const EVENTS_MAX = 500

type Restart = ListRestartsOutput['items'][number]

/** From the uptimes that were sampled: where one fell, somebody started anew; what no event tells, or tells no more. */
export async function listRestarts({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ListRestartsInput
}): Promise<ListRestartsOutput> {
  const cluster = clusterOf(input.cluster)
  const toMs = input.to ?? ctx.nowMs()
  const fromMs = input.from ?? toMs - DEFAULT_SPAN_MS
  const brokerIds = (await readBrokerInventory(cluster.id)).map((broker) => broker.id)
  const entities = [entityOf.cluster(), ...brokerIds.map((id) => entityOf.broker(id))]
  const tables = await readSamples(await database(), {
    clusterId: cluster.id,
    entities,
    family: 'health',
    fromMs,
    toMs,
    stepMs: chooseStepMs({ fromMs, toMs }),
    fold: 'rate',
    wanted: (field, sub) =>
      sub === WHOLE && (field === 'uptimeMs' || field === 'collectorUptimeMs'),
  })
  const items: Restart[] = startsIn(tables.get(entityOf.cluster()), 'collectorUptimeMs').map(
    (t) => ({ t, what: 'collector', broker: null }),
  )
  for (const broker of brokerIds) {
    for (const t of startsIn(tables.get(entityOf.broker(broker)), 'uptimeMs')) {
      items.push({ t, what: 'broker', broker })
    }
  }
  items.sort((a, b) => a.t - b.t)
  const inRange = items.filter(({ t }) => t >= fromMs && t <= toMs).slice(-RESTARTS_MAX)
  const isTold = await toldByEvents(await database(), cluster.id, inRange)
  return { items: inRange.filter((one) => !isTold(one)) }
}

/** An event of so soon after tells the same: charts mark those as well. */
const NEAR_MS = 120_000

async function toldByEvents(
  db: Database,
  cluster: string,
  restarts: readonly Restart[],
): Promise<(restart: Restart) => boolean> {
  const [first, last] = [restarts[0], restarts.at(-1)]
  if (first === undefined || last === undefined) return () => false
  const { items } = await readEvents(db, {
    ...{ cluster, from: first.t - NEAR_MS, to: last.t + NEAR_MS, limit: EVENTS_MAX },
    types: ['broker', 'collector'],
  })
  return ({ t, what, broker }) =>
    items.some(
      ({ type, subject, at }) =>
        type === what &&
        (broker === null || subject === String(broker)) &&
        Math.abs(at - t) <= NEAR_MS,
    )
}

/** When it started: the time of the first sample with the shorter uptime, less that uptime. */
export function startsIn(table: SampleTable | undefined, field: FieldName): number[] {
  const series = table?.series.find((one) => one.field === field)
  if (table === undefined || series === undefined) return []
  const starts: number[] = []
  let before = Number.NaN
  for (const [index, uptimeMs] of series.values.entries()) {
    if (Number.isNaN(uptimeMs)) continue
    const hasFallen = uptimeMs < before || (series.drops?.[index] ?? 0) > 0
    if (hasFallen) starts.push(Math.round((table.times[index] ?? 0) - uptimeMs))
    before = uptimeMs
  }
  return starts
}
