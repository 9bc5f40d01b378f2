// Fills the history of a cluster as it stands after two years: every tier full, chunk after chunk in the order of
// time, as the collector leaves them. A few topics, groups and a broker are drawn with values like real ones; the
// others are copies under their own names, made by the database: it keeps each row for itself, so sizes are real.

import type { Database } from '../db/client.ts'
import { dialectOf, sql } from '../db/dialect.ts'
import { catalogueSeries } from '../metrics/catalogue/catalogue.ts'
import { OpenChunk, type Sample } from '../metrics/chunk.ts'
import { type ChunkRow, upsertChunks } from '../metrics/chunk-rows.ts'
import { entityOf, type Family, FIELDS, type FieldName, WHOLE } from '../metrics/fields.ts'
import {
  chunkPointsMax,
  type Retention,
  TIERS_MS,
  type TierMs,
  timeUnitMs,
} from '../metrics/tiers.ts'

export interface HistoryShape {
  readonly topics: number
  readonly partitions: number
  readonly groups: number
  readonly topicsPerGroup: number
  readonly brokers: number
  /** Between two cycles. */
  readonly intervalMs: number
}

/** Records a second of a topic by day, one of each pattern: idle, slow and busy ones. */
const RATES = [0, 0.02, 0.3, 1, 10, 60, 250, 1_000]
const PATTERNS = RATES.length
const DAY_S = 86_400

/** Seeded, so that two runs fill the same bytes. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 0x1_0000_0000
  }
}

interface Drawn {
  readonly field: FieldName
  readonly sub: number
  /** The value so many seconds later. */
  next(seconds: number, tMs: number): number
}

const rateOf = (pattern: number): number => RATES[pattern % PATTERNS] ?? 0

/** Noise of a sum of many, with a mean of 0 and a deviation of 1. */
const noise = (random: () => number): number => (random() + random() + random() - 1.5) * 2

/** `unit`: of how many bytes a record is, each a little different. */
function counter(
  field: FieldName,
  sub: number,
  perSecond: number,
  random: () => number,
  unit = 1,
): Drawn {
  let value = Math.floor(1e6 * random())
  return {
    field,
    sub,
    next: (seconds, tMs) => {
      const day = 1 + 0.6 * Math.sin((2 * Math.PI * tMs) / 1000 / DAY_S)
      const mean = perSecond * seconds * day
      const records = Math.max(0, mean + Math.sqrt(mean) * noise(random))
      // What is left of a record comes with the next value.
      const sizes = unit === 1 ? 0 : Math.sqrt(records) * 0.4 * noise(random)
      value += Math.max(0, records + sizes) * unit
      return Math.floor(value)
    },
  }
}

function gauge(field: FieldName, sub: number, mean: number, random: () => number): Drawn {
  let value = mean
  const isWhole = FIELDS[field].kind === 'counter'
  return {
    field,
    sub,
    next: () => {
      value += (mean - value) * 0.1 + mean * 0.1 * (random() - 0.5)
      return isWhole ? Math.floor(value) : value
    },
  }
}

interface Pattern {
  readonly entity: string
  readonly family: Family
  readonly drawn: readonly Drawn[]
}

function topicPatterns(index: number, shape: HistoryShape, random: () => number): Pattern[] {
  const rate = rateOf(index)
  const log: Drawn[] = []
  for (let sub = 0; sub < shape.partitions; sub++) {
    log.push(counter('logEndOffset', sub, rate / shape.partitions, random))
    // Segments go now and then; in between the start stands.
    log.push(counter('logStartOffset', sub, 0, random))
  }
  log.push(counter('sizeBytes', WHOLE, rate, random, 397))
  const traffic = [
    counter('bytesIn', WHOLE, rate, random, 130),
    counter('bytesOut', WHOLE, rate, random, 260),
  ]
  return [
    { entity: `pattern-t${index}`, family: 'log', drawn: log },
    { entity: `pattern-t${index}`, family: 'traffic', drawn: traffic },
  ]
}

function groupPatterns(index: number, shape: HistoryShape, random: () => number): Pattern[] {
  const rate = rateOf(index)
  const offsets = Array.from({ length: shape.partitions }, (_, sub) =>
    counter('committedOffset', sub, rate / shape.partitions, random),
  )
  const health = [
    gauge('totalLag', WHOLE, rate * 5, random),
    gauge('lagTwiceSeconds', WHOLE, rate === 0 ? 0 : 12, random),
    counter('verdictRank', WHOLE, 0, () => 0),
  ]
  return [
    { entity: `pattern-o${index}`, family: 'offsets', drawn: offsets },
    { entity: `pattern-g${index}`, family: 'health', drawn: health },
  ]
}

