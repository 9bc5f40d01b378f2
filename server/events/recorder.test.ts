import { afterEach, beforeEach, expect, test } from 'vitest'
import { listedJolokia } from '../clusters/metrics-source.ts'
import type { Cluster } from '../clusters/registry.ts'
import { InventoryBuilder } from '../collector/inventory.ts'
import type { GroupReading, Reading } from '../collector/reading.ts'
import { PLAINTEXT } from '../kafka/security.ts'
import { WireClient } from '../kafka/wire-client.ts'
import { openTestDatabase } from '../testing/database.ts'
import { type FakeTopicShape, fakeReading } from '../testing/reading.ts'
import { type ConfigFacts, factsToJson } from './facts.ts'
import { readEvents } from './list.ts'
import { EventRecorder } from './recorder.ts'
import { keptFrom, pruneEvents, readStateAt } from './store.ts'

type Opened = Awaited<ReturnType<typeof openTestDatabase>>
let opened: Opened
let configs: Map<string, ConfigFacts>

beforeEach(async () => {
  opened = await openTestDatabase()
  configs = new Map()
})
afterEach(() => opened.close())

const cluster: Cluster = {
  ...{ id: 'k', name: 'k', kind: 'external', origin: 'environment', color: null },
  ...{ isProduction: false, bootstrap: [], security: PLAINTEXT },
  metrics: listedJolokia(new Map()),
  client: new WireClient({ bootstrap: [] }),
}
const T = 1_800_000_000_000

/** One process of the collector. */
async function collector() {
  const builder = new InventoryBuilder(cluster, {
    brokers: [],
    snapshot: null,
    groupKeys: new Map(),
  })
  const recorder = await EventRecorder.open(opened.db, cluster, {
    read: () => Promise.resolve(configs),
  })
  return {
    recorder,
    see: async (
      atS: number,
      topics: readonly FakeTopicShape[],
      more: Partial<Reading> & { brokers?: readonly number[] } = {},
    ) => {
      const reading = fakeReading(T + atS * 1_000, { topics, ...more })
      await recorder.observe(reading, builder.build(reading, 5_000))
    },
  }
}

async function lines(more: object = {}) {
  const { items } = await readEvents(opened.db, { cluster: 'k', limit: 500, ...more })
  return items.map((event) => {
    const values = JSON.stringify([event.before, event.after])
    const who = event.actor === null ? '' : ` by ${event.actor} (${event.action})`
    return `${(event.at - T) / 1_000} ${event.type} ${event.subject} ${values}${who}`
  })
}

async function deed(atS: number, action: string, subject: string, detail: object = {}) {
  await opened.db.auditEntry.create({
    data: {
      ...{ id: `${action}-${atS}`, at: new Date(T + atS * 1_000), actor: 'ada@example.org' },
      ...{ action, clusterId: 'k', subjectType: 'broker', subject, outcome: 'ok' },
      detail: JSON.stringify(detail),
    },
  })
}

const orders = (leader: number, isr: readonly number[] = [1, 2, 3]): FakeTopicShape => ({
  name: 'orders',
  partitions: [
    { leader, isr },
    { leader: 3, isr },
  ],
})

test('a broker is killed by somebody: each change once, with who did it, though logged late', async () => {
  const { see } = await collector()
  await see(0, [orders(1)])
  await see(5, [orders(2, [2, 3])], { brokers: [2, 3] })
  await deed(6, 'killBroker', '1')
  await see(10, [orders(2, [2, 3])], { brokers: [2, 3] })
  expect(await lines({ types: ['broker', 'leader', 'isr'] })).toEqual([
    '5 isr orders [{"0":[1,2,3],"1":[1,2,3]},{"0":[2,3],"1":[2,3]}] by ada@example.org (killBroker)',
    '5 leader orders [{"0":1},{"0":2}] by ada@example.org (killBroker)',
    '5 broker 1 [{"state":"online"},{"state":"offline"}] by ada@example.org (killBroker)',
  ])
})

test('a config: before and after, and the doer of that very change', async () => {
  const { see } = await collector()
  configs = new Map([['t:id-of-orders', { 'retention.ms': '1' }]])
  await see(0, [orders(1)])
  configs = new Map([['t:id-of-orders', { 'retention.ms': '2' }]])
  await deed(4, 'patchTopicConfigs', 'orders', { changes: [{ name: 'cleanup.policy' }] })
  await see(5, [orders(1)])
  await deed(9, 'patchTopicConfigs', 'orders', { changes: [{ name: 'retention.ms' }] })
  configs = new Map([['t:id-of-orders', {}]])
  await see(10, [orders(1)])
  expect(await lines({ types: ['config'] })).toEqual([
    '10 config orders [{"retention.ms":"2"},{"retention.ms":null}] by ada@example.org (patchTopicConfigs)',
    '5 config orders [{"retention.ms":"1"},{"retention.ms":"2"}] by ada@example.org (patchTopicConfigs)',
  ])
})

const group = (state: string): GroupReading => ({
  coordinator: 1,
  offsets: new Map(),
  description: {
    groupId: 'g',
    ...{ state, protocolType: 'consumer', protocol: 'range', members: [], type: 'classic' },
  } as GroupReading['description'],
})

