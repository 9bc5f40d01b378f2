// An hour of raw offsets and counters goes through the collector's own code, its store and roll-ups, and is asked for
// as charts ask. What comes out is held against a reference that knows the raw figures alone and none of that code.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOf } from '../clusters/registry.ts'
import { InventoryBuilder } from '../collector/inventory.ts'
import { MessageCount } from '../collector/message-count.ts'
import { samplesOf } from '../collector/samples.ts'
import { TopicTraffic } from '../collector/topic-traffic.ts'
import { InventoryWriter } from '../collector/write-inventory.ts'
import { systemContext } from '../context.ts'
import { closeDatabase, database } from '../db/client.ts'
import { getGroupLag } from '../groups/lag.ts'
import { fakeReading, noMetrics } from '../testing/reading.ts'
import { queryMetrics } from './query.ts'
import { RollUp } from './roll-up.ts'
import { SampleStore } from './store.ts'
import { parseRetention } from './tiers.ts'

const directory = mkdtempSync(join(tmpdir(), 'eyrie-test-'))
process.env.EYRIE_DATA_DIR = directory
process.env.EYRIE_CLUSTERS = 'k=127.0.0.1:9'
const START_MS = Math.floor(1_790_000_000_000 / 3_600_000) * 3_600_000
const PARTITIONS = [0, 1, 2]
const BROKERS = [1, 2]

/** What the cluster said at one time; null: no answer. */
interface Raw {
  readonly tMs: number
  readonly ends: readonly (number | null)[]
  readonly committed: readonly number[]
  readonly bytesIn: readonly (number | null)[]
  readonly isNewCollector: boolean
}

/**
 * Every ten seconds or so: a leader is silent for two minutes, broker 2 begins anew, the collector does so twice, once
 * after four minutes in which nobody looked, and the group stands still for a quarter of an hour.
 */
function recordedHour(): Raw[] {
  let state = 99
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  const ends = [5_000_000, 70, 123_456]
  const committed = [4_990_000, 70, 123_000]
  const bytes = [9_000_000, 4_000_000]
  const hour: Raw[] = []
  for (let tMs = START_MS + 137; tMs < START_MS + 3_600_000; tMs += 9_800 + random(400)) {
    const minute = (tMs - START_MS) / 60_000
    const busy = minute < 40 ? 900 : 150
    for (const [p, share] of [1, 0.01, 0.2].entries()) {
      ends[p] = (ends[p] ?? 0) + Math.floor(random(busy) * share)
      const isReading = minute < 12 || minute > 27
      const step = isReading ? random(1_400) : 0
      committed[p] = Math.min(ends[p] ?? 0, (committed[p] ?? 0) + step)
    }
    if (minute > 33 && minute < 33.3) bytes[1] = random(5_000)
    for (const b of [0, 1]) bytes[b] = (bytes[b] ?? 0) + random(busy * 100)
    if (minute > 45 && minute < 49) continue
    hour.push({
      tMs,
      ends: ends.map((end, p) => (p === 2 && minute > 20 && minute < 22 ? null : end)),
      committed: [...committed],
      bytesIn: bytes.map((value, b) => (b === 0 && minute > 5 && minute < 6 ? null : value)),
      isNewCollector: [hour.length === 150, (hour.at(-1)?.tMs ?? tMs) < tMs - 60_000].some(Boolean),
    })
  }
  return hour
}

const hour = recordedHour()

function readingOf(raw: Raw) {
  const known = <T>(values: readonly (T | null)[]) =>
    values.flatMap((value, index) => (value === null ? [] : [[index, value] as const]))
  const description = {
    ...{ groupId: 'g', type: 'classic' as const, state: 'Stable', protocolType: 'consumer' },
    ...{ protocol: 'range', members: [] },
  }
  const offsets = raw.committed.map((offset, p) => [p, { offset, metadata: null }] as const)
  return fakeReading(raw.tMs, {
    topics: [{ name: 't', partitions: PARTITIONS.map(() => ({})) }],
    brokers: BROKERS,
    ends: new Map([['t', new Map(known(raw.ends))]]),
    groups: [{ description, coordinator: 1, offsets: new Map([['t', new Map(offsets)]]) }],
    metrics: new Map(
      known(raw.bytesIn).map(([b, bytesIn]) => {
        const topics = new Map([['t', { bytesIn, bytesOut: null }]])
        return [BROKERS[b] ?? 0, { ...noMetrics, topics }] as const
      }),
    ),
  })
}

