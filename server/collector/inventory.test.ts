import { afterEach, beforeEach, expect, test } from 'vitest'
import { listedJolokia } from '../clusters/metrics-source.ts'
import type { ClusterSettings } from '../clusters/registry.ts'
import { PLAINTEXT } from '../kafka/security.ts'
import { WireClient } from '../kafka/wire-client.ts'
import { entityOf } from '../metrics/fields.ts'
import { openTestDatabase } from '../testing/database.ts'
import { fakeReading, noMetrics } from '../testing/reading.ts'
import { intervalMsOf } from './interval.ts'
import { InventoryBuilder } from './inventory.ts'
import { MessageCount } from './message-count.ts'
import { RateTracker, TrendTracker } from './rates.ts'
import type { GroupReading } from './reading.ts'
import { samplesOf } from './samples.ts'
import { TopicTraffic } from './topic-traffic.ts'
import { InventoryWriter } from './write-inventory.ts'

let testing: Awaited<ReturnType<typeof openTestDatabase>>
beforeEach(async () => {
  testing = await openTestDatabase()
})
afterEach(() => testing.close())

function clusterOf(jolokia: readonly number[] = []): ClusterSettings & { client: WireClient } {
  return {
    id: 'c',
    name: 'c',
    kind: 'external',
    origin: 'environment',
    color: null,
    isProduction: false,
    bootstrap: [],
    security: PLAINTEXT,
    metrics: listedJolokia(new Map(jolokia.map((id) => [id, 'http://x/']))),
    client: new WireClient({ bootstrap: [] }),
  }
}

function builderOf(jolokia: readonly number[] = []): InventoryBuilder {
  const known = { brokers: [], snapshot: null, groupKeys: new Map() }
  return new InventoryBuilder(clusterOf(jolokia), known)
}

function group(groupId: string, committed: readonly number[]): GroupReading {
  return {
    description: {
      groupId,
      type: 'classic',
      state: 'Empty',
      protocolType: 'consumer',
      protocol: '',
      members: [],
    },
    coordinator: 1,
    offsets: new Map([
      ['t', new Map(committed.map((offset, index) => [index, { offset, metadata: null }]))],
    ]),
  }
}

test('groups that could not be asked still count, and the lag of the others is not the cluster’s', () => {
  const builder = builderOf()
  const topics = [{ name: 't', partitions: [{}], ends: [10] }]
  const whole = fakeReading(1_000, { topics, groups: [group('a', [4]), group('b', [9])] })
  const part = {
    ...fakeReading(2_000, { topics, groups: [group('b', [9])] }),
    isGroupListComplete: false,
  }
  const lagOf = (reading: typeof whole) => {
    const inventory = builder.build(reading, 10_000)
    const cycle = samplesOf('c', reading, { inventory, traffic: new Map(), messagesIn: 0 })
    const all = cycle.entities.flatMap(({ entity, samples }) =>
      samples.map((s) => ({ entity, ...s })),
    )
    const lag = all.find((one) => one.field === 'totalLag' && one.entity === entityOf.cluster())
    return { groups: inventory.snapshot.groups, lag: lag?.value }
  }
  expect(lagOf(whole)).toEqual({ groups: 2, lag: 7 })
  expect(lagOf(part)).toEqual({ groups: 2, lag: undefined })
})

test('rates are over the last minute and survive a restarted counter', () => {
  const rates = new RateTracker()
  expect(rates.observe('k', 0, [[1, 100]])).toBeNull()
  expect(rates.observe('k', 10_000, [[1, 200]])).toBe(10)
  expect(rates.observe('k', 20_000, [[1, 50]])).toBe(5)
  expect(rates.observe('k', 30_000, [[1, 150]])).toBeCloseTo(200 / 30)
  for (let t = 40_000; t <= 120_000; t += 10_000) rates.observe('k', t, [[1, 150]])
  expect(rates.observe('k', 130_000, [[1, 150]])).toBe(0)
  expect(rates.observe('none', 0, [])).toBeNull()
})

test('a level’s trend is over three minutes', () => {
  const trends = new TrendTracker()
  expect(trends.observe('g', 0, 100)).toBeNull()
  expect(trends.observe('g', 100_000, 300)).toBe(2)
  expect(trends.observe('g', 110_000, null)).toBeNull()
  expect(trends.observe('g', 120_000, 300)).toBeNull()
})

test('the count of written messages only grows, whatever comes and goes', () => {
  const count = new MessageCount()
  const read = (t: number, ends: Record<string, number[]>) =>
    count.observe(
      fakeReading(t, {
        topics: Object.entries(ends).map(([name, values]) => ({
          name,
          ends: values,
          partitions: values.map(() => ({})),
        })),
      }),
    )
  expect(read(0, { a: [10, 20], __internal: [500] })).toBe(30)
  expect(read(1, { a: [15, 20] })).toBe(35)
  expect(read(2, { a: [15, 20], b: [7] })).toBe(42)
  expect(read(3, { b: [7] })).toBe(42)
  expect(read(4, { b: [8] })).toBe(43)
})

