import type { Database } from '../db/client.ts'
import type { ChunkContent, Series } from './chunk.ts'
import type { Family, FieldName } from './fields.ts'
import { decodeSamples, indexJournal, type JournalIndex, journalKey } from './journal.ts'
import { cutChunk, type Fold, readTiers, type TierSegment } from './read-tiers.ts'

export interface SeriesQuery {
  readonly clusterId: string
  readonly entities: readonly string[]
  readonly family: Family
  /** Inclusive. */
  readonly fromMs: number
  /** Inclusive. */
  readonly toMs: number
  /** Leaves out what is not asked for before it is unpacked. */
  readonly wanted?: (field: FieldName, sub: number) => boolean
  /** How far apart the chart's points are: coarser tiers serve coarser charts. 0: as fine as there is. */
  readonly stepMs?: number
  /** What a rolled-up point should say; `last` when left out. */
  readonly fold?: Fold
}

/** All samples of one entity in a range: one value per time and series, NaN where there is none. */
export interface SampleTable {
  readonly times: Float64Array
  /** How far apart samples usually are, at each time, where they come from a coarser tier; else 0. */
  readonly spacings?: Float64Array
  readonly series: readonly TableSeries[]
}

export interface TableSeries {
  readonly field: FieldName
  readonly sub: number
  readonly values: Float64Array
  /** For the fold `rate`: how far the counter fell within each rolled-up point. */
  readonly drops?: Float64Array
  /** For the fold `mean`: how many samples each point stands for. */
  readonly counts?: Float64Array
}

/** Rows once indexed serve every query until the collector has moved them into chunks. */
const journalCache = new Map<string, Map<number, JournalIndex>>()

/** Entities without a sample in the range are left out. */
export async function readSamples(
  db: Database,
  query: SeriesQuery,
): Promise<Map<string, SampleTable>> {
  const wanted = query.wanted ?? (() => true)
  const segments = await readTiers(db, { ...query, wanted })
  const rows = await readJournal(db, query.clusterId)
  const journal = rows.filter(([tMs]) => tMs >= query.fromMs && tMs <= query.toMs)
  const tables = new Map<string, SampleTable>()
  for (const entity of query.entities) {
    const chunks = segments.get(entity) ?? []
    const lastMs = chunks.at(-1)?.content.times.at(-1) ?? 0
    const tail = journalSegment(journal, journalKey(entity, query.family), { lastMs, wanted })
    const table = joinSegments([...chunks, { tierMs: 0, content: tail }], query)
    if (table.times.length > 0) tables.set(entity, table)
  }
  return tables
}

async function readJournal(
  db: Database,
  clusterId: string,
): Promise<(readonly [number, JournalIndex])[]> {
  const keys = await db.journal.findMany({
    where: { clusterId },
    select: { tMs: true },
    orderBy: { tMs: 'asc' },
  })
  const times = keys.map((row) => Number(row.tMs))
  const cached = journalCache.get(clusterId) ?? new Map<number, JournalIndex>()
  const missing = times.filter((tMs) => !cached.has(tMs))
  const rows =
    missing.length === 0
      ? []
      : await db.journal.findMany({
          where: { clusterId, tMs: { in: missing.map((tMs) => BigInt(tMs)) } },
        })
  const next = new Map<number, JournalIndex>()
  for (const tMs of times) {
    const known = cached.get(tMs)
    if (known !== undefined) next.set(tMs, known)
  }
  for (const row of rows) next.set(Number(row.tMs), indexJournal(row.data))
  journalCache.set(clusterId, next)
  return [...next].sort(([a], [b]) => a - b)
}

function journalSegment(
  journal: readonly (readonly [number, JournalIndex])[],
  key: string,
  options: { lastMs: number; wanted: (field: FieldName, sub: number) => boolean },
): ChunkContent {
  const points: { tMs: number; body: Buffer }[] = []
  for (const [tMs, row] of journal) {
    const body = tMs > options.lastMs ? row.get(key) : undefined
    if (body !== undefined) points.push({ tMs, body })
  }
  const times = Float64Array.from(points, (point) => point.tMs)
  const series = new Map<string, Series>()
  for (const [index, { body }] of points.entries()) {
    for (const { field, sub, value } of decodeSamples(body, options.wanted)) {
      const id = `${field}:${sub}`
      let entry = series.get(id)
      if (entry === undefined) {
        const values = new Float64Array(points.length).fill(Number.NaN)
        entry = { field, sub, stat: 'last', values }
        series.set(id, entry)
      }
      entry.values[index] = value
    }
  }
  return { times, series: [...series.values()] }
}

function joinSegments(segments: readonly TierSegment[], query: SeriesQuery): SampleTable {
  const cut = segments.map(({ tierMs, content }) => ({
    tierMs,
    content: cutChunk(content, query.fromMs, query.toMs),
  }))
  const total = cut.reduce((sum, { content }) => sum + content.times.length, 0)
  const times = new Float64Array(total)
  const spacings = new Float64Array(total)
  const series = new Map<string, MutableSeries>()
  let at = 0
  for (const { tierMs, content } of cut) {
    times.set(content.times, at)
    spacings.fill(tierMs, at, at + content.times.length)
    for (const part of content.series) {
      const { field, sub, stat } = part
      const id = `${field}:${sub}`
      let entry = series.get(id)
      if (entry === undefined) {
        entry = { field, sub, values: new Float64Array(total).fill(Number.NaN) }
        series.set(id, entry)
      }
      // `last` stands in where a finer tier has nothing else; the asked stat comes after it.
      if (stat === 'last' || stat === query.fold) entry.values.set(part.values, at)
      else if (stat === 'dropped' && query.fold === 'rate') {
        entry.drops ??= new Float64Array(total)
        entry.drops.set(part.values, at)
      } else if (stat === 'count' && query.fold === 'mean') {
        entry.counts ??= new Float64Array(total).fill(1)
        entry.counts.set(part.values, at)
      }
    }
    at += content.times.length
  }
  return { times, spacings, series: [...series.values()] }
}

interface MutableSeries extends TableSeries {
  drops?: Float64Array
  counts?: Float64Array
}
