import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyChanges } from './apply.ts'
import { diff } from './diff.ts'
import {
  type BrokerFacts,
  type ClusterFacts,
  DEFAULT_CONFIG_KEY,
  type GroupFacts,
  type TopicFacts,
} from './facts.ts'
import { decodeFrame, encodeFrame } from './frames.ts'
import { emptyFacts } from './testing.ts'

const id = fc.integer({ min: 1, max: 4 })
const ids = fc.uniqueArray(id, { maxLength: 3 })
const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })

const topic: fc.Arbitrary<TopicFacts> = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  isInternal: fc.boolean(),
  minInsyncReplicas: orNull(id),
  isCompacted: fc.boolean(),
  partitions: fc.array(fc.tuple(orNull(id), ids, ids), { maxLength: 5 }),
})

const group: fc.Arbitrary<GroupFacts> = fc.record({
  state: fc.constantFrom('Stable', 'Empty'),
  protocolType: fc.constant('consumer'),
  protocol: fc.constantFrom('range', ''),
  coordinator: orNull(id),
  topics: fc.uniqueArray(fc.constantFrom('a', 'b')),
  members: fc.dictionary(
    fc.constantFrom('m1', 'm2', 'm3'),
    fc.record({
      groupInstanceId: orNull(fc.constant('i')),
      clientId: fc.constantFrom('c', 'd'),
      host: fc.constant('/h'),
      assignment: fc.array(fc.record({ topic: fc.constantFrom('a', 'b'), partitions: ids }), {
        maxLength: 2,
      }),
    }),
    { noNullPrototype: true },
  ),
})

const broker: fc.Arbitrary<BrokerFacts> = fc.record({
  state: fc.constantFrom('online', 'offline'),
  sinceMs: fc.constant(0),
  host: fc.constantFrom('h', 'i'),
  port: fc.constant(1),
  rack: orNull(fc.constantFrom('r')),
  version: orNull(fc.constantFrom('4.0', '4.1')),
  startedAt: orNull(id),
})

const mapOf = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>): fc.Arbitrary<Map<K, V>> =>
  fc
    .uniqueArray(fc.tuple(key, value), { maxLength: 3, selector: ([one]) => one })
    .map((entries) => new Map(entries))

const config = fc.dictionary(fc.constantFrom('retention.ms', 'x.y'), fc.string(), {
  noNullPrototype: true,
})

/** Configs of what is there, for some of it. */
const facts: fc.Arbitrary<ClusterFacts> = fc
  .record({
    topics: mapOf(fc.constantFrom('k1', 'k2', 'k3'), topic),
    groups: mapOf(fc.constantFrom('g1', 'g2'), group),
    brokers: mapOf(id, broker),
    configs: fc.array(config, { minLength: 8, maxLength: 8 }),
    controllerId: orNull(id),
    quorum: orNull(fc.record({ leaderId: orNull(id), leaderEpoch: id, voters: ids })),
    reach: fc.constantFrom('read' as const, 'unreachable' as const, 'uncollected' as const),
    reachSinceMs: id,
  })
  .map(({ configs, ...rest }) => {
    const keys = [
      DEFAULT_CONFIG_KEY,
      ...[...rest.topics.keys()].map((key) => `t:${key}`),
      ...[...rest.brokers.keys()].map((key) => `b:${key}`),
    ]
    return { ...rest, configs: new Map(keys.map((key, i) => [key, configs[i] ?? {}] as const)) }
  })

test('what changed, applied to the state before, is the state after', () => {
  fc.assert(
    fc.property(facts, facts, (before, after) => {
      expect(applyChanges(before, diff('k', before, after))).toEqual(after)
    }),
    { numRuns: 200 },
  )
})

