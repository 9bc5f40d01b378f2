// The collector's own code over made readings; then the past is asked for, cycle by cycle, and has to be what the
// inventory was then.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getBrokerContract, listBrokersContract } from '../../contracts/brokers.ts'
import { getGroupContract, listGroupsContract } from '../../contracts/groups.ts'
import { getTopicContract, listTopicsContract, type TopicItem } from '../../contracts/topics.ts'
import { getBroker } from '../brokers/get.ts'
import { listBrokers } from '../brokers/list.ts'
import type { Inventory } from '../collector/inventory.ts'
import type { GroupReading, Reading } from '../collector/reading.ts'
import { systemContext } from '../context.ts'
import { closeDatabase, database } from '../db/client.ts'
import { getGroup } from '../groups/get.ts'
import { listGroups } from '../groups/list.ts'
import { ofTwiceSeconds, twiceSeconds } from '../lag/heat-cells.ts'
import { lagMsOf } from '../lag/lag-time.ts'
import { unpackedLag } from '../lag/packed.ts'
import { RollUp } from '../metrics/roll-up.ts'
import { parseRetention } from '../metrics/tiers.ts'
import { fakeReading, noMetrics } from '../testing/reading.ts'
import { recordCycles } from '../testing/record-cycles.ts'
import { getTopic } from '../topics/get.ts'
import { listTopics } from '../topics/list.ts'

const directory = mkdtempSync(join(tmpdir(), 'eyrie-test-'))
process.env.EYRIE_DATA_DIR = directory
process.env.EYRIE_CLUSTERS = 'k=127.0.0.1:9'
const ctx = systemContext()
const CYCLE_MS = 10_000
/** From when a cycle begins to when it asks for end offsets. */
const LATER_MS = 500
/** 19 minutes, an hour ago; minutes begin with it. */
const CYCLES = 115
const T = Math.floor((Date.now() - 3_600_000) / 3_600_000) * 3_600_000
const atOf = (cycle: number): number => T + cycle * CYCLE_MS

const steps = (cycle: number, every: number, by: number): number => Math.floor(cycle / every) * by

/** Per partition: where it ends, and what each group has committed. */
const ORDERS = (i: number) => [100 + 7 * i, 40 * i, 500]
const BILLS = (i: number) => [Math.max(0, i - 20) * 3]
const wayBack = (i: number): number => (i < 60 ? 100 + 7 * i : i < 106 ? 3 * i : 2 * i)
const GROUPS: Record<string, (i: number) => { orders?: number[]; bills?: number[] }> = {
  'keeps-up': (i) => ({ orders: ORDERS(i), bills: BILLS(i) }),
  'falls-behind': (i) => ({ orders: [90 + 5 * i, 25 * i, 500] }),
  'in-batches': (i) => ({ orders: [80 + steps(i, 6, 40), steps(i, 9, 360), 500] }),
  stops: (i) => ({ orders: [100 + 7 * Math.min(i, 30), 40 * Math.min(i, 41), 500] }),
  stalls: (i) => ({ bills: [3 * Math.min(Math.max(0, i - 20), 25)] }),
  'goes-back': (i) => ({ orders: [wayBack(i), 40 * i, 500] }),
  'comes-late': (i): { orders?: number[] } => (i < 50 ? {} : { orders: [60 + 5 * i, 35 * i, 500] }),
}
const OWNED = ['keeps-up', 'stalls', 'falls-behind']

function groupReading(groupId: string, cycle: number): GroupReading {
  const committed = Object.entries(GROUPS[groupId]?.(cycle) ?? {})
  const assignment = committed.map(([topic, at]) => ({ topic, partitions: at.map((_, p) => p) }))
  const member = { memberId: `m-${groupId}`, clientId: 'c', host: '/h', groupInstanceId: null }
  return {
    description: {
      ...{ groupId, type: 'classic', state: 'Stable', protocolType: 'consumer', protocol: 'range' },
      members: OWNED.includes(groupId) ? [{ ...member, assignment }] : [],
    },
    coordinator: 1,
    offsets: new Map(
      committed.map(([topic, at]) => [
        topic,
        new Map(at.map((offset, partition) => [partition, { offset, metadata: null }])),
      ]),
    ),
  } as GroupReading
}

