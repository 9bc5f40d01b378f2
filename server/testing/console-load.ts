// What the pages' queries take on a large cluster: bundled and run by scripts/console-load.mjs. Fills a database through the
// collector's own writers, then times the services themselves; no cluster runs, so live reads fall back at once.

import { getOverview } from '../clusters/overview.ts'
import { allClusters } from '../clusters/registry.ts'
import { InventoryBuilder } from '../collector/inventory.ts'
import { MessageCount } from '../collector/message-count.ts'
import type { GroupReading, Reading } from '../collector/reading.ts'
import { samplesOf } from '../collector/samples.ts'
import { TopicTraffic } from '../collector/topic-traffic.ts'
import { InventoryWriter } from '../collector/write-inventory.ts'
import { systemContext } from '../context.ts'
import { closeDatabase, database } from '../db/client.ts'
import { EventRecorder } from '../events/recorder.ts'
import { getGroup } from '../groups/get.ts'
import { listGroups } from '../groups/list.ts'
import { getLagHeatMap } from '../lag/heat-map.ts'
import { RollUp } from '../metrics/roll-up.ts'
import { SampleStore } from '../metrics/store.ts'
import { environment } from '../settings/environment.ts'
import { getTopic } from '../topics/get.ts'
import { listTopics } from '../topics/list.ts'
import { getReplicaMap } from '../topics/replica-map.ts'
import { fakeReading } from './reading.ts'

export interface LoadShape {
  topics: number
  partitionsPerTopic: number
  groups: number
  /** Collection cycles of history, a minute apart. */
  cycles: number
  /** Times each query is timed. */
  runs: number
}

const CLUSTER = 'embedded'
const CYCLE_MS = 60_000
const WORDS = ['orders', 'billing', 'users', 'events', 'audit', 'metrics', 'search', 'payments']

const topicName = (index: number): string =>
  `${WORDS[index % WORDS.length]}.${String(index).padStart(5, '0')}`

function readingAt(tMs: number, cycle: number, shape: LoadShape): Reading {
  const topics = Array.from({ length: shape.topics }, (_, index) => ({
    name: topicName(index),
    partitions: Array.from({ length: shape.partitionsPerTopic }, (_, partition) => {
      const first = 1 + ((index + partition) % 3)
      const replicas = [first, 1 + (first % 3), 1 + ((first + 1) % 3)]
      // Every hundredth topic has a copy out of sync, every fiftieth a leader that moved.
      const isr = index % 100 === 0 ? replicas.slice(0, 2) : replicas
      return { replicas, isr, leader: index % 50 === 0 ? (replicas[1] ?? first) : first }
    }),
    ends: Array.from(
      { length: shape.partitionsPerTopic },
      (_, partition) => 1_000 * partition + cycle * (index % 97),
    ),
  }))
  const replicas = topics.flatMap(({ name, partitions }, index) =>
    partitions.map((one, partition) => ({ topic: name, partition, ...one, index })),
  )
  const groups = Array.from({ length: shape.groups }, (_, index): GroupReading => {
    const topic = topics[(index * 7) % topics.length]
    const offsets = (topic?.ends ?? []).map((end, partition) => [
      partition,
      { offset: Math.max(0, end - index), metadata: '', leaderEpoch: 0 },
    ])
    return {
      description: {
        groupId: `group-${String(index).padStart(4, '0')}`,
        state: index % 5 === 0 ? 'Empty' : 'Stable',
        protocolType: 'consumer',
        protocol: 'range',
        members: [],
      } as unknown as GroupReading['description'],
      coordinator: 1 + (index % 3),
      offsets: new Map([[topic?.name ?? '', new Map(offsets as never)]]) as GroupReading['offsets'],
    }
  })
  const logDirs = [1, 2, 3].map((id) => {
    const held = replicas
      .filter((one) => one.replicas.includes(id))
      .map(({ topic, partition, index }) => ({
        ...{ topic, partition, offsetLag: 0 },
        sizeBytes: 1_000 * (index % 1_013) + cycle * (index % 97),
      }))
    const dir = { path: '/d', error: null, totalBytes: null, usableBytes: null, replicas: held }
    return [id, [dir]] as const
  })
  return fakeReading(tMs, { topics, groups, logDirs: new Map(logDirs) })
}

