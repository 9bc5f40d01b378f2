// Histories of made-up samples, collected, rolled up and read back, against a naive reference over the raw samples.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestDatabase } from '../testing/database.ts'
import { decodeChunk, OpenChunk, type Sample } from './chunk.ts'
import { type ChunkRow, upsertChunks } from './chunk-rows.ts'
import { FoldedChunks } from './fold.ts'
import { readSamples, type SampleTable } from './read.ts'
import { makeGrid, onGrid, ratesOf } from './resample.ts'
import { RollUp } from './roll-up.ts'
import { SampleStore } from './store.ts'
import { DEFAULT_HISTORY, maxSpanMs, parseRetention, TIERS_MS, tierFor } from './tiers.ts'

const HOUR_MS = 3_600_000
const START_MS = 1_700_000_000_000 - (1_700_000_000_000 % HOUR_MS)

let database: Awaited<ReturnType<typeof openTestDatabase>>

beforeEach(async () => {
  database = await openTestDatabase()
})
afterEach(() => database.close())

interface Raw {
  tMs: number
  counter: number
  gauge: number
}

const INTERVAL_MS = 300_000
const CHUNK_SAMPLES = 37
const DAY_MS = 24 * HOUR_MS
const START_DAY_MS = START_MS - (START_MS % DAY_MS)
const RETENTION = parseRetention('24h,2d,5d,730d')

/** A counter that restarts now and then and a gauge, every five minutes; half a day is missing in the middle. */
function samplesOf(days: number): Raw[] {
  let seed = 7
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  const samples: Raw[] = []
  let counter = 1000
  const middle = START_MS + (days / 2) * DAY_MS
  for (let tMs = START_MS; tMs < START_MS + days * DAY_MS; tMs += INTERVAL_MS) {
    counter = random(100) === 0 ? random(50) : counter + 1 + random(1000)
    if (tMs >= middle && tMs < middle + DAY_MS / 2) continue
    samples.push({ tMs, counter, gauge: random(2000) })
  }
  return samples
}

/** Writes chunks as the store does and rolls up; what was in memory is lost now and then, as after kill -9. */
async function collect(samples: readonly Raw[]): Promise<RollUp> {
  const { db } = database
  let rollUp = await RollUp.open(db, 'c', RETENTION)
  for (let first = 0; first < samples.length; first += CHUNK_SAMPLES) {
    const part = samples.slice(first, first + CHUNK_SAMPLES)
    const of = (field: Sample['field'], value: number): Sample[] => [{ field, sub: -1, value }]
    const rows = (['traffic', 'health'] as const).map((family): ChunkRow => {
      const chunk = new OpenChunk()
      for (const { tMs, counter, gauge } of part) {
        const isTraffic = family === 'traffic'
        chunk.append(tMs, isTraffic ? of('bytesIn', counter) : of('produceP99Ms', gauge))
      }
      const { startMs, endMs, count: points } = chunk
      return { entity: 'b:1', family, startMs, endMs, points, data: chunk.encode() }
    })
    await upsertChunks(db, { clusterId: 'c', resolutionMs: 0 }, rows)
    const writtenToMs = part.at(-1)?.tMs ?? 0
    while (await rollUp.step({ nowMs: writtenToMs, writtenToMs }));
    if (first % (7 * CHUNK_SAMPLES) === 0) rollUp = await RollUp.open(db, 'c', RETENTION)
  }
  return rollUp
}

async function read(
  family: 'traffic' | 'health',
  options: { stepMs: number; fold: 'rate' | 'mean' | 'max'; fromMs: number; toMs: number },
): Promise<SampleTable> {
  const tables = await readSamples(database.db, {
    clusterId: 'c',
    entities: ['b:1'],
    family,
    ...options,
  })
  return tables.get('b:1') ?? { times: new Float64Array(0), series: [] }
}

/** Bucket by bucket over the raw samples: increase without falls, mean, max. */
function reference(samples: readonly Raw[], stepMs: number) {
  const buckets = new Map<number, { grown: number; gauges: number[] }>()
  let before: Raw | null = null
  for (const sample of samples) {
    const t = Math.ceil(sample.tMs / stepMs) * stepMs
    const bucket = buckets.get(t) ?? { grown: 0, gauges: [] }
    bucket.gauges.push(sample.gauge)
    if (before !== null && sample.tMs - before.tMs <= INTERVAL_MS)
      bucket.grown += Math.max(0, sample.counter - before.counter)
    buckets.set(t, bucket)
    before = sample
  }
  return buckets
}