/** Broker 2 begins anew at cycle 70, broker 3 does not answer from 90 to 95 and is gone from 100 on. */
function metricsAt(i: number): Reading['metrics'] {
  const of = (id: number, since: number) => {
    const grown = i - since
    return [
      id,
      {
        ...noMetrics,
        ...{ messagesIn: 900 * grown, bytesIn: 5_000 * grown, bytesOut: 11_000 * grown },
        ...{ produceRequests: 10 + grown, fetchRequests: 0, produceP99Ms: 3.25 + (i % 5) },
        ...{ heapUsedBytes: 64 * 1_048_576, uptimeMs: grown * CYCLE_MS, fetchP99Ms: 0 },
        topics: new Map([['orders', { bytesIn: 4_000 * grown, bytesOut: 9_000 * grown }]]),
      },
    ] as const
  }
  const isSilent = (i >= 90 && i < 95) || i >= 100
  return new Map([of(1, -500), of(2, i < 70 ? -300 : 70), ...(isSilent ? [] : [of(3, -100)])])
}

function readingAt(i: number): Reading {
  const topics = [
    { name: 'orders', partitions: [{ leader: 1 }, { leader: 2 }, { leader: 3 }], ends: ORDERS(i) },
    { name: 'bills', partitions: [{ leader: 2 }], ends: BILLS(i) },
  ]
  const brokers = i >= 100 ? [1, 2] : [1, 2, 3]
  const reading = fakeReading(atOf(i), {
    ...{ topics, brokers, metrics: metricsAt(i), startedMs: atOf(i) - LATER_MS },
    groups: Object.keys(GROUPS).map((id) => groupReading(id, i)),
    logDirs: new Map(
      brokers.map((id) => [
        id,
        [
          {
            ...{ path: '/d', error: null, totalBytes: null, usableBytes: null },
            replicas: [{ topic: 'orders', partition: 0, sizeBytes: 1_000 * i + id, offsetLag: 0 }],
          },
        ],
      ]),
    ),
  })
  // At cycle 55 the leader of a partition does not answer.
  if (i === 55) reading.ends.get('orders')?.delete(1)
  return reading
}

const then: Inventory[] = []

beforeAll(async () => {
  const readings = Array.from({ length: CYCLES }, (_, i) => readingAt(i))
  then.push(...(await recordCycles('k', readings, CYCLE_MS)))
}, 120_000)
afterAll(async () => {
  await closeDatabase()
  rmSync(directory, { recursive: true, force: true })
})

const groupsThen = (cycle: number) => then[cycle]?.groups ?? []
const groupThen = (cycle: number, id: string) =>
  groupsThen(cycle).find(({ item }) => item.id === id)
const groupsAt = (at: number, query: object = {}) =>
  listGroups({
    ctx,
    input: { cluster: 'k', ...listGroupsContract.query.parse({ at: String(at), ...query }) },
  })
const topicsAt = (at: number, query: object = {}) =>
  listTopics({
    ctx,
    input: { cluster: 'k', ...listTopicsContract.query.parse({ at: String(at), ...query }) },
  })

