// What two years of history cost: bundled and run by scripts/history-load.mjs. Fills every tier, then measures the
// database's size, a chart over each range, and what a collection cycle takes of the processor.

import { statSync } from 'node:fs'
import type { QueryMetricsInput } from '../../contracts/metrics.ts'
import { allClusters } from '../clusters/registry.ts'
import { intervalMsOf } from '../collector/interval.ts'
import { InventoryBuilder } from '../collector/inventory.ts'
import { MessageCount } from '../collector/message-count.ts'
import type { GroupReading, Reading } from '../collector/reading.ts'
import { samplesOf } from '../collector/samples.ts'
import { TopicTraffic } from '../collector/topic-traffic.ts'
import { InventoryWriter } from '../collector/write-inventory.ts'
import { systemContext } from '../context.ts'
import { closeDatabase, type Database, database } from '../db/client.ts'
import { dialectOf } from '../db/dialect.ts'
import { CATALOGUE } from '../metrics/catalogue/catalogue.ts'
import { queryChart } from '../metrics/chart-query.ts'
import { queryMetrics } from '../metrics/query.ts'
import { RollUp } from '../metrics/roll-up.ts'
import { SampleStore } from '../metrics/store.ts'
import { TIERS_MS } from '../metrics/tiers.ts'
import { environment } from '../settings/environment.ts'
import {
  fillHistory,
  groupName,
  type HistoryShape,
  topicName,
  topicsOf,
  writeCopies,
} from './history-fill.ts'
import { fakeReading } from './reading.ts'

export interface HistoryLoad {
  topics: number
  partitions: number
  groups: number
  /** How many of the topics and groups are filled, 1 for all; sizes of the others are reckoned from them. */
  share: number
  /** Of the database with all tiers full. */
  sizeBytesMax: number
  chartMsMax: number
  cycleCpuMsMax: number
  /** By how much a figure may be over its bound. */
  factor: number
}

const CLUSTER = 'embedded'
const CYCLES = 12
const RUNS = 5
const HOUR_MS = 3_600_000
const RANGES = [
  ['1 h', HOUR_MS],
  ['24 h', 24 * HOUR_MS],
  ['7 d', 168 * HOUR_MS],
  ['90 d', 2_160 * HOUR_MS],
  ['180 d', 4_320 * HOUR_MS],
  ['2 y', 17_520 * HOUR_MS],
] as const

function readingAt(tMs: number, cycle: number, shape: HistoryShape): Reading {
  const ends = (topic: number): number[] =>
    Array.from({ length: shape.partitions }, (_, p) => 1e6 * (p + 1) + cycle * (topic % 97))
  const partitions = Array.from({ length: shape.partitions }, () => ({}))
  const topics = Array.from({ length: shape.topics }, (_, topic) => {
    return { name: topicName(topic), partitions, ends: ends(topic) }
  })
  const groups = Array.from({ length: shape.groups }, (_, group): GroupReading => {
    const committed = topicsOf(group, shape).map((topic) => {
      const offsets = ends(topic).map(
        (end, p) => [p, { offset: Math.max(0, end - group), metadata: null }] as const,
      )
      return [topicName(topic), new Map(offsets)] as const
    })
    return {
      description: {
        groupId: groupName(group),
        type: 'classic',
        state: 'Stable',
        protocolType: 'consumer',
        protocol: 'range',
        members: [],
      },
      coordinator: 1 + (group % 3),
      offsets: new Map(committed),
    }
  })
  return fakeReading(tMs, { topics, groups })
}

/** Cycles of the collector's own code on readings that are made here: all but the wire. CPU ms of each. */
async function runCycles(
  db: Database,
  shape: HistoryShape,
  to: { fromMs: number; count: number },
): Promise<number[]> {
  const [cluster] = allClusters()
  if (cluster === undefined) throw new Error('no cluster is set')
  const { writer, ...known } = await InventoryWriter.open(db, CLUSTER)
  const store = await SampleStore.open(db, CLUSTER, to.fromMs)
  const rollUp = await RollUp.open(db, CLUSTER, environment().history)
  const builder = new InventoryBuilder(cluster, known)
  const messages = new MessageCount()
  const traffic = new TopicTraffic()
  const spent: number[] = []
  for (let cycle = 1; cycle <= to.count; cycle++) {
    const nowMs = to.fromMs + cycle * shape.intervalMs
    const reading = readingAt(nowMs, cycle, shape)
    const before = process.cpuUsage()
    const inventory = builder.build(reading, shape.intervalMs)
    const messagesIn = messages.observe(reading)
    await writer.write(inventory, { asOfMs: nowMs, isGroupListComplete: true })
    const moved = traffic.observe(reading)
    await store.append(samplesOf(CLUSTER, reading, { inventory, traffic: moved, messagesIn }))
    await rollUp.step({ nowMs, writtenToMs: store.writtenToMs })
    const { user, system } = process.cpuUsage(before)
    spent.push((user + system) / 1000)
  }
  await store.close()
  return spent
}