test('a large cluster is asked less often, a watched one more', () => {
  const seconds = [100, 10_000, 40_000].map((n) => [
    intervalMsOf(n, false) / 1_000,
    intervalMsOf(n, true) / 1_000,
  ])
  expect(seconds).toEqual([
    [10, 5],
    [30, 15],
    [60, 30],
  ])
})

test('a dead broker stays in the picture with what it last had, and since when', () => {
  const builder = builderOf([1, 2, 3])
  const topics = [{ name: 't', partitions: [{}], ends: [5] }]
  const dir = (sizeBytes: number) => [
    {
      path: '/d',
      error: null,
      totalBytes: 100,
      usableBytes: 50,
      replicas: [{ topic: 't', partition: 0, sizeBytes, offsetLag: 0 }],
    },
  ]
  const logDirs = new Map([1, 2, 3].map((id) => [id, dir(id * 10)]))
  builder.build(fakeReading(1_000, { topics, logDirs }), 10_000)
  const dead = fakeReading(2_000, {
    topics: [{ name: 't', partitions: [{ leader: 2, isr: [2, 3] }], ends: [5] }],
    brokers: [2, 3],
    logDirs: new Map([2, 3].map((id) => [id, dir(id * 10)])),
  })
  builder.build(dead, 10_000)
  const { brokers, topics: rows, snapshot } = builder.build({ ...dead, tMs: 9_000 }, 10_000)
  expect(
    brokers.map(({ id, isOnline, sizeBytes, offlineSince }) => [
      id,
      isOnline,
      sizeBytes,
      offlineSince,
    ]),
  ).toEqual([
    [1, false, 10, 2_000],
    [2, true, 20, null],
    [3, true, 30, null],
  ])
  expect(rows[0]?.item.sizeBytes).toBe(60)
  expect(rows[0]?.item.isr).toMatchObject({ level: 'attention', partitionsNotPreferred: 1 })
  expect([snapshot.brokersOnline, snapshot.brokersTotal]).toEqual([2, 3])
})

test('every figure of a cycle becomes a sample at the cycle’s one time', () => {
  const builder = builderOf([1])
  const reading = fakeReading(5_000, {
    topics: [{ name: 't', partitions: [{}, {}], ends: [10, 20] }],
    groups: [group('g', [4, 20])],
    metrics: new Map([
      [1, { ...noMetrics, bytesIn: 77, topics: new Map([['t', { bytesIn: 7, bytesOut: null }]]) }],
    ]),
  })
  const inventory = builder.build(reading, 10_000)
  const traffic = new TopicTraffic().observe(reading)
  const cycle = samplesOf('c', reading, { inventory, traffic, messagesIn: 30 })
  expect(cycle.tMs).toBe(5_000)
  const of = (entity: string, family: string) =>
    cycle.entities
      .find((e) => e.entity === entity && e.family === family)
      ?.samples.map(({ field, sub, value }) => `${field}/${sub}=${value}`)
  expect(of('t:id-of-t', 'log')).toEqual([
    'logEndOffset/0=10',
    'logStartOffset/0=0',
    'logEndOffset/1=20',
    'logStartOffset/1=0',
  ])
  expect(of('t:id-of-t', 'traffic')).toEqual(['bytesIn/-1=0'])
  expect(of('g:g:id-of-t', 'offsets')).toEqual(['committedOffset/0=4', 'committedOffset/1=20'])
  expect(of('g:g', 'health')).toEqual(['totalLag/-1=6', 'lagTwiceSeconds/-1=1', 'verdictRank/-1=0'])
  expect(of('b:1', 'traffic')).toEqual(['bytesIn/-1=77'])
  expect(of('c', 'health')).toContain('totalLag/-1=6')
})

test('rows are written once, and again only when they change; what is gone is marked', async () => {
  const { writer } = await InventoryWriter.open(testing.db, 'c')
  const builder = builderOf()
  const write = (tMs: number, names: readonly string[], groups: readonly GroupReading[]) => {
    const topics = names.map((name) => ({ name, partitions: [{}], ends: [10] }))
    const inventory = builder.build(fakeReading(tMs, { topics, groups }), 10_000)
    return writer.write(inventory, { asOfMs: tMs, isGroupListComplete: true })
  }
  await write(1, ['t', 'u'], [group('g', [4])])
  await write(2, ['t'], [])
  const topics = await testing.db.topicInventory.findMany({ orderBy: { name: 'asc' } })
  expect(topics.map((row) => [row.name, row.deletedAt])).toEqual([
    ['t', null],
    ['u', 2n],
  ])
  const [gone] = await testing.db.groupInventory.findMany()
  expect([gone?.groupId, gone?.deletedAt, gone?.totalLag]).toEqual(['g', 2n, 6])
  // One cycle alone: how long, and what to think of it, is not known yet.
  expect([gone?.lagMs, gone?.verdictRank]).toEqual([0, 0])
  await write(3, ['t', 'u'], [group('g', [5])])
  expect(await testing.db.topicInventory.count({ where: { deletedAt: null } })).toBe(2)
  expect(await testing.db.groupInventory.count({ where: { deletedAt: null } })).toBe(1)
})