describe.each([0, 1, 5, 12, 33, 55, 61, 75, 92, 96, 99, 104, 114])('cycle %i', (cycle) => {
  /** A little later: the last cycle holds until the next. */
  const at = atOf(cycle) + 4_000

  test('each group is judged as it was then, partition by partition', async () => {
    for (const { item, detail } of groupsThen(cycle)) {
      const group = await getGroup({ ctx, input: { cluster: 'k', group: item.id, at } })
      expect(getGroupContract.response.parse(group)).toEqual(group)
      const { worst, ...figures } = item
      expect(group).toMatchObject(figures)
      // How many commits were seen of a partition without lag is not told by a look back of minutes.
      const commits = worst?.reason === 'no-lag' ? 0 : worst?.commits
      expect(group.worst).toEqual(worst && { ...worst, commits })
      expect(group.partitions).toMatchObject(
        detail.partitions.map(([topic, partition, committed, logStart, end], index) => {
          const judged = unpackedLag(detail.lags?.[index])
          const { lagTime, verdict } = judged ?? { lagTime: null, verdict: null }
          return { topic, partition, committed, logStart, end, lagTime, verdict }
        }),
      )
    }
  })

  test('the list has every group’s lag, its time to the second, its verdict, its rates', async () => {
    const list = await groupsAt(at)
    expect(listGroupsContract.response.parse(list)).toEqual(list)
    const live = groupsThen(cycle).map(({ item }) => item)
    live.sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(list.items).toEqual(
      live.map(({ lagTime, ...item }) => ({
        ...item,
        worst: null,
        lagTime: lagTime && item.totalLag !== 0 ? keptOf(lagTime) : lagTime,
      })),
    )
  })

  test('topics: offsets, sizes, rates and readers are those of then', async () => {
    const { items } = await topicsAt(at)
    const live = (then[cycle]?.topics ?? []).map((row) => ({
      ...row,
      item: { ...row.item, ...heardRates(cycle, row.item) },
    }))
    expect(items).toMatchObject(
      [...live].sort((a, b) => (a.item.name < b.item.name ? -1 : 1)).map(({ item }) => item),
    )
    for (const { item, detail } of live) {
      const topic = await getTopic({ ctx, input: { cluster: 'k', topic: item.name, at } })
      expect(getTopicContract.response.parse(topic)).toEqual(topic)
      expect(topic).toMatchObject(item)
      expect(topic.partitionDetails.map((one) => [one.logStart, one.highWatermark])).toEqual(
        detail.partitions.map((packed) => [packed[6], packed[7]]),
      )
      const partition = { logEnd: null, sizeBytes: null, leaderEpoch: null }
      expect(topic.partitionDetails).toMatchObject(detail.partitions.map(() => partition))
      for (const reader of topic.readers) {
        const group = groupThen(cycle, reader.group)
        const own = group?.detail.partitions.filter(([name]) => name === item.name) ?? []
        expect(reader.partitionsRead).toBe(own.length)
        if (group?.item.topics.length === 1) {
          expect(reader).toMatchObject({ lag: group.item.totalLag, lagTime: group.item.lagTime })
          expect(reader.worst?.verdict ?? null).toBe(group.item.worst?.verdict ?? null)
        }
      }
    }
  })

  test('brokers: size, rates, latencies and memory are those of then', async () => {
    const list = await listBrokers({ ctx, input: { cluster: 'k', at } })
    expect(listBrokersContract.response.parse(list)).toEqual(list)
    const figures = (then[cycle]?.brokers ?? []).map((broker) => ({
      ...{ id: broker.id, isOnline: broker.isOnline, sizeBytes: broker.sizeBytes },
      ...{ messagesInRate: broker.messagesInRate, bytesInRate: broker.bytesInRate },
      ...{ bytesOutRate: broker.bytesOutRate, produceP99Ms: broker.produceP99Ms },
      ...{ fetchP99Ms: broker.fetchP99Ms, memoryUsedBytes: broker.memoryUsedBytes },
      // What the collector did not hear of a broker that was there, samples cannot give a reason for.
      metricsMissing: broker.metricsMissing && (broker.isOnline ? 'no-sample-then' : 'offline'),
    }))
    expect(list.items).toMatchObject(figures)
    const one = await getBroker({ ctx, input: { cluster: 'k', broker: 2, at } })
    expect(getBrokerContract.response.parse(one)).toEqual(one)
    expect(one).toMatchObject(figures[1] ?? {})
  })
})

/**
 * What a broker counted while it did not answer is not known to belong to the minute in which it does again: charts leave
 * it out, the live list does not.
 */
function heardRates(cycle: number, { name, bytesInRate, bytesOutRate }: TopicItem) {
  const unheard = name === 'orders' && cycle >= 95 && cycle < 100 ? 6 / 60 : 0
  return {
    bytesInRate: bytesInRate && expect.closeTo(bytesInRate - 4_000 * unheard, 6),
    bytesOutRate: bytesOutRate && expect.closeTo(bytesOutRate - 9_000 * unheard, 6),
  }
}

/** As the samples have it: whole seconds, its bounds lost. */
function keptOf(time: NonNullable<Parameters<typeof lagMsOf>[0]>) {
  const { ms, isAtLeast } = ofTwiceSeconds(twiceSeconds(time))
  if (isAtLeast) return { estimateMs: null, atLeastMs: ms, atMostMs: null }
  return { estimateMs: ms, atLeastMs: 0, atMostMs: null }
}

test('verdicts of all kinds were met, each also by its filter; columns sort by what was then', async () => {
  const at = atOf(114)
  const causes = new Map(groupsThen(114).map(({ item }) => [item.id, item.worst?.verdict ?? null]))
  expect(new Set(causes.values())).toEqual(new Set(['OK', 'WARN', 'REWIND', 'STALL', 'STOP']))
  const names = async (query: object) => (await groupsAt(at, query)).items.map(({ id }) => id)
  expect(await names({ verdict: 'REWIND' })).toEqual(['goes-back'])
  expect((await names({ verdict: 'ERR' })).sort()).toEqual(['goes-back', 'stalls', 'stops'])
  const worst = await groupsAt(at, { sort: '-verdict', pageSize: '2' })
  expect(worst.items.map(({ cause }) => cause)).toEqual(['STOP', 'STALL'])
  const longest = await groupsAt(at, { sort: '-lagTime' })
  const waits = longest.items.map(({ lagTime }) => lagTime && lagMsOf(lagTime))
  expect(waits).toEqual([...waits].sort((a, b) => (b ?? -1) - (a ?? -1)))
  expect((await topicsAt(at, { sort: '-offsetSpan', pageSize: '1' })).items).toMatchObject([
    { name: 'orders', offsetSpan: 100 + 47 * 114 + 500 },
  ])
  expect((await topicsAt(at, { sort: '-sizeBytes', pageSize: '1' })).items[0]?.name).toBe('orders')
  expect((await topicsAt(at, { sort: 'bytesInRate' })).items.map(({ name }) => name)).toEqual([
    'bills',
    'orders',
  ])
})