describe('twelve days, all tiers', () => {
  const samples = samplesOf(12)
  const lastMs = samples.at(-1)?.tMs ?? 0
  const range = { fromMs: START_MS, toMs: lastMs }

  test('a chart reads the same from rolled-up points as from the samples, restarts included', async () => {
    await collect(samples)
    for (const stepMs of [1_800_000, 2 * HOUR_MS, 6 * HOUR_MS]) {
      const expected = reference(samples, stepMs)
      const gauges = await read('health', { ...range, stepMs, fold: 'mean' })
      const grid = makeGrid(gauges.times, stepMs, gauges.spacings)
      const { values: gaugeMeans = [], counts } = gauges.series[0] ?? {}
      const means = onGrid(grid, gaugeMeans, 'mean', counts)
      const maxima = await read('health', { ...range, stepMs, fold: 'max' })
      const max = onGrid(grid, maxima.series[0]?.values ?? [], 'max')
      const traffic = await read('traffic', { ...range, stepMs, fold: 'rate' })
      const { values = new Float64Array(0), drops } = traffic.series[0] ?? {}
      const trafficGrid = makeGrid(traffic.times, stepMs, traffic.spacings)
      const rates = ratesOf(trafficGrid, { times: traffic.times, values, drops })
      // Old samples are at hours only: finer charts show them there.
      const coarse = stepMs < HOUR_MS ? lastMs - 4 * DAY_MS : START_MS
      let compared = 0
      for (const [index, { t }] of grid.points.entries()) {
        const bucket = expected.get(t)
        if (t < coarse + stepMs || bucket === undefined) continue
        const mean = bucket.gauges.reduce((a, b) => a + b, 0) / bucket.gauges.length
        // Gauges keep 11 bits; each of three tiers rounds once more.
        expect(Math.abs((means[index] ?? 0) - mean)).toBeLessThan(mean * 0.002 + 1)
        expect(Math.abs((max[index] ?? 0) - Math.max(...bucket.gauges))).toBeLessThan(2)
        compared += 1
      }
      expect(compared).toBeGreaterThan(5)
      let grown = 0
      for (const [index, { t, end, isAfterGap }] of trafficGrid.points.entries()) {
        const before = traffic.times[(trafficGrid.points[index - 1]?.end ?? 1) - 1] ?? 0
        const rate = rates[index] ?? Number.NaN
        if (index === 0 || isAfterGap || t < coarse + stepMs) continue
        expect(rate).toBeGreaterThanOrEqual(0)
        // A fall takes its own interval out of the time, at most one sample's in a point of many.
        const spanMs = (traffic.times[end - 1] ?? 0) - before
        const expectedRate = ((expected.get(t)?.grown ?? 0) * 1000) / spanMs
        expect(rate / expectedRate).toBeGreaterThan(0.99)
        expect(rate / expectedRate).toBeLessThan(1.2)
        grown += 1
      }
      expect(grown).toBeGreaterThan(5)
    }
  })

  test('each tier keeps its time and no more, and the ranges join without overlap', async () => {
    const rollUp = await collect(samples)
    const later = { nowMs: lastMs + HOUR_MS, writtenToMs: lastMs }
    while (await rollUp.step(later));
    // Days begin where hours have filled a chunk.
    for (const tier of TIERS_MS.slice(0, -1)) {
      // What the next tier does not have yet stays a while longer.
      const slackMs = tier === 0 ? 0 : maxSpanMs(tier)
      const rows = await database.db.chunk.findMany({ where: { resolutionMs: tier } })
      expect(rows.length).toBeGreaterThan(0)
      for (const { endMs } of rows) {
        expect(Number(endMs)).toBeGreaterThanOrEqual(later.nowMs - RETENTION[tier] - slackMs)
      }
    }
    const { times, spacings } = await read('health', { ...range, stepMs: 0, fold: 'mean' })
    for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1] ?? 0)
    expect(times[0]).toBeLessThanOrEqual(START_MS + HOUR_MS)
    expect(times.at(-1)).toBe(lastMs)
    expect(new Set(spacings)).toEqual(new Set([HOUR_MS, 600_000, 60_000, 0]))
    // One gap was there, one is shown.
    const gaps = makeGrid(times, 10_000, spacings).points.filter(({ isAfterGap }) => isAfterGap)
    expect(gaps).toHaveLength(1)
  })

  test('what is not folded yet is never deleted', async () => {
    let store = await SampleStore.open(database.db, 'c', START_MS)
    const sample: Sample = { field: 'bytesIn', sub: -1, value: 5 }
    const entities = [{ entity: 'b:1', family: 'traffic' as const, samples: [sample] }]
    await store.append({ clusterId: 'c', tMs: START_MS, entities })
    const rollUp = await RollUp.open(database.db, 'c', RETENTION)
    const nowMs = START_MS + 20_000 * HOUR_MS
    // Its row may not be written yet: nothing may pass it.
    await rollUp.step({ nowMs, writtenToMs: store.writtenToMs })
    await store.close()
    expect(await database.db.chunk.count()).toBe(1)
    store = await SampleStore.open(database.db, 'c', nowMs)
    const others = entities.map((one) => ({ ...one, entity: 'b:2' }))
    await store.append({ clusterId: 'c', tMs: nowMs, entities: others })
    await store.close()
    const { writtenToMs } = store
    expect(writtenToMs).toBe(nowMs)
    for (let i = 0; i < 4; i++) await rollUp.step({ nowMs, writtenToMs })
    const left = await database.db.chunk.findMany()
    expect(left.map(({ entity }) => entity)).toEqual(['b:2'])
  })
})