/** Everything is folded up to here, as the collector's setting says it. */
async function markFolded(db: Database, nowMs: number): Promise<void> {
  const cursors = TIERS_MS.slice(0, -1).map((tier) => [
    tier,
    { endMs: nowMs, entity: '\uffff', family: 0 },
  ])
  const value = JSON.stringify(Object.fromEntries(cursors))
  const key = `history:${CLUSTER}`
  await db.setting.upsert({ where: { key }, create: { key, value }, update: { value } })
}

async function sizeBytesOf(db: Database): Promise<number> {
  const dialect = dialectOf(db)
  if (dialect === 'sqlite') {
    await db.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)')
    return statSync(environment().databaseUrl.replace(/^file:/, '')).size
  }
  const text =
    dialect === 'postgresql'
      ? 'SELECT pg_database_size(current_database())::text AS bytes'
      : `SELECT CAST(sum(data_length + index_length) AS CHAR) AS bytes
         FROM information_schema.tables WHERE table_schema = database()`
  const rows = await db.$queryRawUnsafe<{ bytes: string }[]>(text)
  return Number(rows[0]?.bytes)
}

type Chart = readonly [title: string, ask: (range: Range) => Promise<number>]
interface Range {
  from: number
  to: number
}

/** The longest series' points. */
function longest(series: readonly { points: readonly unknown[] }[]): number {
  return Math.max(0, ...series.map(({ points }) => points.length))
}

/** Charts of topics, groups and the cluster, then the catalogue's of all brokers and of each. */
function charts(every: number): Chart[] {
  const ctx = systemContext()
  const shared = { cluster: CLUSTER, limit: 8 }
  const stored = (query: Omit<QueryMetricsInput, 'cluster' | 'limit'>) => async (range: Range) =>
    longest((await queryMetrics({ ctx, input: { ...shared, ...query, ...range } })).series)
  const kept = (chart: string, by: 'cluster' | 'broker') => async (range: Range) =>
    longest((await queryChart({ ctx, input: { ...shared, chart, by, ...range } })).series)
  const topic = topicName(6)
  const group = groupName(6)
  return [
    ['messages in, a topic', stored({ metric: 'messages-in-rate', by: 'topic', names: [topic] })],
    ['messages in, largest topics', stored({ metric: 'messages-in-rate', by: 'topic' })],
    ['size, a topic', stored({ metric: 'size-bytes', by: 'topic', names: [topic] })],
    ['size, largest topics', stored({ metric: 'size-bytes', by: 'topic' })],
    ['bytes out, largest topics', stored({ metric: 'bytes-out-rate', by: 'topic' })],
    ['messages in, the cluster', stored({ metric: 'messages-in-rate', by: 'cluster' })],
    ['lag, a group', stored({ metric: 'lag', by: 'group', names: [group] })],
    ['lag, largest groups', stored({ metric: 'lag', by: 'group' })],
    // All of one section read alike: a share of the history has a share of them.
    ...CATALOGUE.filter((_, index) => index % every === 0).flatMap(({ id }): Chart[] => [
      [`${id}, all brokers`, kept(id, 'cluster')],
      [`${id}, each broker`, kept(id, 'broker')],
    ]),
  ]
}

function atShare(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const medianOf = (values: readonly number[]): number => atShare(values, 0.5)

/** How long one answer takes: median of some runs, in ms. */
async function timeOf(ask: () => Promise<number>, isOwn: boolean): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now()
    const before = process.cpuUsage()
    await ask()
    const { user, system } = process.cpuUsage(before)
    // SQLite works in this process: its time there is what an idle machine would show.
    const ms = isOwn ? (user + system) / 1000 : performance.now() - began
    times.push(ms)
    // One fast answer is enough of what is far from any bound.
    if (ms < 20) break
  }
  return medianOf(times)
}