test('producer and consumer rates of a partition are those of the five minutes before', async () => {
  const group = await getGroup({
    ctx,
    input: { cluster: 'k', group: 'falls-behind', at: atOf(75) },
  })
  expect(group.partitions.map((one) => [one.producerRate, one.consumerRate])).toEqual([
    [0.7, 0.5],
    [4, 2.5],
    [0, 0],
  ])
})

test('a broker that went after the last cycle has no rates of before, and the disk it had', async () => {
  // Its state is of the reading that began then, whose samples were taken a moment later.
  const { items } = await listBrokers({ ctx, input: { cluster: 'k', at: atOf(100) - LATER_MS } })
  expect(items[2]).toMatchObject({ id: 3, isOnline: false, metricsMissing: 'offline' })
  expect(items[2]).toMatchObject({ bytesInRate: null, produceP99Ms: null, memoryUsedBytes: null })
  expect(items[2]?.sizeBytes).toBe(then[99]?.brokers[2]?.sizeBytes)
  expect(items[0]?.bytesInRate).toBe(then[99]?.brokers[0]?.bytesInRate)
})

test('of a time long after the last sample nothing is shown as if it were known', async () => {
  const at = atOf(CYCLES) + 300_000
  const { items } = await topicsAt(at)
  const none = { messagesInRate: null, bytesInRate: null, bytesOutRate: null }
  expect(items).toMatchObject(items.map(() => ({ sizeBytes: null, offsetSpan: null, ...none })))
  const group = await getGroup({ ctx, input: { cluster: 'k', group: 'stops', at } })
  const unknown = { totalLag: null, lagTime: null, verdict: null, cause: null, worst: null }
  expect(group).toMatchObject({ ...unknown, forecast: { kind: 'unknown' }, partitions: [] })
  const brokers = await listBrokers({ ctx, input: { cluster: 'k', at } })
  const missing = brokers.items.map(({ metricsMissing }) => metricsMissing)
  expect(missing).toEqual(['no-sample-then', 'no-sample-then', 'offline'])
})

test('from minutes alone: figures and waits as exact as those, no verdict but of what has no lag', async () => {
  const db = await database()
  const nowMs = Date.now()
  const rollUp = await RollUp.open(db, 'k', parseRetention('1h,14d,90d,730d'))
  while (await rollUp.step({ nowMs, writtenToMs: atOf(CYCLES) + 120_000 }));
  const fine = { clusterId: 'k', resolutionMs: 0 }
  expect(await db.chunk.count({ where: { clusterId: 'k', resolutionMs: 60_000 } })).toBeGreaterThan(
    0,
  )
  await db.chunk.deleteMany({ where: fine })
  // The last point of a minute, 100 ms later at most: cycle 96 ends one.
  const at = atOf(96)
  const { items } = await topicsAt(at)
  expect(items).toMatchObject([
    { name: 'bills', bytesInRate: 0, offsetSpan: 228, messagesInRate: 0.3 },
    { name: 'orders', offsetSpan: 600 + 47 * 96, messagesInRate: 4.7 },
  ])
  // Broker 2 began anew within the minute before cycle 72: what it counted before and after is all there is to it.
  for (const cycle of [72, 96]) {
    const brokers = await listBrokers({ ctx, input: { cluster: 'k', at: atOf(cycle) } })
    expect(brokers.items.map(({ bytesInRate }) => bytesInRate)).toEqual(
      (then[cycle]?.brokers ?? []).map(({ bytesInRate }) => bytesInRate),
    )
  }
  for (const { item, detail } of groupsThen(96)) {
    const group = await getGroup({ ctx, input: { cluster: 'k', group: item.id, at } })
    expect(group).toMatchObject({
      totalLag: item.totalLag,
      verdict: item.verdict,
      cause: item.cause,
    })
    expect(group.flow.producerRate).toBeCloseTo(item.flow.producerRate ?? Number.NaN, 6)
    for (const [index, one] of group.partitions.entries()) {
      const judged = unpackedLag(detail.lags?.[index])
      expect(one.verdict?.verdict ?? null).toBe(one.lag === 0 ? 'OK' : null)
      if (judged?.lagTime == null || one.lagTime === null) throw new Error('no time')
      const [wide, close] = [one.lagTime, judged.lagTime]
      expect(wide.atLeastMs).toBeLessThanOrEqual(close.atMostMs ?? Number.POSITIVE_INFINITY)
      expect(wide.atMostMs ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(close.atLeastMs)
    }
  }
})