test('days are made of hours like hours of minutes: increases, falls, means and extremes', () => {
  const hours = new OpenChunk(1_000)
  let counter = 0
  for (let hour = 1; hour <= 72; hour++) {
    const hasFallen = hour === 30
    counter = hasFallen ? 40 : counter + 100
    hours.append(START_DAY_MS + hour * HOUR_MS - 5_000, [
      { field: 'bytesIn', sub: -1, stat: 'last', value: counter },
      { field: 'bytesIn', sub: -1, stat: 'dropped', value: hasFallen ? 2_860 : 0 },
      { field: 'cpuLoad', sub: -1, stat: 'last', value: 5 },
      { field: 'cpuLoad', sub: -1, stat: 'max', value: hour },
      { field: 'cpuLoad', sub: -1, stat: 'mean', value: hour % 24 < 12 ? 2 : 4 },
      { field: 'cpuLoad', sub: -1, stat: 'count', value: hour % 24 < 12 ? 30 : 10 },
    ])
  }
  const days = new FoldedChunks(86_400_000, null)
  days.fold([decodeChunk(hours.encode())], START_DAY_MS + 3 * DAY_MS)
  const { times, series } = decodeChunk(days.changed[0]?.encode() ?? Buffer.alloc(0))
  expect([...times]).toEqual([1, 2, 3].map((day) => START_DAY_MS + day * DAY_MS - 5_000))
  const of = (stat: string, field: string): number[] | undefined => {
    const found = series.find((one) => one.stat === stat && one.field === field)
    return found && [...found.values]
  }
  expect(of('last', 'bytesIn')).toEqual([2_400, 1_840, 4_240])
  expect(of('dropped', 'bytesIn')).toEqual([0, 2_860, 0])
  expect(of('max', 'cpuLoad')).toEqual([24, 48, 72])
  expect(of('count', 'cpuLoad')).toEqual([480, 480, 480])
  expect(of('mean', 'cpuLoad')).toEqual([2.5, 2.5, 2.5])
})

test('retention is read, and refused with what is wanted', () => {
  expect(parseRetention(DEFAULT_HISTORY)).toEqual({
    0: 48 * HOUR_MS,
    60000: 14 * 24 * HOUR_MS,
    600000: 90 * 24 * HOUR_MS,
    3600000: 730 * 24 * HOUR_MS,
    86400000: 730 * 24 * HOUR_MS,
  })
  for (const text of ['', '48h', '48h,14d,90d', '2d,1d,90d,730d', '0h,1d,2d,3d', 'x,1d,2d,3d']) {
    expect(() => parseRetention(text)).toThrow('48h,14d,90d,730d are wanted')
  }
})

test('a chart reads the coarsest tier that is fine enough', () => {
  expect([5_000, 60_000, 300_000, 600_000, 7_200_000, 172_800_000].map(tierFor)).toEqual([
    0, 60_000, 60_000, 600_000, 3_600_000, 86_400_000,
  ])
})
