import type { Database } from '../db/client.ts'
import { type Dialect, dialectOf, sql } from '../db/dialect.ts'
import { type ChunkContent, decodeChunk, type Stat } from './chunk.ts'
import { FAMILIES, type Family, type FieldName } from './fields.ts'
import { maxSpanMs, TIERS_MS, type TierMs, tierFor } from './tiers.ts'

/** What a rolled-up point should say of its samples; `rate` wants the last value and the counter's falls. */
export type Fold = 'last' | 'mean' | 'max' | 'rate'

export interface TierSegment {
  readonly tierMs: TierMs
  readonly content: ChunkContent
}

export interface TierQuery {
  readonly clusterId: string
  readonly entities: readonly string[]
  readonly family: Family
  readonly fromMs: number
  readonly toMs: number
  readonly wanted: (field: FieldName, sub: number) => boolean
  readonly stepMs?: number
  readonly fold?: Fold
}

/**
 * Each entity's chunks in order of time, none overlapping: the tier that fits the step, coarser ones for what that
 * tier keeps no longer, finer ones for what it does not have yet. At most one query a tier.
 */
export async function readTiers(
  db: Database,
  query: TierQuery,
): Promise<Map<string, TierSegment[]>> {
  const tier = tierFor(query.stepMs ?? 0)
  const index = TIERS_MS.indexOf(tier)
  const segments = new Map<string, TierSegment[]>()
  for (const entity of query.entities) segments.set(entity, [])
  const fitting = await readTier(db, query, { tier, fromMs: query.fromMs, toMs: query.toMs })
  for (const [entity, found] of fitting) segments.get(entity)?.push(...found)
  for (const coarser of TIERS_MS.slice(index + 1)) {
    const oldest = (entity: string): number =>
      segments.get(entity)?.[0]?.content.times[0] ?? query.toMs + 1
    const toMs = Math.max(...query.entities.map(oldest)) - 1
    if (toMs - query.fromMs < coarser) break
    const found = await readTier(db, query, { tier: coarser, fromMs: query.fromMs, toMs })
    for (const [entity, list] of found) {
      segments.get(entity)?.unshift(...cutAll(list, query.fromMs, oldest(entity) - 1))
    }
  }
  for (const finer of TIERS_MS.slice(0, index).reverse()) {
    const newest = (entity: string): number =>
      segments.get(entity)?.at(-1)?.content.times.at(-1) ?? query.fromMs - 1
    const fromMs = Math.min(...query.entities.map(newest)) + 1
    if (fromMs > query.toMs) break
    const found = await readTier(db, query, { tier: finer, fromMs, toMs: query.toMs })
    for (const [entity, list] of found) {
      segments.get(entity)?.push(...cutAll(list, newest(entity) + 1, query.toMs))
    }
  }
  return segments
}

const STATS_OF: Readonly<Record<Fold, readonly Stat[]>> = {
  last: ['last'],
  mean: ['last', 'mean', 'count'],
  max: ['last', 'max'],
  rate: ['last', 'dropped'],
}

const WHERE_CHUNKS = `"clusterId" = ? AND "family" = ? AND "resolutionMs" = ?
  AND "startMs" BETWEEN ? AND ?`

/**
 * Entity by entity over the primary key, from the first chunk that may reach into the range on. Left to itself SQLite
 * takes the index by time, and reads every chunk of the cluster, as soon as three entities are asked for. The entities
 * come first of the parameters: as one JSON array, or each as one.
 */
export function chunksOf(dialect: Dialect, entityCount: number): string {
  if (dialect === 'sqlite') {
    return `SELECT "entity", "data" FROM json_each(?) AS asked CROSS JOIN "Chunk"
      ON "entity" = asked.value AND ${WHERE_CHUNKS} WHERE +"endMs" >= ? ORDER BY "startMs"`
  }
  const asked = Array.from({ length: entityCount }, () => '?').join(', ')
  const hint = dialect === 'mysql' ? 'FORCE INDEX (PRIMARY)' : ''
  return sql(
    dialect,
    `SELECT "entity", "data" FROM "Chunk" ${hint} WHERE "entity" IN (${asked}) AND ${WHERE_CHUNKS}
     AND "endMs" + 0 >= ? ORDER BY "startMs"`,
  )
}

async function readTier(
  db: Database,
  query: TierQuery,
  range: { tier: TierMs; fromMs: number; toMs: number },
): Promise<Map<string, TierSegment[]>> {
  if (query.entities.length === 0) return new Map()
  const dialect = dialectOf(db)
  const { entities } = query
  const rows = await db.$queryRawUnsafe<{ entity: string; data: Uint8Array<ArrayBuffer> }[]>(
    chunksOf(dialect, entities.length),
    ...(dialect === 'sqlite' ? [JSON.stringify(entities)] : entities),
    query.clusterId,
    FAMILIES[query.family],
    range.tier,
    range.fromMs - maxSpanMs(range.tier),
    range.toMs,
    range.fromMs,
  )
  const stats = STATS_OF[query.fold ?? 'last']
  const wanted = (field: FieldName, sub: number, stat: Stat): boolean =>
    stats.includes(stat) && query.wanted(field, sub)
  const found = new Map<string, TierSegment[]>()
  for (const row of rows) {
    const list = found.get(row.entity) ?? []
    list.push({ tierMs: range.tier, content: decodeChunk(row.data, wanted) })
    found.set(row.entity, list)
  }
  return found
}

function cutAll(segments: readonly TierSegment[], fromMs: number, toMs: number): TierSegment[] {
  return segments
    .map(({ tierMs, content }) => ({ tierMs, content: cutChunk(content, fromMs, toMs) }))
    .filter(({ content }) => content.times.length > 0)
}

/** The points within the range, both ends inclusive. */
export function cutChunk(segment: ChunkContent, fromMs: number, toMs: number): ChunkContent {
  const { times, series } = segment
  let start = 0
  while (start < times.length && (times[start] ?? 0) < fromMs) start++
  let end = times.length
  while (end > start && (times[end - 1] ?? 0) > toMs) end--
  if (start === 0 && end === times.length) return segment
  return {
    times: times.subarray(start, end),
    series: series.map((s) => ({ ...s, values: s.values.subarray(start, end) })),
  }
}
