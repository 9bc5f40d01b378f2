// What two years of history cost: bundled and run by scripts/history-load.mjs. Fills every tier, then measures the
// database's size, a chart over each range, and what a collection cycle takes of the processor.

import { statSync } from 'node:fs'
import type { QueryMetricsInput } from '../../contracts/metrics.ts'
import { allClusters } from '../clusters/registry.ts'
import { intervalMsOf } from '../collector/cluster-loop.ts'
import { InventoryBuilder } from '../collector/inventory.ts'
import { MessageCount } from '../collector/message-count.ts'
import type { GroupReading, Reading } from '../collector/reading.ts'
import { samplesOf } from '../collector/samples.ts'
import { InventoryWriter } from '../collector/write-inventory.ts'
import { systemContext } from '../context.ts'
import { closeDatabase, type Database, database } from '../db/client.ts'
import { dialectOf } from '../db/dialect.ts'
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
  /** Of the database with all tiers full. */
  sizeBytesMax: number
  chartMsMax: number
  cycleCpuMsMax: number
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

/** Cycles of the collector's own code on readings that are made here: all but the wire. */
async function runCycles(db: Database, shape: HistoryShape, fromMs: number): Promise<number[]> {
  const [cluster] = allClusters()
  if (cluster === undefined) throw new Error('no cluster is set')
  const { writer, ...known } = await InventoryWriter.open(db, CLUSTER)
  const store = await SampleStore.open(db, CLUSTER, fromMs)
  const rollUp = await RollUp.open(db, CLUSTER, environment().history)
  const builder = new InventoryBuilder(cluster, known)
  const messages = new MessageCount()
  const spent: number[] = []
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const nowMs = fromMs + cycle * shape.intervalMs
    const reading = readingAt(nowMs, cycle, shape)
    const before = process.cpuUsage()
    const inventory = builder.build(reading, shape.intervalMs)
    const messagesIn = messages.observe(reading)
    await writer.write(inventory, { asOfMs: nowMs, isGroupListComplete: true })
    const { sizes } = builder
    await store.append(samplesOf(CLUSTER, reading, { inventory, sizes, messagesIn }))
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

type Chart = readonly [title: string, input: Omit<QueryMetricsInput, 'cluster' | 'limit'>]

function charts(): Chart[] {
  const topic = topicName(6)
  const group = groupName(6)
  return [
    ['messages in, a topic', { metric: 'messages-in-rate', by: 'topic', names: [topic] }],
    ['messages in, largest topics', { metric: 'messages-in-rate', by: 'topic' }],
    ['size, a topic', { metric: 'size-bytes', by: 'topic', names: [topic] }],
    ['bytes out, a topic', { metric: 'bytes-out-rate', by: 'topic', names: [topic] }],
    ['messages in, the cluster', { metric: 'messages-in-rate', by: 'cluster' }],
    ['lag, a group', { metric: 'lag', by: 'group', names: [group] }],
    ['lag, largest groups', { metric: 'lag', by: 'group' }],
    ['bytes in, each broker', { metric: 'bytes-in-rate', by: 'broker' }],
    ['produce p99, each broker', { metric: 'produce-p99-ms', by: 'broker' }],
  ]
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Medians in ms; prints a line a chart, a column a range. */
async function timeCharts(nowMs: number, load: HistoryLoad): Promise<number> {
  const ctx = systemContext()
  const isOwn = dialectOf(await database()) === 'sqlite'
  console.log(
    `${'chart (median ms)'.padEnd(30)}${RANGES.map(([name]) => name.padStart(9)).join('')}`,
  )
  let worst = 0
  for (const [title, query] of charts()) {
    const cells: string[] = []
    for (const [, spanMs] of RANGES) {
      const input = { cluster: CLUSTER, limit: 8, ...query, from: nowMs - spanMs, to: nowMs }
      const times: number[] = []
      for (let run = 0; run < RUNS; run++) {
        const began = performance.now()
        const before = process.cpuUsage()
        const { series } = await queryMetrics({ ctx, input })
        const { user, system } = process.cpuUsage(before)
        // SQLite works in this process: its time there is what an idle machine would show.
        times.push(isOwn ? (user + system) / 1000 : performance.now() - began)
        if (!series.some(({ points }) => points.length > 10)) throw new Error(`${title}: empty`)
      }
      const median = medianOf(times)
      worst = Math.max(worst, median)
      cells.push(`${median.toFixed(1)}${median > load.chartMsMax ? '!' : ''}`.padStart(9))
    }
    console.log(`${title.padEnd(30)}${cells.join('')}`)
  }
  return worst
}

/** Prints the figures; true when all are within their bounds. */
export async function runHistoryLoad(load: HistoryLoad): Promise<boolean> {
  const db = await database()
  const { topics, partitions, groups } = load
  const shape: HistoryShape = {
    topics,
    partitions,
    groups,
    topicsPerGroup: 3,
    brokers: 3,
    intervalMs: intervalMsOf(topics * partitions, false),
  }
  const nowMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  console.log('filling every tier …')
  const began = performance.now()
  await writeCopies(db, shape)
  const filled = await fillHistory(db, CLUSTER, {
    shape,
    retention: environment().history,
    nowMs,
  })
  await markFolded(db, nowMs)
  const seconds = (performance.now() - began) / 1000
  const sizeBytes = await sizeBytesOf(db)
  const gigabytes = (sizeBytes / 1e9).toFixed(2)
  const perSample = (sizeBytes / filled.samples).toFixed(2)
  console.log(
    `${topics} topics x ${partitions}, ${groups} groups, a cycle each ${shape.intervalMs / 1000} s: ` +
      `${filled.series} series, ${filled.samples} points in ${filled.rows} rows ` +
      `(${seconds.toFixed(0)} s to fill)`,
  )
  console.log(
    `all tiers full: ${gigabytes} GB, ${perSample} B a point of a series ` +
      `(limit ${(load.sizeBytesMax / 1e9).toFixed(0)} GB)`,
  )
  const cycles = await runCycles(db, shape, nowMs)
  const cycleMs = medianOf(cycles)
  const longest = Math.max(...cycles)
  console.log(
    `a cycle without the wire: ${cycleMs.toFixed(0)} ms of CPU, at most ${longest.toFixed(0)} ms ` +
      `(limit ${load.cycleCpuMsMax} ms)`,
  )
  const worst = await timeCharts(nowMs, load)
  console.log(`slowest chart: ${worst.toFixed(1)} ms (limit ${load.chartMsMax} ms)`)
  await closeDatabase()
  return sizeBytes <= load.sizeBytesMax && worst <= load.chartMsMax && cycleMs <= load.cycleCpuMsMax
}
