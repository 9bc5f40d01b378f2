// Jolokia's answers against those that its agent 2.2.9 gave on Apache Kafka 4.3.1 (tests/facts/jolokia.json: status,
// type, request, kind of error, and the shape of the value, for each thing that was asked). What is left out here
// on purpose stands in docs/METRICS.md.
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { answerJolokia, type JolokiaSource } from './jolokia.ts'
import { Registry } from './registry.ts'

interface Case {
  ask: string
  body?: string
  http: number
  type: string
  reply?: unknown
  text?: string
}

const file = new URL('../../tests/facts/jolokia.json', import.meta.url)
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[]

/** Of a JVM, of operations, and of what an agent keeps for itself. */
const LEFT_OUT = new Set(
  'ObjectName ObjectPendingFinalizationCount Verbose op url proxy debug debugMaxEntries'
    .concat(' discoveryEnabled historyMaxEntries')
    .split(' '),
)

let source: JolokiaSource

beforeAll(() => {
  const clock = { nowMs: () => 1_795_285_872_000, monotonicMs: () => 5_500 }
  const registry = new Registry({ clock })
  for (const name of [
    'LeaderCount',
    'PartitionCount',
    'OfflineReplicaCount',
    'AtMinIsrPartitionCount',
  ]) {
    registry.gauge(`kafka.server:type=ReplicaManager,name=${name}`, () => 26)
  }
  registry.meter('kafka.server:type=ReplicaManager,name=IsrShrinksPerSec', 'shrinks')
  for (const name of ['BytesInPerSec', 'BytesOutPerSec', 'MessagesInPerSec']) {
    registry.meter(`kafka.server:type=BrokerTopicMetrics,name=${name}`, 'bytes').mark(7)
  }
  registry.meter('kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec,topic=orders', 'bytes')
  registry.histogram('kafka.network:type=RequestMetrics,name=TotalTimeMs,request=Fetch')
  registry.gauge('kafka.server:type=KafkaServer,name=ClusterId', () => 'AAAAAAAAQACAAAAAAAAAAA')
  registry.sensors('kafka.server:type=raft-metrics', () => ({ 'current-epoch': 3 }))
  registry.sensors('kafka.server:type=AddPartitionsManager-channel-metrics', () => ({
    'request-size-avg': Number.NaN,
  }))
  const usage = { init: 268_435_456, committed: 279_969_792, max: 536_870_912, used: 167_103_488 }
  registry.attributes('java.lang:type=Memory', () => ({
    HeapMemoryUsage: usage,
    NonHeapMemoryUsage: usage,
  }))
  registry.attributes('java.lang:type=Runtime', () => ({ StartTime: 1_795_285_819_415 }))
  const product = { name: 'eyrie', vendor: 'Eyrie', version: '4.3.1-eyrie' }
  source = { registry, agentVersion: '2.2.9', agentId: 'a', product, nowMs: clock.nowMs }
})

/** What of `actual` is not as the agent had it. */
function differences(wanted: unknown, actual: unknown, at: string): string[] {
  const say = () => [
    `${at}: ${JSON.stringify(actual)} where the agent has ${JSON.stringify(wanted)}`,
  ]
  if (typeof wanted === 'string') {
    if (wanted.startsWith('=')) return actual === wanted.slice(1) ? [] : say()
    return typeof actual === wanted ? [] : say()
  }
  if (wanted === null || actual === null || typeof actual !== 'object') {
    return wanted === actual ? [] : say()
  }
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || (wanted.length === 0) !== (actual.length === 0)) return say()
    return actual.flatMap((each, index) => differences(wanted[0], each, `${at}[${index}]`))
  }
  const shapes = wanted as Record<string, unknown>
  if ('*' in shapes) return namedBeans(shapes['*'] as unknown[], actual, at)
  const missing = Object.keys(shapes).filter((key) => !(key in actual) && !LEFT_OUT.has(key))
  const found = Object.entries(actual).flatMap(([key, value]) => {
    if (!(key in shapes)) return [`${at}.${key}: the agent has no such thing`]
    return differences(shapes[key], value, `${at}.${key}`)
  })
  return [...missing.map((key) => `${at}.${key} is missing`), ...found]
}

/** Which beans there are differs: each must be as some of the agent's were. */
function namedBeans(shapes: readonly unknown[], actual: object, at: string): string[] {
  return Object.entries(actual).flatMap(([name, value]) => {
    const results = shapes.map((shape) => differences(shape, value, `${at}.${name}`))
    return results.some((each) => each.length === 0) ? [] : (results[0] ?? [`${at}: none`])
  })
}

type Reply = Record<string, unknown>

function expectReply(wanted: Reply, actual: Reply): void {
  const { request, status, error_type, ...shapes } = wanted
  expect(actual.request).toEqual(request)
  expect(actual.status).toBe(status)
  expect(actual.error_type).toBe(error_type)
  const { request: _r, status: _s, error_type: _e, ...rest } = actual
  expect(differences(shapes, rest, '')).toEqual([])
}

test.each(cases.map((each) => [each.ask, each.body ?? '', each] as const))(
  '%s %s',
  (_a, _b, one) => {
    const [method = '', url = ''] = one.ask.split(/ (.*)/)
    const answered = answerJolokia(source, { method, url, body: one.body ?? '' })
    expect(answered.status).toBe(one.http)
    expect(answered.contentType).toBe(one.type)
    if (one.reply === undefined) {
      expect(answered.body).toBe(one.text)
      return
    }
    const actual = JSON.parse(answered.body)
    if (!Array.isArray(one.reply)) return expectReply(one.reply as Reply, actual)
    expect(actual).toHaveLength(one.reply.length)
    for (const [index, each] of one.reply.entries()) expectReply(each as Reply, actual[index])
  },
)