async function fill(shape: LoadShape): Promise<void> {
  const db = await database()
  const [cluster] = allClusters()
  if (cluster === undefined) throw new Error('no cluster is set')
  const firstMs = Date.now() - shape.cycles * CYCLE_MS
  const { writer, ...known } = await InventoryWriter.open(db, CLUSTER)
  const events = await EventRecorder.open(db, cluster, { read: async () => new Map() })
  const store = await SampleStore.open(db, CLUSTER, firstMs)
  const builder = new InventoryBuilder(cluster, known)
  const messages = new MessageCount()
  const traffic = new TopicTraffic()
  const rollUp = await RollUp.open(db, CLUSTER, environment().history)
  for (let cycle = 0; cycle < shape.cycles; cycle++) {
    const reading = readingAt(firstMs + cycle * CYCLE_MS, cycle, shape)
    const inventory = builder.build(reading, CYCLE_MS)
    const messagesIn = messages.observe(reading)
    await events.observe(reading, inventory)
    await store.append(
      samplesOf(CLUSTER, reading, { inventory, traffic: traffic.observe(reading), messagesIn }),
    )
    const written = { nowMs: reading.tMs, writtenToMs: store.writtenToMs }
    while (await rollUp.step(written));
    if (cycle === shape.cycles - 1) {
      await writer.write(inventory, { asOfMs: reading.tMs, isGroupListComplete: true })
    }
  }
}

type Query = readonly [title: string, boundMs: number, ask: () => Promise<unknown>]

/** The part of a lag cycle that is not waiting for brokers. */
const CYCLE_LAG_MS = 1_000
const LIST_MS = 50
const PAGE_MS = 150
/** Pages of the past by a column that is sampled: samples of every topic are read, those of offsets of every partition. */
const PAST_SORTED_MS = 500
const PAST_OFFSETS_MS = 1_500

function queries(shape: LoadShape): Query[] {
  const ctx = systemContext()
  const page = { cluster: CLUSTER, page: 1, pageSize: 100, sort: 'name' } as const
  const topics = (more: Partial<Parameters<typeof listTopics>[0]['input']>) => () =>
    listTopics({ ctx, input: { ...page, internal: false, ...more } })
  const groups = (more: Partial<Parameters<typeof listGroups>[0]['input']>) => () =>
    listGroups({ ctx, input: { ...page, sort: 'id', ...more } })
  const heatMap = () =>
    getLagHeatMap({
      ctx,
      input: { cluster: CLUSTER, measure: 'seconds', columns: 120, sort: 'worst' },
    })
  const last = Math.ceil(shape.topics / 100)
  const at = Date.now() - Math.floor(shape.cycles / 3) * CYCLE_MS
  const middle = topicName(Math.floor(shape.topics / 2))
  return [
    ['topics, first page', LIST_MS, topics({})],
    ['topics, last page', LIST_MS, topics({ page: last })],
    ['topics, by rate', LIST_MS, topics({ sort: '-messagesInRate' })],
    ['topics, by size', LIST_MS, topics({ sort: '-sizeBytes' })],
    ['topics, by span, middle page', LIST_MS, topics({ sort: 'offsetSpan', page: last >> 1 })],
    ['topics, by health', LIST_MS, topics({ sort: '-isr' })],
    ['topics, by partitions', LIST_MS, topics({ sort: '-partitions' })],
    ['topics, search of many', LIST_MS, topics({ search: 'orders' })],
    ['topics, search of one', LIST_MS, topics({ search: middle })],
    ['topics, search of none', LIST_MS, topics({ search: 'no such topic' })],
    ['topics, search and sort', LIST_MS, topics({ search: '1', sort: '-messagesInRate' })],
    ['groups, first page', LIST_MS, groups({})],
    ['groups, by lag', LIST_MS, groups({ sort: '-totalLag' })],
    ['groups, by lag in time', LIST_MS, groups({ sort: '-lagTime' })],
    ['groups, by verdict', LIST_MS, groups({ sort: '-verdict', verdict: 'ERR' })],
    ['groups, search and state', LIST_MS, groups({ search: '9', state: 'Stable' })],
    ['lag heat map, every group', PAGE_MS, heatMap],
    ['lag of a cycle, every group', CYCLE_LAG_MS, lagCycles(shape)],
    ['overview', PAGE_MS, () => getOverview({ ctx, input: { cluster: CLUSTER } })],
    ['topic', PAGE_MS, () => getTopic({ ctx, input: { cluster: CLUSTER, topic: middle } })],
    [
      'replica map of 200 topics',
      PAGE_MS,
      () => getReplicaMap({ ctx, input: { cluster: CLUSTER, limit: 200 } }),
    ],
    ['past topics, first page', PAGE_MS, topics({ at })],
    ['past topics, by size', PAST_SORTED_MS, topics({ at, sort: '-sizeBytes' })],
    ['past topics, by rate', PAST_OFFSETS_MS, topics({ at, sort: '-messagesInRate' })],
    ['past topics, by span', PAST_OFFSETS_MS, topics({ at, sort: '-offsetSpan' })],
    [
      'past topic',
      PAGE_MS,
      () => getTopic({ ctx, input: { cluster: CLUSTER, topic: middle, at } }),
    ],
    ['past groups, first page', PAGE_MS, groups({ at })],
    ['past groups, by verdict', PAGE_MS, groups({ at, sort: '-verdict' })],
    [
      'past group',
      PAGE_MS,
      () => getGroup({ ctx, input: { cluster: CLUSTER, group: 'group-0500', at } }),
    ],
  ]
}

