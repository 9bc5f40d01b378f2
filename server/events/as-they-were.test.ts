import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getTopicContract, listTopicsContract } from '../../contracts/topics.ts'
import { listBrokers } from '../brokers/list.ts'
import { systemContext } from '../context.ts'
import { closeDatabase, database } from '../db/client.ts'
import { getGroup } from '../groups/get.ts'
import { listGroups } from '../groups/list.ts'
import { SampleStore } from '../metrics/store.ts'
import { getTopic } from '../topics/get.ts'
import { listTopics } from '../topics/list.ts'
import type { BrokerFacts, ClusterFacts, TopicFacts } from './facts.ts'
import { encodeFrame } from './frames.ts'
import { writeFrames } from './store.ts'
import { emptyFacts } from './testing.ts'

const directory = mkdtempSync(join(tmpdir(), 'eyrie-test-'))
process.env.EYRIE_DATA_DIR = directory
process.env.EYRIE_CLUSTERS = 'k=127.0.0.1:9'
const T = 1_800_000_000_000
const ctx = systemContext()

const topic = (name: string, isr: number[], leader: number | null): TopicFacts => ({
  ...{ name, isInternal: name.startsWith('_'), minInsyncReplicas: 2, isCompacted: false },
  partitions: [[leader, [1, 2], isr]],
})
const broker = (state: BrokerFacts['state']): BrokerFacts => ({
  ...{ state, sinceMs: T - 5_000, host: 'h', port: 1, rack: null, version: '4.1' },
  startedAt: T - 60_000,
})
const member = { clientId: 'app', host: '/h', groupInstanceId: null }
const past: ClusterFacts = {
  ...emptyFacts,
  topics: new Map([
    ['id-b', topic('b', [1, 2], 1)],
    ['id-a', topic('a', [2], 2)],
    ['id-c', topic('_c', [], null)],
  ]),
  brokers: new Map([
    [1, broker('offline')],
    [2, broker('online')],
  ]),
  groups: new Map([
    [
      'g',
      {
        ...{ state: 'Stable', protocolType: 'consumer', protocol: 'range', coordinator: 2 },
        topics: ['a'],
        members: { m: { ...member, assignment: [{ topic: 'a', partitions: [0] }] } },
      },
    ],
  ]),
  controllerId: 2,
}

beforeAll(async () => {
  const db = await database()
  const gone: ClusterFacts = { ...past, reach: 'unreachable', reachSinceMs: T + 1_000 }
  await writeFrames(db, 'k', [
    { kind: 0, atMs: T, data: await encodeFrame({ kind: 0, facts: past }) },
    { kind: 0, atMs: T + 60_000, data: await encodeFrame({ kind: 0, facts: gone }) },
  ])
  const cycle = (tMs: number, committed: number) => ({
    clusterId: 'k',
    tMs,
    entities: [
      ...[
        ['t:id-a', 'log', 'logEndOffset', 50] as const,
        ['g:g:id-a', 'offsets', 'committedOffset', committed] as const,
      ].map(([entity, family, field, value]) => ({
        entity,
        family,
        samples: [{ field, sub: 0, value }],
      })),
      {
        entity: 'g:g',
        family: 'health' as const,
        samples: [{ field: 'totalLag' as const, sub: -1, value: 50 - committed }],
      },
    ],
  })
  const store = await SampleStore.open(db, 'k', T)
  await store.append(cycle(T - 20_000, 30))
  await store.append(cycle(T - 10_000, 42))
  await store.append(cycle(T + 10_000, 49))
  await store.close()
  const at = BigInt(T + 300_000)
  await db.clusterInventory.create({ data: { clusterId: 'k', asOf: at, data: 'null' } })
})
afterAll(async () => {
  await closeDatabase()
  rmSync(directory, { recursive: true, force: true })
})

const topics = (query: object) =>
  listTopics({ ctx, input: { cluster: 'k', ...listTopicsContract.query.parse(query) } })

test('topics of that time: searched, sorted by health, without figures that were not sampled', async () => {
  const all = await topics({ at: String(T), sort: '-isr' })
  expect(listTopicsContract.response.parse(all)).toEqual(all)
  expect(all.items.map((one) => `${one.name} ${one.isr.level}`)).toEqual([
    '_c critical',
    'a critical',
    'b healthy',
  ])
  expect(all).toMatchObject({ total: 3, asOf: T })
  expect(all.items.every((one) => one.sizeBytes === null && one.offsetSpan === null)).toBe(true)
  const some = await topics({ at: String(T), internal: 'false', pageSize: '1', page: '2' })
  expect(some).toMatchObject({ total: 2, items: [{ name: 'b' }] })
})

test('a topic with its partitions and readers, brokers with their shares, a group with its members', async () => {
  const input = { cluster: 'k', at: T }
  const one = await getTopic({ ctx, input: { ...input, topic: 'a' } })
  expect(getTopicContract.response.parse(one)).toEqual(one)
  expect(one.partitionDetails).toMatchObject([{ leader: 2, preferred: 1, isr: [2], offline: [1] }])
  expect(one.readers).toMatchObject([{ group: 'g', members: 1, partitionsRead: 1, lag: 8 }])
  const { items } = await listBrokers({ ctx, input })
  expect(items).toMatchObject([
    { id: 1, isOnline: false, offlineSince: T - 5_000, leaders: 1, replicasOutOfSync: 2 },
    { id: 2, isOnline: true, isController: true, uptimeMs: 60_000, leaders: 1 },
  ])
  const group = await getGroup({ ctx, input: { ...input, group: 'g' } })
  expect(group.partitions).toMatchObject([
    { topic: 'a', partition: 0, memberId: 'm', committed: 42, end: 50, lag: 8 },
  ])
  expect(group.totalLag).toBe(8)
  const groups = { ...input, page: 1, pageSize: 10, sort: 'id' as const, state: 'Empty' as const }
  expect(await listGroups({ ctx, input: groups })).toMatchObject({ items: [], total: 0 })
  const { state: _, ...any } = groups
  expect(await listGroups({ ctx, input: any })).toMatchObject({ items: [{ id: 'g', totalLag: 8 }] })
})

test('a group of before there were samples has members, and no lag that is made up', async () => {
  const db = await database()
  const old = T - 86_400_000
  await writeFrames(db, 'k', [
    { kind: 0, atMs: old, data: await encodeFrame({ kind: 0, facts: past }) },
  ])
  const group = await getGroup({ ctx, input: { cluster: 'k', group: 'g', at: old } })
  expect(group.partitions).toMatchObject([{ partition: 0, committed: null, lag: null }])
  expect(group.totalLag).toBe(null)
  await db.historyFrame.deleteMany({ where: { atMs: BigInt(old) } })
})

test('while nothing could be read the state is as old as the last reading, and says so', async () => {
  expect(await topics({ at: String(T + 90_000) })).toMatchObject({ asOf: T + 1_000, total: 3 })
})

test('what is not kept is refused, not made up', async () => {
  await expect(topics({ at: String(T - 1) })).rejects.toMatchObject({
    code: 'not-found',
    reason: 'history-not-kept',
  })
  const topicOfThen = { cluster: 'k', topic: 'none', at: T }
  await expect(getTopic({ ctx, input: topicOfThen })).rejects.toMatchObject({
    reason: 'topic-unknown',
  })
})