function brokerPatterns(random: () => number): Pattern[] {
  const patterns: Pattern[] = []
  for (const family of ['traffic', 'health'] as const) {
    const fields = BROKER_FIELDS[family]
    const drawn = fields.map((field) =>
      FIELDS[field].kind === 'counter'
        ? counter(field, WHOLE, 500, random)
        : gauge(field, WHOLE, 20, random),
    )
    patterns.push({ entity: 'pattern-b', family, drawn })
  }
  for (const [family, series] of beansByFamily()) {
    const drawn = series.map(({ slot, stored }) =>
      stored === 'counter'
        ? counter('beanCounter', slot, 50, random)
        : gauge('beanGauge', slot, 5, random),
    )
    patterns.push({ entity: 'pattern-b', family, drawn })
  }
  return patterns
}

function beansByFamily() {
  const found = new Map<Family, ReturnType<typeof catalogueSeries>[number][]>()
  for (const series of catalogueSeries()) {
    const list = found.get(series.family) ?? []
    list.push(series)
    found.set(series.family, list)
  }
  return found
}

const BROKER_FIELDS: Readonly<Record<'traffic' | 'health', readonly FieldName[]>> = {
  traffic: [
    ...(['messagesIn', 'bytesIn', 'bytesOut', 'replicationBytesIn', 'isrShrinks'] as const),
    ...(['replicationBytesOut', 'produceRequests', 'fetchRequests', 'isrExpands'] as const),
    ...(['failedProduceRequests', 'failedFetchRequests'] as const),
  ],
  health: [
    ...(['leaders', 'replicas', 'diskBytes', 'underReplicated', 'produceP99Ms'] as const),
    ...(['fetchP99Ms', 'fetchFollowerP99Ms', 'heapUsedBytes', 'residentBytes'] as const),
    ...(['uptimeMs', 'eventLoopDelayMs', 'cpuLoad'] as const),
  ],
}

/** A point of a tier: what its samples come to, as fold.ts writes it. */
function samplesAt(drawn: readonly Drawn[], tier: TierMs, step: number, at: Moment): Sample[] {
  return drawn.flatMap(({ field, sub, next }): Sample[] => {
    const value = next(step / 1000, at.tMs)
    if (tier === 0) return [{ field, sub, value }]
    const last: Sample = { field, sub, value, stat: 'last' }
    if (FIELDS[field].kind === 'counter') return [last, { field, sub, value: 0, stat: 'dropped' }]
    return [
      last,
      { field, sub, value: value * 0.9, stat: 'min' },
      { field, sub, value: value * 1.12, stat: 'max' },
      { field, sub, value: value * 1.01, stat: 'mean' },
      { field, sub, value: at.cycles, stat: 'count' },
    ]
  })
}

/** When a point's last sample was, and how many it stands for. */
interface Moment {
  readonly tMs: number
  readonly cycles: number
}

/** Cycles begin some tenths of a second early or late, and a bucket's last one anywhere before its end. */
function momentAt(endMs: number, tier: TierMs, intervalMs: number, random: () => number): Moment {
  if (tier === 0) return { tMs: endMs - Math.floor(random() * 400), cycles: 1 }
  const unitMs = timeUnitMs(tier)
  const lastMs = endMs - random() * Math.min(intervalMs, tier - unitMs)
  const cycles = Math.max(1, Math.round(tier / intervalMs + random() - 0.5))
  return { tMs: Math.ceil(lastMs / unitMs) * unitMs, cycles }
}

export interface Filled {
  readonly rows: number
  readonly series: number
  readonly samples: number
  /** Packed samples alone. */
  readonly dataBytes: number
}

/** Writes all tiers up to `nowMs`, of `shape`; returns what they hold, and what all of `whole` would. */
export async function fillHistory(
  db: Database,
  clusterId: string,
  to: { shape: HistoryShape; whole: HistoryShape; retention: Retention; nowMs: number },
): Promise<{ filled: Filled; whole: Filled }> {
  const { shape, retention, nowMs } = to
  const random = createRandom(20_261_121)
  const clusterDrawn = CLUSTER_FIELDS.map((field) => counter(field, WHOLE, 5_000, random))
  const patterns: Pattern[] = [
    ...Array.from({ length: PATTERNS }, (_, index) => topicPatterns(index, shape, random)),
    ...Array.from({ length: PATTERNS }, (_, index) => groupPatterns(index, shape, random)),
    brokerPatterns(random),
    [{ entity: entityOf.cluster(), family: 'health' as const, drawn: clusterDrawn }],
  ].flat()
  const filled = new Tally(patterns, shape)
  const whole = new Tally(patterns, to.whole)
  for (const tier of TIERS_MS) {
    const step = tier === 0 ? shape.intervalMs : tier
    const points = Math.floor(retention[tier] / step)
    const firstMs = Math.floor(nowMs / step) * step - points * step
    const chunkPoints = chunkPointsMax(tier)
    for (let done = 0; done < points; done += chunkPoints) {
      const count = Math.min(chunkPoints, points - done)
      const moments = Array.from({ length: count }, (_, i) =>
        momentAt(firstMs + (done + i + 1) * step, tier, shape.intervalMs, random),
      )
      const rows = patterns.map(({ entity, family, drawn }): ChunkRow => {
        const chunk = new OpenChunk(timeUnitMs(tier))
        for (const at of moments) chunk.append(at.tMs, samplesAt(drawn, tier, step, at))
        const data = chunk.encode()
        for (const tally of [filled, whole]) tally.add(entity, count * drawn.length, data.length)
        const { startMs, endMs } = chunk
        return { entity, family, startMs, endMs, points: count, data }
      })
      await upsertChunks(db, { clusterId, resolutionMs: tier }, rows)
      await copyChunks(db, { clusterId, tier, startMs: rows[0]?.startMs ?? 0 })
    }
  }
  return { filled, whole }
}