test('what did not answer has not gone: neither groups nor the controller', async () => {
  const { see, recorder } = await collector()
  const quorum: Reading['quorum'] = {
    ...{ leaderId: 1, leaderEpoch: 3, highWatermark: 9, voters: [], observers: [] },
    nodes: new Map(),
  }
  await see(0, [orders(1)], { groups: [group('Stable')], quorum })
  const silent = { groups: [], isGroupListComplete: false, controllerId: 2 }
  await see(5, [orders(1)], { ...silent, quorum: undefined })
  await recorder.unreachable('no broker answers', T + 10_000)
  await recorder.unreachable('no broker answers', T + 15_000)
  await see(20, [orders(1)], { groups: [group('Empty')], quorum })
  await see(25, [orders(1)], { groups: [], quorum })
  expect((await lines()).reverse().slice(1)).toEqual([
    expect.stringMatching(/^10 cluster k .*"unreachable".*"error":"no broker answers"/),
    expect.stringMatching(/^20 cluster k .*"read"/),
    '20 group g [{"state":"Stable"},{"state":"Empty"}]',
    '25 group-deleted g [{"state":"Empty"},null]',
  ])
})

test('metadata of a broker that is behind does not turn the leader back', async () => {
  const { see } = await collector()
  const at = (leader: number, leaderEpoch: number): FakeTopicShape => ({
    name: 'a',
    partitions: [{ leader, leaderEpoch }],
  })
  await see(0, [at(1, 4)])
  await see(5, [at(2, 5)])
  await see(10, [at(1, 4)])
  await see(15, [at(2, 5)])
  expect(await lines({ types: ['leader'] })).toEqual(['5 leader a [{"0":1},{"0":2}]'])
})

test('the state at any minute is what was recorded then, over restarts and gaps', async () => {
  let process = await collector()
  const seen = new Map<number, string>()
  for (let i = 0; i < 40; i++) {
    if (i === 20) process = await collector()
    const topics = [orders(1 + (i % 3), i % 4 === 0 ? [3] : [1, 2, 3])]
    if (i % 5 > 1) topics.push({ name: `t${i % 7}`, partitions: [{}, {}].slice(0, 1 + (i % 2)) })
    await process.see(i * 60, topics, { groups: i % 6 === 0 ? [] : [group('Stable')] })
    const state = await readStateAt(opened.db, 'k', Number.MAX_SAFE_INTEGER)
    if (state !== null) seen.set(i * 60, JSON.stringify(factsToJson(state.facts).topics))
  }
  for (const [atS, topics] of seen) {
    const state = await readStateAt(opened.db, 'k', T + atS * 1_000 + 30_000)
    expect(JSON.stringify(state && factsToJson(state.facts).topics)).toBe(topics)
  }
  expect(await readStateAt(opened.db, 'k', T - 1)).toBeNull()
  const gap = await readStateAt(opened.db, 'k', T + 19 * 60_000 + 1)
  expect(gap?.facts.reach).toBe('uncollected')
  expect(await lines({ types: ['collector'] })).toHaveLength(2)
})

test('a history that cannot be read begins anew, and the collector goes on', async () => {
  const first = await collector()
  await first.see(0, [orders(1)])
  await opened.db.historyFrame.updateMany({ data: { data: new Uint8Array([1, 2, 3]) } })
  const second = await collector()
  await second.see(60, [orders(2)])
  const state = await readStateAt(opened.db, 'k', T + 60_000)
  expect(state?.facts.topics.get('id-of-orders')?.partitions[0]?.[0]).toBe(2)
})

test('many topics at once are one line, and one each on their own pages', async () => {
  const { see } = await collector()
  const topics = (leader: number) =>
    Array.from({ length: 30 }, (_, i) => ({ name: `t${i}`, partitions: [{ leader }, { leader }] }))
  await see(0, topics(1))
  await see(5, topics(2))
  const all = await readEvents(opened.db, { cluster: 'k', limit: 10, types: ['leader'] })
  expect(all.items).toEqual([
    expect.objectContaining({
      before: { 1: 60, 2: 0 },
      after: { 1: 0, 2: 60 },
      bulk: expect.objectContaining({ subjects: 30, partitions: 60 }),
    }),
  ])
  expect(await lines({ subjectType: 'topic', subject: 't7' })).toEqual([
    '5 leader t7 [{"0":1,"1":1},{"0":2,"1":2}]',
  ])
})

test('what is past its time goes in steps; the kept states can still be made', async () => {
  const { see } = await collector()
  for (let i = 0; i < 30; i++) await see(i * 3_600 * 2, [orders(1 + (i % 3))])
  const cutMs = T + 30 * 3_600_000
  const before = await readStateAt(opened.db, 'k', cutMs)
  while (await pruneEvents(opened.db, 'k', cutMs));
  expect(await readStateAt(opened.db, 'k', cutMs)).toEqual(before)
  expect(await keptFrom(opened.db, 'k')).toBeGreaterThan(T)
  const oldest = (await readEvents(opened.db, { cluster: 'k', limit: 500 })).items.at(-1)
  expect(oldest?.at).toBeGreaterThanOrEqual(cutMs)
})