/** Each call is one more cycle of all groups: seconds, verdicts, rates and forecasts. */
function lagCycles(shape: LoadShape): () => Promise<void> {
  const [cluster] = allClusters()
  if (cluster === undefined) throw new Error('no cluster is set')
  const known = { brokers: [], snapshot: null, groupKeys: new Map() }
  const builder = new InventoryBuilder(cluster, known)
  const readings = Array.from({ length: 4 }, (_, cycle) => readingAt(0, cycle, shape))
  let cycle = 0
  return async () => {
    const reading = readings[cycle % readings.length]
    cycle++
    if (reading === undefined) return
    const endsOf = (topicKey: string) => reading.ends.get(topicKey.slice('id-of-'.length))
    const groups = builder.groupsOf(reading)
    builder.lags.observe({ tMs: cycle * CYCLE_MS, groups, endsOf })
  }
}

const round = (ms: number): string => ms.toFixed(1).padStart(8)

/** Prints a line a query; true when every median is within its bound. */
export async function runLoad(shape: LoadShape): Promise<boolean> {
  const began = performance.now()
  await fill(shape)
  const filledS = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${shape.topics} topics, ${shape.topics * shape.partitionsPerTopic} partitions, ` +
      `${shape.groups} groups, ${shape.cycles} cycles: filled in ${filledS} s`,
  )
  console.log(`${''.padEnd(32)}    first   median      p95      CPU    bound  (ms)`)
  let isGood = true
  for (const [title, boundMs, ask] of queries(shape)) {
    const times: number[] = []
    let cpu = process.cpuUsage()
    for (let run = 0; run <= shape.runs; run++) {
      const from = performance.now()
      await ask()
      times.push(performance.now() - from)
      if (run === 0) cpu = process.cpuUsage()
    }
    const { user, system } = process.cpuUsage(cpu)
    const cpuMs = (user + system) / 1_000 / shape.runs
    const [first = 0, ...warm] = times
    warm.sort((a, b) => a - b)
    const at = (part: number): number => warm[Math.floor(warm.length * part)] ?? Number.NaN
    const isWithin = at(0.5) <= boundMs
    isGood &&= isWithin
    const mark = isWithin ? '' : '  TOO SLOW'
    console.log(
      `${title.padEnd(32)} ${round(first)} ${round(at(0.5))} ${round(at(0.95))} ${round(cpuMs)} ${round(boundMs)}${mark}`,
    )
  }
  await closeDatabase()
  return isGood
}
