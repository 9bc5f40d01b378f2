import type { Database } from '../db/client.ts'
import { type ChunkContent, decodeChunk } from './chunk.ts'
import { FAMILIES, type Family, type FieldName } from './fields.ts'
import { decodeSamples, indexJournal, type JournalIndex, journalKey } from './journal.ts'

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
}

/** All samples of one entity in a range: one value per time and series, NaN where there is none. */
export interface SampleTable {
  readonly times: Float64Array
  readonly series: readonly TableSeries[]
}

export interface TableSeries {
  readonly field: FieldName
  readonly sub: number
  readonly values: Float64Array
}

/** Rows once indexed serve every query until the collector has moved them into chunks. */
const journalCache = new Map<string, Map<number, JournalIndex>>()

/** Entities without a sample in the range are left out. */
export async function readSamples(
  db: Database,
  query: SeriesQuery,
): Promise<Map<string, SampleTable>> {
  const wanted = query.wanted ?? (() => true)
  const rows = await db.chunk.findMany({
    where: {
      clusterId: query.clusterId,
      entity: { in: [...query.entities] },
      family: FAMILIES[query.family],
      resolutionMs: 0,
      endMs: { gte: BigInt(query.fromMs) },
      startMs: { lte: BigInt(query.toMs) },
    },
    select: { entity: true, data: true },
    orderBy: { startMs: 'asc' },
  })
  const segments = new Map<string, ChunkContent[]>()
  for (const row of rows) {
    const list = segments.get(row.entity) ?? []
    list.push(decodeChunk(row.data, wanted))
    segments.set(row.entity, list)
  }
  const journal = await readJournal(db, query.clusterId)
  const tables = new Map<string, SampleTable>()
  for (const entity of query.entities) {
    const chunks = segments.get(entity) ?? []
    const lastMs = chunks.at(-1)?.times.at(-1) ?? 0
    const tail = journalSegment(journal, journalKey(entity, query.family), { lastMs, wanted })
    const table = joinSegments([...chunks, tail], query)
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
  const points = journal.flatMap(([tMs, row]) => {
    const body = tMs > options.lastMs ? row.get(key) : undefined
    return body === undefined ? [] : [{ tMs, samples: decodeSamples(body) }]
  })
  const times = Float64Array.from(points, (point) => point.tMs)
  const series = new Map<string, TableSeries>()
  for (const [index, { samples }] of points.entries()) {
    for (const { field, sub, value } of samples) {
      if (!options.wanted(field, sub)) continue
      const id = `${field}:${sub}`
      let entry = series.get(id)
      if (entry === undefined) {
        entry = { field, sub, values: new Float64Array(points.length).fill(Number.NaN) }
        series.set(id, entry)
      }
      entry.values[index] = value
    }
  }
  return { times, series: [...series.values()] }
}

function joinSegments(segments: readonly ChunkContent[], query: SeriesQuery): SampleTable {
  const cut = segments.map((segment) => cutToRange(segment, query))
  const total = cut.reduce((sum, segment) => sum + segment.times.length, 0)
  const times = new Float64Array(total)
  const series = new Map<string, TableSeries>()
  let at = 0
  for (const segment of cut) {
    times.set(segment.times, at)
    for (const { field, sub, values } of segment.series) {
      const id = `${field}:${sub}`
      let entry = series.get(id)
      if (entry === undefined) {
        entry = { field, sub, values: new Float64Array(total).fill(Number.NaN) }
        series.set(id, entry)
      }
      entry.values.set(values, at)
    }
    at += segment.times.length
  }
  return { times, series: [...series.values()] }
}

function cutToRange(segment: ChunkContent, query: SeriesQuery): ChunkContent {
  const { times, series } = segment
  let start = 0
  while (start < times.length && (times[start] ?? 0) < query.fromMs) start++
  let end = times.length
  while (end > start && (times[end - 1] ?? 0) > query.toMs) end--
  if (start === 0 && end === times.length) return segment
  return {
    times: times.subarray(start, end),
    series: series.map((s) => ({ ...s, values: s.values.subarray(start, end) })),
  }
}