async function replay(): Promise<void> {
  const db = await database()
  const begin = async (tMs: number) => {
    const { writer, ...known } = await InventoryWriter.open(db, 'k')
    const builder = new InventoryBuilder(clusterOf('k'), known)
    const parts = { writer, builder, messages: new MessageCount(), traffic: new TopicTraffic() }
    return { ...parts, store: await SampleStore.open(db, 'k', tMs) }
  }
  const rollUp = await RollUp.open(db, 'k', parseRetention('48h,14d,90d,730d'))
  let collector = await begin(START_MS)
  for (const raw of hour) {
    // Killed: what was only in memory is lost.
    if (raw.isNewCollector) collector = await begin(raw.tMs)
    const { writer, builder, messages, traffic, store } = collector
    const reading = readingOf(raw)
    const inventory = builder.build(reading, 10_000)
    const built = { inventory, traffic: traffic.observe(reading) }
    const messagesIn = messages.observe(reading)
    if (raw === hour[0])
      await writer.write(inventory, { asOfMs: raw.tMs, isGroupListComplete: true })
    await store.append(samplesOf('k', reading, { ...built, messagesIn }))
    await rollUp.step({ nowMs: raw.tMs, writtenToMs: store.writtenToMs })
  }
  await collector.store.close()
}

/** Days later the hour is there in minutes only. */
async function growOld(): Promise<void> {
  const db = await database()
  const laterMs = START_MS + 60 * 3_600_000
  const store = await SampleStore.open(db, 'k', laterMs)
  const last = hour.at(-1)
  if (last !== undefined) {
    const entities = [{ entity: 'c', family: 'health' as const, samples: [] }]
    await store.append({ clusterId: 'k', tMs: laterMs, entities })
  }
  await store.close()
  const rollUp = await RollUp.open(db, 'k', parseRetention('48h,14d,90d,730d'))
  const now = { nowMs: laterMs, writtenToMs: store.writtenToMs }
  while (await rollUp.step(now));
  const where = { resolutionMs: 0, endMs: { lt: BigInt(laterMs) } }
  expect(await db.chunk.count({ where })).toBe(0)
}

// ---- the reference: raw figures, and what a chart's point at t with its step should say ----

const bucketOf = (tMs: number, stepMs: number): number => Math.ceil(tMs / stepMs) * stepMs

/** Increase a second of one counter since its last value of an earlier bucket; null: nothing to tell it by. */
function rateAt(t: number, stepMs: number, counted: (raw: Raw) => number | null): number | null {
  let before: { tMs: number; value: number } | null = null
  let [grown, spanMs] = [0, 0]
  for (const raw of hour) {
    const value = counted(raw)
    if (raw.tMs > t || value === null) continue
    if (raw.tMs > t - stepMs && before !== null && value >= before.value) {
      grown += value - before.value
      spanMs += raw.tMs - before.tMs
    }
    before = { tMs: raw.tMs, value }
  }
  return spanMs === 0 ? null : (grown * 1_000) / spanMs
}

function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

const messagesAt = (t: number, stepMs: number): number | null =>
  sumOfKnown(PARTITIONS.map((p) => rateAt(t, stepMs, (raw) => raw.ends[p] ?? null)))

/** What was unread when the last sample of the bucket was taken; a silent leader's log is as it was. */
function lagAt(t: number, stepMs: number): number | null {
  const upTo = hour.filter((raw) => raw.tMs <= t)
  const last = upTo.at(-1)
  if (last === undefined || last.tMs <= t - stepMs) return null
  const lags = PARTITIONS.map((p) => {
    const end = upTo.findLast((raw) => raw.ends[p] !== null)?.ends[p] ?? 0
    return Math.max(0, end - (last.committed[p] ?? 0))
  })
  return sumOfKnown(lags)
}

