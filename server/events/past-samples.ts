import { setImmediate as turn } from 'node:timers/promises'
import { RateTracker } from '../collector/rates.ts'
import { database } from '../db/client.ts'
import { entityOf, type FieldName, WHOLE } from '../metrics/fields.ts'
import { readSamples, type SampleTable, type SeriesQuery } from '../metrics/read.ts'
import { type Retention, TIERS_MS } from '../metrics/tiers.ts'
import { environment } from '../settings/environment.ts'

const USUAL_MS = 5 * 60_000
/** Of ten thousand topics so many are unpacked before others have their turn. */
const ENTITIES_PER_TURN = 500
/** Farther apart than this, points say nothing of minutes. */
const MINUTE_MS = 60_000

export interface Past {
  readonly clusterId: string
  readonly atMs: number
  readonly nowMs: number
  readonly retention: Retention
}

export function pastOf(clusterId: string, atMs: number): Past {
  return { clusterId, atMs, nowMs: Date.now(), retention: environment().history }
}

/** Samples from so long before are as things were then: two points of the finest tier that still has them. */
export function reachMs({ atMs, nowMs, retention }: Past): number {
  const tier = TIERS_MS.find((one) => atMs >= nowMs - retention[one]) ?? 0
  return Math.max(USUAL_MS, 2.5 * tier)
}

type PastQuery = Pick<SeriesQuery, 'entities' | 'family' | 'wanted' | 'stepMs'> & {
  /** How far back, if farther than `reachMs`. */
  readonly backMs?: number
}

/** Up to then, as finely as they are kept; counters with their falls. Entities without any are left out. */
export async function readPastSamples(
  past: Past,
  { entities, backMs = 0, ...query }: PastQuery,
): Promise<Map<string, SampleTable>> {
  const db = await database()
  const { clusterId, atMs: toMs } = past
  const fromMs = toMs - Math.max(backMs, reachMs(past))
  const tables = new Map<string, SampleTable>()
  for (let i = 0; i < entities.length; i += ENTITIES_PER_TURN) {
    if (i > 0) await turn()
    const part = entities.slice(i, i + ENTITIES_PER_TURN)
    const range = { ...query, clusterId, fromMs, toMs, fold: 'rate' } as const
    for (const [entity, table] of await readSamples(db, { ...range, entities: part })) {
      tables.set(entity, table)
    }
  }
  return tables
}

/** How far apart the points are at the end of the table; 0: as they were taken. */
export function spacingOf({ spacings }: SampleTable): number {
  return spacings?.at(-1) ?? 0
}

export function isByTheMinute(table: SampleTable): boolean {
  return spacingOf(table) <= MINUTE_MS
}

/** Time of the last cycle before; null: none in reach. */
export async function lastCycleMs(past: Past): Promise<number | null> {
  const entity = entityOf.cluster()
  const read = { entities: [entity], family: 'health', wanted: isUptime } as const
  return (await readPastSamples(past, read)).get(entity)?.times.at(-1) ?? null
}

function isUptime(field: FieldName): boolean {
  return field === 'collectorUptimeMs'
}

/** Undefined where the last row is not of the last cycle: what was not answered then is not known. */
export function ofCycle(
  table: SampleTable | undefined,
  cycleMs: number | null,
): SampleTable | undefined {
  const lastMs = table?.times.at(-1)
  if (table === undefined || lastMs === undefined) return undefined
  return cycleMs !== null && lastMs < cycleMs - spacingOf(table) ? undefined : table
}

/** What the last row says of a field: by partition, or WHOLE. */
export function lastRow(table: SampleTable | undefined, field: FieldName): Map<number, number> {
  const row = new Map<number, number>()
  for (const { field: own, sub, values } of table?.series ?? []) {
    const value = own === field ? (values.at(-1) ?? Number.NaN) : Number.NaN
    if (!Number.isNaN(value)) row.set(sub, value)
  }
  return row
}

export function lastOf(table: SampleTable | undefined, field: FieldName): number | null {
  return lastRow(table, field).get(WHOLE) ?? null
}

/** Per second over the last minute, as the live pages have it; over the last two points where those are farther apart. */
export function rateOf(table: SampleTable | undefined, field: FieldName): number | null {
  const series = table?.series.filter((one) => one.field === field) ?? []
  if (table === undefined || series.length === 0) return null
  const rates = new RateTracker()
  let rate: number | null = null
  // Twice the minute, since a counter may be missing where it begins.
  const fromMs = (table.times.at(-1) ?? 0) - 2 * MINUTE_MS
  const first = Math.max(
    0,
    table.times.findLastIndex((tMs) => tMs <= fromMs),
  )
  for (let index = first; index < table.times.length; index++) {
    const counters: [number, number, number][] = []
    for (const { sub, values, drops } of series) {
      const value = values[index] ?? Number.NaN
      if (!Number.isNaN(value)) counters.push([sub, value, drops?.[index] ?? 0])
    }
    rate = rates.observe('', table.times[index] ?? 0, counters)
  }
  return rate
}
