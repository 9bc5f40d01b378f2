// Jolokia's JSON as its clients expect it: single values, bulk requests, patterns, errors.
import { beforeEach, expect, test } from 'vitest'
import { answerJolokia, type JolokiaSource } from './jolokia.ts'
import { Registry } from './registry.ts'

let source: JolokiaSource

beforeEach(() => {
  const clock = { nowMs: () => 5_500, monotonicMs: () => 5_500 }
  const registry = new Registry({ clock })
  registry.gauge('kafka.server:type=ReplicaManager,name=LeaderCount', () => 3)
  registry.attributes('java.lang:type=Memory', () => ({
    HeapMemoryUsage: { init: 0, used: 5, committed: 6, max: 7 },
    Bad: Number.NaN,
  }))
  const name = 'kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec'
  registry.meter(name, 'bytes').mark(4)
  registry.meter(`${name},topic=orders`, 'bytes').mark(4)
  const product = { name: 'eyrie', vendor: 'Eyrie', version: '4.3.1-eyrie' }
  source = { registry, agentVersion: '2.2.9', agentId: 'a', product, nowMs: () => 5_500 }
})

const get = (url: string) => {
  const { status, body } = answerJolokia(source, { method: 'GET', url, body: '' })
  return { status, json: body === '' ? null : JSON.parse(body) }
}
const post = (body: unknown) =>
  JSON.parse(
    answerJolokia(source, { method: 'POST', url: '/jolokia/', body: JSON.stringify(body) }).body,
  )

test('reads one attribute bare, by path and by body, keys in any order', () => {
  const mbean = 'kafka.server:type=ReplicaManager,name=LeaderCount'
  expect(get(`/jolokia/read/${mbean}/Value`).json).toEqual({
    request: {
      type: 'read',
      mbean: 'kafka.server:name=LeaderCount,type=ReplicaManager',
      attribute: 'Value',
    },
    value: 3,
    status: 200,
    timestamp: 5,
  })
  const other = 'kafka.server:name=LeaderCount,type=ReplicaManager'
  expect(post({ type: 'read', mbean: other, attribute: 'Value' }).value).toBe(3)
})

test('reads all attributes, several, and an inner path', () => {
  const mbean = 'java.lang:type=Memory'
  expect(post({ type: 'read', mbean }).value.HeapMemoryUsage.used).toBe(5)
  expect(post({ type: 'read', mbean }).value.Bad).toBeNull()
  expect(post({ type: 'read', mbean, attribute: ['Bad'] }).value).toEqual({ Bad: null })
  expect(get(`/jolokia/read/${mbean}/HeapMemoryUsage/used`).json.value).toBe(5)
})

test('reads patterns as name → attributes, in canonical spelling', () => {
  const mbean = 'kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec,topic=*'
  expect(post({ type: 'read', mbean, attribute: 'Count' }).value).toEqual({
    'kafka.server:name=BytesInPerSec,topic=orders,type=BrokerTopicMetrics': { Count: 4 },
  })
})

test('answers bulk requests in order, each with its own status', () => {
  const replies = post([
    { type: 'read', mbean: 'kafka.server:type=ReplicaManager,name=LeaderCount' },
    { type: 'read', mbean: 'kafka.server:type=Nothing' },
    { type: 'read', mbean: 'java.lang:type=Memory', attribute: 'Missing' },
    { type: 'exec', mbean: 'java.lang:type=Memory', operation: 'gc' },
  ])
  expect(replies.map((reply: { status: number }) => reply.status)).toEqual([200, 404, 404, 403])
  expect(replies[1].error_type).toBe('javax.management.InstanceNotFoundException')
})

test('lists, searches and tells its version', () => {
  expect(post({ type: 'search', mbean: 'kafka.server:*' }).value).toHaveLength(3)
  expect(Object.keys(post({ type: 'list' }).value)).toEqual(['kafka.server', 'java.lang'])
  expect(get('/jolokia/list/java.lang').json.value['type=Memory'].attr.Bad.rw).toBe(false)
  expect(get('/jolokia').json.value.agent).toBe('2.2.9')
})

test('refuses what is not Jolokia', () => {
  expect(get('/other').status).toBe(404)
  const ask = (method: string, body: string) =>
    answerJolokia(source, { method, url: '/jolokia', body })
  expect(JSON.parse(ask('POST', '{').body).status).toBe(500)
  expect(JSON.parse(ask('PUT', '').body).status).toBe(400)
  expect(ask('POST', '1').status).toBe(400)
  expect(answerJolokia(source, { method: 'GET', url: '/jolokia/read/%', body: '' }).status).toBe(
    400,
  )
})

test('what every object has is no attribute, no domain and no part of a value', () => {
  const mbean = 'java.lang:type=Memory'
  expect(post({ type: 'read', mbean, attribute: 'constructor' }).status).toBe(404)
  expect(post({ type: 'read', mbean, attribute: ['toString'] }).status).toBe(404)
  expect(post({ type: 'read', mbean, path: 'constructor/name' }).value).toBeNull()
  expect(post({ type: 'list', path: 'constructor' }).value).toEqual({})
  expect(post({ type: 'list', path: 'java.lang/type=Memory/attr/valueOf' }).status).toBe(400)
})

test('limits cut values, and say where', () => {
  const mbean = 'java.lang:type=Memory'
  const limitedTo = (config: Record<string, number>) => post({ type: 'read', mbean, config }).value
  expect(limitedTo({ maxDepth: 1 }).HeapMemoryUsage).toBe('{init=0, used=5, committed=6, max=7}')
  expect(limitedTo({ maxDepth: 2 }).HeapMemoryUsage.used).toBe('5')
  expect(Object.keys(limitedTo({ maxCollectionSize: 1 }))).toEqual(['HeapMemoryUsage'])
  expect(limitedTo({ maxObjects: 2 })).toEqual({
    HeapMemoryUsage: { ...limitedTo({ maxObjects: 2 }).HeapMemoryUsage, init: 0 },
    Bad: '[Object limit exceeded]',
  })
  expect(post({ type: 'read', mbean, config: { maxDepth: 0 } }).value.HeapMemoryUsage.used).toBe(5)
})

test('a list that nobody has seen changing since is not given again', () => {
  const since = (ifModifiedSince: number) => post({ type: 'list', config: { ifModifiedSince } })
  expect(since(4).status).toBe(200)
  expect(since(5)).toEqual({ request: { type: 'list' }, status: 304, timestamp: 5 })
  source.registry.gauge('d:type=New', () => 1)
  source = { ...source, nowMs: () => 9_000 }
  expect(since(5).value.d['type=New'].attr.Value.rw).toBe(false)
  expect(since(9).status).toBe(304)
})

test('a histogram read again in bulk is told as it is then, and as if asked for alone', () => {
  const mbean = 'kafka.network:name=TotalTimeMs,request=Fetch,type=RequestMetrics'
  const histogram = source.registry.histogram(mbean)
  const bulk = () => post([{ type: 'read', mbean }, { type: 'version' }])[0]
  const alone = () => post({ type: 'read', mbean })
  expect(bulk()).toEqual(alone())
  histogram.update(7)
  expect(bulk().value).toMatchObject({ Count: 1, Max: 7 })
  source = { ...source, nowMs: () => 8_000 }
  expect(bulk()).toEqual(alone())
  expect(bulk().timestamp).toBe(8)
  histogram.update(9)
  expect(bulk()).toEqual(alone())
})