/** Buckets in which, or just before which, somebody new collected, or nobody did: what they show is said apart. */
function isSeam(t: number, stepMs: number): boolean {
  return hour.some(({ isNewCollector, tMs }, index) => {
    const before = hour[index - 1]?.tMs ?? 0
    return isNewCollector && bucketOf(tMs, stepMs) >= t && bucketOf(before, stepMs) <= t
  })
}

// ---- the comparison ----

const input = { cluster: 'k', from: START_MS + 1, to: START_MS + 3_600_000, limit: 5 }
const ctx = systemContext()

async function pointsOf(metric: 'messages-in-rate' | 'bytes-in-rate', step: number) {
  const asked = { ...input, metric, by: 'topic' as const, names: ['t'], step }
  const { series } = await queryMetrics({ ctx, input: asked })
  return series[0]?.points ?? []
}

function expectSame(
  points: readonly { t: number; value: number | null }[],
  reference: (t: number) => number | null,
  { step, least }: { step: number; least: number },
): void {
  let compared = 0
  for (const { t, value } of points) {
    // Where points are as far apart as the step they are at their samples' own times.
    const wanted = reference(bucketOf(t, step))
    // Rolled up, the first point has nothing before it to grow from.
    if (wanted === null || value === null || t <= START_MS + step) continue
    compared++
    // Times of rolled-up points are to a tenth of a second: of a minute, a 600th.
    expect(Math.abs(value - wanted), String(new Date(t))).toBeLessThanOrEqual(0.004 * wanted + 1e-9)
  }
  expect(compared).toBeGreaterThanOrEqual(least)
}

async function compareAll(steps: readonly number[]): Promise<void> {
  for (const step of steps) {
    const least = Math.max(3, Math.floor(3_600_000 / step) - 9)
    const messages = await pointsOf('messages-in-rate', step)
    // The first point after nobody looked is of what was seen since then.
    const broken = (t: number) => step <= 60_000 && isSeam(t, step)
    expectSame(messages, (t) => (broken(t) ? null : messagesAt(t, step)), { step, least })
    if (step <= 60_000) expect(messages.some(({ value }) => value === null)).toBe(true)
    const { series } = await getGroupLag({
      ctx,
      input: { ...input, group: 'g', step, detail: 'totals' },
    })
    const lags = series[0]?.points.map(({ t, lag }) => ({ t, value: lag })) ?? []
    expectSame(lags, (t) => lagAt(t, step), { step, least })
    const byGroup = { ...input, metric: 'lag' as const, by: 'group' as const, names: ['g'], step }
    const groups = await queryMetrics({ ctx, input: byGroup })
    expectSame(groups.series[0]?.points ?? [], (t) => lagAt(t, step), { step, least })
    const bytes = await pointsOf('bytes-in-rate', step)
    for (const { value } of bytes) expect(value ?? 0).toBeLessThan(2 * 100 * 900)
    for (const { value } of bytes) expect(value ?? 0).toBeGreaterThanOrEqual(0)
  }
}

describe('an hour replayed', () => {
  beforeAll(replay, 120_000)
  afterAll(async () => {
    await closeDatabase()
    rmSync(directory, { recursive: true, force: true })
  })

  test('charts of the samples say what the raw offsets say', () => compareAll([60_000, 300_000]))

  test('bytes are those of both brokers, a restarted or silent one shows neither hole nor peak', async () => {
    const silent = (t: number) =>
      (t - START_MS) / 60_000 <= 8 || Math.abs((t - START_MS) / 60_000 - 33.5) < 2
    const wanted = (t: number) =>
      silent(t) || isSeam(t, 60_000)
        ? null
        : sumOfKnown([0, 1].map((b) => rateAt(t, 60_000, (raw) => raw.bytesIn[b] ?? null)))
    expectSame(await pointsOf('bytes-in-rate', 60_000), wanted, { step: 60_000, least: 38 })
  })

  test('days later, rolled up, they still do', async () => {
    await growOld()
    await compareAll([60_000, 300_000, 600_000])
  })
})