const CLUSTER_FIELDS = [
  ...(['messagesIn', 'totalLag', 'sizeBytes', 'underReplicated', 'offlinePartitions'] as const),
  ...(['leaders', 'collectorUptimeMs'] as const),
]

/** Counts every copy of a pattern. */
class Tally implements Filled {
  rows = 0
  series = 0
  samples = 0
  dataBytes = 0
  readonly #copies: ReadonlyMap<string, readonly string[]>

  constructor(patterns: readonly Pattern[], shape: HistoryShape) {
    this.#copies = copiesOf(shape)
    for (const { entity, drawn } of patterns) this.series += drawn.length * this.#times(entity)
  }

  add(entity: string, samples: number, bytes: number): void {
    const times = this.#times(entity)
    this.rows += times
    this.samples += samples * times
    this.dataBytes += bytes * times
  }

  #times(entity: string): number {
    return this.#copies.get(entity)?.length ?? 1
  }
}

/** Pattern → the names that have its values. */
function copiesOf(shape: HistoryShape): Map<string, string[]> {
  const copies = new Map<string, string[]>()
  const add = (pattern: string, name: string): void => {
    const known = copies.get(pattern)
    if (known === undefined) copies.set(pattern, [name])
    else known.push(name)
  }
  for (let topic = 0; topic < shape.topics; topic++) {
    add(`pattern-t${topic % PATTERNS}`, entityOf.topic(`id-of-${topicName(topic)}`))
  }
  for (let id = 1; id <= shape.brokers; id++) add('pattern-b', entityOf.broker(id))
  for (let group = 0; group < shape.groups; group++) {
    add(`pattern-g${group % PATTERNS}`, entityOf.group(groupName(group)))
    for (const topic of topicsOf(group, shape)) {
      const name = entityOf.groupTopic(groupName(group), `id-of-${topicName(topic)}`)
      add(`pattern-o${topic % PATTERNS}`, name)
    }
  }
  return copies
}

export const topicName = (index: number): string => `orders.${String(index).padStart(5, '0')}`
export const groupName = (index: number): string => `group-${String(index).padStart(4, '0')}`

export function topicsOf(group: number, shape: HistoryShape): number[] {
  const { topics, topicsPerGroup } = shape
  return Array.from({ length: topicsPerGroup }, (_, index) => (group * 7 + index * 13) % topics)
}

/** Which entity has which pattern's values, for `copyChunks`. */
export async function writeCopies(db: Database, shape: HistoryShape): Promise<void> {
  await db.$executeRawUnsafe(
    'CREATE TABLE pattern_copies (pattern VARCHAR(64) NOT NULL, entity VARCHAR(640) NOT NULL)',
  )
  for (const [pattern, names] of copiesOf(shape)) {
    for (let i = 0; i < names.length; i += 400) {
      const some = names.slice(i, i + 400)
      const text = `INSERT INTO pattern_copies VALUES ${some.map(() => '(?, ?)').join(', ')}`
      const values = some.flatMap((name) => [pattern, name])
      await db.$executeRawUnsafe(sql(dialectOf(db), text), ...values)
    }
  }
  await db.$executeRawUnsafe('CREATE INDEX pattern_copies_pattern ON pattern_copies (pattern)')
}

async function copyChunks(
  db: Database,
  from: { clusterId: string; tier: TierMs; startMs: number },
): Promise<void> {
  const columns = ['family', 'resolutionMs', 'startMs', 'endMs', 'points', 'data']
  const quoted = columns.map((name) => `c."${name}"`).join(', ')
  const names = columns.map((name) => `"${name}"`).join(', ')
  // Cross: SQLite reads the patterns' few chunks once, then their copies.
  const text = `INSERT INTO "Chunk" ("clusterId", "entity", ${names})
    SELECT c."clusterId", m.entity, ${quoted} FROM "Chunk" c
    CROSS JOIN pattern_copies m
    WHERE c."clusterId" = ? AND c."resolutionMs" = ? AND c."startMs" = ?
    AND c."entity" LIKE 'pattern-%' AND c."endMs" >= ? AND m.pattern = c."entity"`
  await db.$executeRawUnsafe(
    sql(dialectOf(db), text),
    from.clusterId,
    from.tier,
    from.startMs,
    from.startMs,
  )
  const remove = `DELETE FROM "Chunk" WHERE "clusterId" = ? AND "resolutionMs" = ?
    AND "endMs" >= ? AND "entity" LIKE 'pattern-%'`
  await db.$executeRawUnsafe(sql(dialectOf(db), remove), from.clusterId, from.tier, from.startMs)
}