test('a group that nobody reads with any more: the list’s columns and the partition say so', async () => {
  const { writer } = await InventoryWriter.open(testing.db, 'c')
  const builder = builderOf()
  for (let i = 0; i < 12; i++) {
    const topics = [{ name: 't', partitions: [{}], ends: [10 + i] }]
    const reading = fakeReading(i * 10_000, { topics, groups: [group('g', [10])] })
    const inventory = builder.build(reading, 10_000)
    await writer.write(inventory, { asOfMs: reading.tMs, isGroupListComplete: true })
  }
  const [row] = await testing.db.groupInventory.findMany()
  expect([row?.verdictRank, row?.lagMs]).toEqual([5, 110_000])
  expect(JSON.parse(row?.item ?? '')).toMatchObject({
    verdict: 'ERR',
    worst: { topic: 't', partition: 0, verdict: 'STOP', reason: 'no-commit', lag: 11 },
  })
  const time = [110_000, 100_000, 110_000]
  expect(JSON.parse(row?.detail ?? '').lags).toEqual([
    [time, 'STOP', 'no-commit', 0, 11, null, null, 1],
  ])
})

test('an unreachable cluster keeps its picture; its brokers are offline since then', async () => {
  const { writer } = await InventoryWriter.open(testing.db, 'c')
  const builder = builderOf()
  const topics = [{ name: 't', partitions: [{}], ends: [10] }]
  const inventory = builder.build(fakeReading(1, { topics }), 10_000)
  await writer.write(inventory, { asOfMs: 1, isGroupListComplete: true })
  await writer.writeUnreachable('refused', 50)
  await writer.writeUnreachable('refused', 60)
  const cluster = await testing.db.clusterInventory.findUnique({ where: { clusterId: 'c' } })
  expect([cluster?.error, cluster?.asOf]).toEqual(['refused', 1n])
  const brokers = await testing.db.brokerInventory.findMany()
  const items = brokers.map((row) => JSON.parse(row.item))
  expect(items.map(({ isOnline, offlineSince }) => [isOnline, offlineSince])).toEqual([
    [false, 50],
    [false, 50],
    [false, 50],
  ])
  await writer.write(inventory, { asOfMs: 70, isGroupListComplete: true })
  const back = await testing.db.brokerInventory.findFirst()
  expect(JSON.parse(back?.item ?? '{}')).toMatchObject({ isOnline: true, offlineSince: null })
})

test('a new process goes on where the last one ended', async () => {
  const first = await InventoryWriter.open(testing.db, 'c')
  const topics = [{ name: 't', partitions: [{}], ends: [10] }]
  const inventory = builderOf().build(fakeReading(1, { topics, groups: [group('g', [4])] }), 10_000)
  await first.writer.write(inventory, { asOfMs: 1, isGroupListComplete: true })
  const second = await InventoryWriter.open(testing.db, 'c')
  expect(second.snapshot?.controllerSinceMs).toBe(1)
  expect(second.brokers.map((broker) => broker.id)).toEqual([1, 2, 3])
  expect(second.groupKeys.get('g')).toEqual({ t: 'id-of-t' })
  const later = builderOf().build(fakeReading(9, { topics: [] }), 10_000)
  await second.writer.write(later, { asOfMs: 9, isGroupListComplete: false })
  expect(await testing.db.topicInventory.count({ where: { deletedAt: 9n } })).toBe(1)
  // One coordinator did not answer: the group may well be alive.
  expect(await testing.db.groupInventory.count({ where: { deletedAt: null } })).toBe(1)
})

test('a controller elected again is in office from then on; what is not told changes nothing', () => {
  const builder = builderOf()
  const sinceMs = (tMs: number, leaderEpoch: number | null) => {
    const shared = { leaderId: 1, highWatermark: 0, voters: [], observers: [], nodes: new Map() }
    const quorum = leaderEpoch === null ? undefined : { ...shared, leaderEpoch }
    return builder.build(fakeReading(tMs, { topics: [], quorum }), 10_000).snapshot
      .controllerSinceMs
  }
  expect([sinceMs(1, 5), sinceMs(2, 5), sinceMs(3, 6), sinceMs(4, 6)]).toEqual([1, 1, 3, 3])
  expect([sinceMs(5, null), sinceMs(6, 6)]).toEqual([3, 3])
})