test('changes of many collections come to the same through the stored frames', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(facts, { minLength: 2, maxLength: 5 }), async (states) => {
      const [first = emptyFacts, ...later] = states
      const start = await decodeFrame(0, await encodeFrame({ kind: 0, facts: first }))
      if (start.kind !== 0) throw new Error('a key frame was written')
      const changes = await Promise.all(
        later.map(async (state, index) => {
          const found = diff('k', states[index] ?? first, state)
          const frame = await decodeFrame(1, await encodeFrame({ kind: 1, changes: found }))
          return frame.kind === 1 ? frame.changes : []
        }),
      )
      expect(applyChanges(start.facts, changes.flat())).toEqual(states.at(-1))
    }),
    { numRuns: 100 },
  )
})

test('nothing changed: no event', () => {
  fc.assert(
    fc.property(facts, (state) => {
      expect(diff('k', state, structuredClone(state))).toEqual([])
    }),
  )
})

const base: TopicFacts = {
  name: 'orders',
  isInternal: false,
  minInsyncReplicas: 2,
  isCompacted: false,
  partitions: [
    [1, [1, 2], [1, 2]],
    [2, [2, 1], [1, 2]],
  ],
}

test('a broker that dies: its partitions by number, with the leader and ISR before and after', () => {
  const before = { ...emptyFacts, topics: new Map([['k1', base]]) }
  const partitions = [[2, [1, 2], [2]] as const, [2, [2, 1], [2]] as const]
  const after = { ...before, topics: new Map([['k1', { ...base, partitions }]]) }
  expect(diff('k', before, after)).toEqual([
    expect.objectContaining({
      type: 'leader',
      subject: 'orders',
      before: { 0: 1 },
      after: { 0: 2 },
    }),
    expect.objectContaining({
      ...{ type: 'isr', before: { 0: [1, 2], 1: [1, 2] }, after: { 0: [2], 1: [2] } },
    }),
  ])
})

test('a topic made again under its name is a deletion, then a creation', () => {
  const before = { ...emptyFacts, topics: new Map([['k1', base]]) }
  const after = { ...emptyFacts, topics: new Map([['k2', base]]) }
  expect(diff('k', before, after).map((change) => change.type)).toEqual([
    'topic-deleted',
    'topic-created',
  ])
})

test('configs that are read for the first time, and a version first told, are no events', () => {
  const one: BrokerFacts = {
    ...{ state: 'online', sinceMs: 0, host: 'h', port: 1, rack: null },
    ...{ version: null, startedAt: null },
  }
  const before = { ...emptyFacts, brokers: new Map([[1, one]]) }
  const after = {
    ...emptyFacts,
    brokers: new Map([[1, { ...one, version: '4.1', startedAt: 5 }]]),
    configs: new Map([['default', { 'log.retention.ms': '5' }]]),
  }
  expect(diff('k', before, after).map((change) => change.type)).toEqual(['settings', 'settings'])
  const restarted = { ...after, brokers: new Map([[1, { ...one, version: '4.1', startedAt: 9 }]]) }
  expect(diff('k', after, restarted)).toEqual([
    expect.objectContaining({ type: 'broker', before: { startedAt: 5 }, after: { startedAt: 9 } }),
  ])
})

test('10,000 topics with 40,000 partitions, a third of whose leaders moved', () => {
  const topics = (leader: number) =>
    new Map(
      Array.from({ length: 10_000 }, (_, i): [string, TopicFacts] => {
        const isMoved = i % 3 === 0
        const partitions = Array.from(
          { length: 4 },
          () => [isMoved ? leader : 3, [1, 2, 3], isMoved ? [2, 3] : [1, 2, 3]] as const,
        )
        return [`key-${i}`, { ...base, name: `topic-${i}`, partitions }]
      }),
    )
  const before = { ...emptyFacts, topics: topics(1) }
  const after = { ...emptyFacts, topics: topics(2) }
  const changes = diff('k', before, after)
  expect(changes).toHaveLength(3_334)
  const text = (state: ClusterFacts): string => JSON.stringify([...state.topics])
  expect(text(applyChanges(before, changes)) === text(after)).toBe(true)
})
