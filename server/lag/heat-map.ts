import {
  type GetLagHeatMapInput,
  HEAT_ROWS_MAX,
  type HeatRow,
  type LagHeatMap,
} from '../../contracts/lag.ts'
import { readClusterInventory } from '../clusters/inventory.ts'
import { intervalMsOf } from '../collector/interval.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { entityOf } from '../metrics/fields.ts'
import { readSamples, type SampleTable } from '../metrics/read.ts'
import { heatCells } from './heat-cells.ts'
import { groupItemOf } from './packed.ts'
import { ranksOf } from './verdict-filter.ts'

const DEFAULT_SPAN_MS = 3_600_000
const STEPS_MS = [
  10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 1_209_600, 2_592_000,
].map((seconds) => seconds * 1_000)

/** A row for each group that matches, from what the collector wrote of it; the cluster is not asked. */
export async function getLagHeatMap({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: GetLagHeatMapInput
}): Promise<LagHeatMap> {
  const { asOf, snapshot } = await readClusterInventory(input.cluster)
  const to = input.to ?? ctx.nowMs()
  const from = input.from ?? to - DEFAULT_SPAN_MS
  if (from >= to) throw refusal('range-empty')
  const db = await database()
  // A column holds a sample of every cycle, also while nobody looks at the cluster and it is read less often.
  const stepMsMin = intervalMsOf(snapshot?.partitions ?? 0, false)
  const grid = heatGrid({ fromMs: from, toMs: to, columns: input.columns, stepMsMin })
  const { groups, total } = await readGroups(db, input)
  const tables = await readSamples(db, {
    clusterId: input.cluster,
    entities: groups.map(({ item }) => entityOf.group(item.id)),
    family: 'health',
    fromMs: grid.firstMs - grid.stepMs + 1,
    toMs: grid.firstMs + (grid.columns - 1) * grid.stepMs,
    stepMs: grid.stepMs,
    fold: 'max',
    wanted: (field) => field === fieldOf(input.measure) || field === 'verdictRank',
  })
  const rows = groups.map(({ item }): HeatRow => {
    const { lagTime, totalLag, verdict, worst } = item
    const cells = heatCells(samplesOf(tables.get(entityOf.group(item.id)), input.measure), grid)
    return { group: item.id, lagTime, totalLag, verdict, cause: worst?.verdict ?? null, ...cells }
  })
  const { firstMs: first, stepMs, columns } = grid
  return {
    ...{ first, stepMs, columns, measure: input.measure, total, asOf },
    rows: input.sort === 'worst' ? byWorst(rows) : rows,
  }
}

/** Round columns, no more than asked for but the two at the ends; the last holds `toMs`. */
export function heatGrid(range: {
  fromMs: number
  toMs: number
  columns: number
  stepMsMin?: number
}) {
  const wantedMs = Math.max((range.toMs - range.fromMs) / range.columns, range.stepMsMin ?? 0)
  const stepMs =
    STEPS_MS.find((step) => step >= wantedMs) ?? Math.ceil(wantedMs / 86_400_000) * 86_400_000
  const firstMs = Math.floor(range.fromMs / stepMs) * stepMs + stepMs
  const lastMs = Math.ceil(range.toMs / stepMs) * stepMs
  return { firstMs, stepMs, columns: Math.max(1, Math.round((lastMs - firstMs) / stepMs) + 1) }
}

function fieldOf(measure: LagHeatMap['measure']): 'lagTwiceSeconds' | 'totalLag' {
  return measure === 'seconds' ? 'lagTwiceSeconds' : 'totalLag'
}

function samplesOf(table: SampleTable | undefined, measure: LagHeatMap['measure']) {
  const none = new Float64Array(0)
  const valuesOf = (field: string): Float64Array =>
    table?.series.find((series) => series.field === field)?.values ?? none
  return {
    times: table?.times ?? none,
    values: valuesOf(fieldOf(measure)),
    ranks: valuesOf('verdictRank'),
    isTime: measure === 'seconds',
  }
}

/** Furthest behind first; beyond HEAT_ROWS_MAX the least are left out, or the last by name. */
async function readGroups(db: Database, input: GetLagHeatMapInput) {
  const { low, high } = ranksOf(input.verdict)
  const known = await db.groupInventory.findMany({
    where: { clusterId: input.cluster, deletedAt: null, verdictRank: { gte: low, lte: high } },
    select: { groupId: true, totalLag: true, lagMs: true, item: true },
  })
  const search = (input.search ?? '').toLowerCase()
  const matching = known.filter(({ groupId }) => groupId.toLowerCase().includes(search))
  const sizeOf = (row: (typeof known)[number]): number =>
    (input.measure === 'seconds' ? row.lagMs : row.totalLag) ?? -1
  const byName = (a: { groupId: string }, b: { groupId: string }): number =>
    a.groupId < b.groupId ? -1 : 1
  matching.sort((a, b) => (input.sort === 'id' ? 0 : sizeOf(b) - sizeOf(a)) || byName(a, b))
  const groups = matching.slice(0, HEAT_ROWS_MAX).map(({ item }) => ({ item: groupItemOf(item) }))
  return { groups, total: matching.length }
}

function byWorst(rows: readonly HeatRow[]): HeatRow[] {
  const ranked = rows.map((row) => {
    let worst = -1
    for (const cell of row.cells) if (cell !== null && cell > worst) worst = cell
    return { row, worst }
  })
  return ranked.sort((a, b) => b.worst - a.worst).map(({ row }) => row)
}