/** Prints a line for each chart of topics and groups and for the slowest others; returns the slowest of all. */
async function timeCharts(nowMs: number, every: number): Promise<number> {
  const isOwn = dialectOf(await database()) === 'sqlite'
  console.log(`${'chart, ms'.padEnd(44)}${RANGES.map(([name]) => name.padStart(8)).join('')}`)
  const all: number[] = []
  const lines: { text: string; isStored: boolean; worst: number }[] = []
  for (const [title, ask] of charts(every)) {
    const isStored = lines.length < STORED_CHARTS
    const cells: number[] = []
    for (const [name, spanMs] of RANGES) {
      const range = { from: nowMs - spanMs, to: nowMs }
      const points = await ask(range)
      if (isStored && points < 10) throw new Error(`${title}: ${points} points in ${name}`)
      cells.push(await timeOf(() => ask(range), isOwn))
    }
    all.push(...cells)
    const text = title.padEnd(44) + cells.map((ms) => ms.toFixed(1).padStart(8)).join('')
    lines.push({ text, isStored, worst: Math.max(...cells) })
  }
  const others = lines.filter((line) => !line.isStored).sort((a, b) => b.worst - a.worst)
  for (const { text } of [...lines.filter((line) => line.isStored), ...others.slice(0, 6)])
    console.log(text)
  const worst = Math.max(...all)
  console.log(
    `${lines.length} charts over ${RANGES.length} ranges: p50 ${medianOf(all).toFixed(1)} ms, ` +
      `p99 ${atShare(all, 0.99).toFixed(1)} ms, slowest ${worst.toFixed(1)} ms`,
  )
  return worst
}

/** Charts of topics, groups and the cluster, of which each must have points in each range. */
const STORED_CHARTS = 8

function shapeOf({ topics, partitions, groups, share }: HistoryLoad): HistoryShape {
  return {
    topics: Math.max(64, Math.round(topics * share)),
    partitions,
    groups: Math.max(48, Math.round(groups * share)),
    topicsPerGroup: 3,
    brokers: 3,
    intervalMs: intervalMsOf(topics * partitions, false),
  }
}

/** Prints how large the history is; returns the bytes of all of it. */
async function fill(db: Database, load: HistoryLoad, nowMs: number): Promise<number> {
  const whole = shapeOf({ ...load, share: 1 })
  const shape = load.share === 1 ? whole : shapeOf(load)
  const began = performance.now()
  await writeCopies(db, shape)
  const to = { shape, whole, retention: environment().history, nowMs }
  const { filled, whole: all } = await fillHistory(db, CLUSTER, to)
  await markFolded(db, nowMs)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const sizeBytes = await sizeBytesOf(db)
  // What a row takes beside its samples: keys, indexes, pages that are not full.
  const perRow = (sizeBytes - filled.dataBytes) / filled.rows
  const wholeBytes = all.dataBytes + all.rows * perRow
  const { topics, partitions, groups, intervalMs } = shape
  console.log(
    `filled: ${topics} topics x ${partitions}, ${groups} groups, a cycle each ${intervalMs / 1000} s: ` +
      `${filled.series} series, ${filled.samples} points in ${filled.rows} rows (${seconds} s), ` +
      `${(sizeBytes / 1e9).toFixed(3)} GB; ${perRow.toFixed(0)} B a row beside its samples`,
  )
  const how = shape === whole ? 'measured' : 'reckoned from these by kinds of series and rows'
  console.log(
    `all tiers full, ${whole.topics} topics x ${partitions}, ${whole.groups} groups: ${all.series} series, ` +
      `${(wholeBytes / 1e9).toFixed(2)} GB, ${(wholeBytes / all.samples).toFixed(2)} B a point of a series, ` +
      `limit ${(load.sizeBytesMax / 1e9).toFixed(0)} GB (${how})`,
  )
  return wholeBytes
}

/** Prints the figures; true when all are within their bounds times the factor. */
export async function runHistoryLoad(load: HistoryLoad): Promise<boolean> {
  const db = await database()
  const nowMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  console.log('filling every tier …')
  const sizeBytes = await fill(db, load, nowMs)
  const whole = shapeOf({ ...load, share: 1 })
  // The pages look at what was filled.
  const own = await runCycles(db, shapeOf(load), {
    fromMs: nowMs,
    count: load.share === 1 ? CYCLES : 3,
  })
  const worst = await timeCharts(nowMs, load.share === 1 ? 1 : 8)
  const laterMs = nowMs + CYCLES * whole.intervalMs
  const cycles =
    load.share === 1 ? own : await runCycles(db, whole, { fromMs: laterMs, count: CYCLES })
  const cycleMs = medianOf(cycles)
  console.log(
    `a cycle of ${whole.topics} topics x ${whole.partitions}, ${whole.groups} groups without the wire: ` +
      `${cycleMs.toFixed(0)} ms of CPU, at most ${Math.max(...cycles).toFixed(0)} ms ` +
      `(limit ${load.cycleCpuMsMax} ms)`,
  )
  console.log(`slowest chart: ${worst.toFixed(1)} ms (limit ${load.chartMsMax} ms)`)
  await closeDatabase()
  const { factor, sizeBytesMax, chartMsMax, cycleCpuMsMax } = load
  return (
    sizeBytes <= factor * sizeBytesMax &&
    worst <= factor * chartMsMax &&
    cycleMs <= factor * cycleCpuMsMax
  )
}
