import { afterEach, expect, test, vi } from 'vitest'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { ListGroups } from '../../protocol/schemas/16-list-groups.ts'
import { FakeBroker } from '../testing/fake-broker.ts'
import { murmur2, partitionForKey } from './producer.ts'
import { fanOut, parseBootstrap, WireClient } from './wire-client.ts'
import { WireError } from './wire-error.ts'

/** Of what must be answered, however busy the machine. */
const PATIENT = { timeoutMs: 60_000 }

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function startBroker(port?: number): Promise<FakeBroker> {
  const broker = await FakeBroker.start(port)
  closers.push(() => broker.close())
  return broker
}

function clientOf(...brokers: FakeBroker[]): WireClient {
  const endpoints = brokers.map(({ port }) => ({ host: '127.0.0.1', port }))
  const client = new WireClient({ bootstrap: endpoints, connectTimeoutMs: PATIENT.timeoutMs })
  client.setNodes(endpoints.map((endpoint, index) => [index + 1, endpoint] as const))
  closers.push(() => client.close())
  return client
}

const listing = (groupId: string) => ({
  errorCode: 0,
  groups: [{ groupId, protocolType: 'consumer', groupState: 'Stable', groupType: 'classic' }],
})

test('answers reach their callers though many requests are on the way', async () => {
  const broker = await startBroker()
  broker.on(ListGroups, (request) => listing(request.statesFilter.join()))
  const client = clientOf(broker)
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((state) =>
      client.call(1, ListGroups, { statesFilter: [state] }, PATIENT),
    ),
  )
  expect(answers.map((answer) => answer.groups[0]?.groupId)).toEqual(['a', 'b', 'c', 'd'])
  expect(broker.connections).toBe(1)
})

test('a request ends at its deadline and the next one gets a fresh connection', async () => {
  const broker = await startBroker()
  let isMute = true
  broker.on(ListGroups, () => (isMute ? null : listing('g')))
  const client = clientOf(broker)
  const failure = await client
    .call(1, ListGroups, {}, { timeoutMs: 50 })
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(WireError)
  expect((failure as WireError).failure).toBe('timeout')
  isMute = false
  expect((await client.call(1, ListGroups, {}, PATIENT)).groups).toHaveLength(1)
  expect(broker.connections).toBe(2)
})

test('an idle connection that the broker closed is opened again unnoticed', async () => {
  const broker = await startBroker()
  broker.on(ListGroups, () => listing('g'))
  const client = clientOf(broker)
  await client.call(1, ListGroups, {}, PATIENT)
  broker.dropConnections()
  expect((await client.call(1, ListGroups, {}, PATIENT)).groups).toHaveLength(1)
})

test('a dead broker neither delays nor fails the others', async () => {
  const alive = await startBroker()
  alive.on(ListGroups, () => listing('g'))
  const mute = await startBroker()
  mute.on(ListGroups, () => null)
  const dead = await FakeBroker.start()
  const client = clientOf(alive, mute, dead)
  await dead.close()
  const { results, errors } = await fanOut([1, 2, 3], (id) =>
    client.call(id, ListGroups, {}, id === 2 ? { timeoutMs: 80 } : PATIENT),
  )
  expect([...results.keys()]).toEqual([1])
  expect((errors.get(2) as WireError).failure).toBe('timeout')
  expect((errors.get(3) as WireError).failure).toBe('unreachable')
})

test('while a broker is down, calls fail at once instead of connecting each time', async () => {
  // The pause after a failure lasts: no time passes.
  vi.useFakeTimers({ toFake: ['Date'] })
  closers.push(() => void vi.useRealTimers())
  const broker = await FakeBroker.start()
  const { port } = broker
  const client = clientOf(broker)
  await broker.close()
  await expect(client.call(1, ListGroups, {}, PATIENT)).rejects.toThrow()
  const again = await startBroker(port)
  await expect(client.call(1, ListGroups, {}, PATIENT)).rejects.toThrow(`127.0.0.1:${port}`)
  expect(again.connections).toBe(0)
})

test('any broker will do: the next is asked when one is down', async () => {
  const dead = await FakeBroker.start()
  const alive = await startBroker()
  alive.on(Metadata, () => ({ clusterId: 'x', brokers: [], topics: [] }))
  const client = clientOf(dead, alive)
  await dead.close()
  expect((await client.call('any', Metadata, { topics: [] }, PATIENT)).clusterId).toBe('x')
})

test('an API that the broker does not serve is told apart from a failure', async () => {
  const broker = await startBroker()
  broker.on(Metadata, () => ({ brokers: [], topics: [] }))
  const client = clientOf(broker)
  const failure = await client.call(1, ListGroups, {}, PATIENT).catch((error: unknown) => error)
  expect((failure as WireError).failure).toBe('unsupported')
  expect(await client.versionOn(1, ListGroups)).toBeNull()
})

test('an abandoned request leaves the connection to the others', async () => {
  const broker = await startBroker()
  broker.on(ListGroups, (request) => (request.statesFilter.length > 0 ? null : listing('g')))
  const client = clientOf(broker)
  const abort = new AbortController()
  const abandoned = client.call(
    1,
    ListGroups,
    { statesFilter: ['never'] },
    { signal: abort.signal },
  )
  abort.abort()
  await expect(abandoned).rejects.toThrow('no longer wanted')
  expect((await client.call(1, ListGroups, {}, PATIENT)).groups).toHaveLength(1)
})

test('bootstrap lists are read, and a part without port is named', () => {
  expect(parseBootstrap(' a:1, [::1]:9092 ')).toEqual([
    { host: 'a', port: 1 },
    { host: '::1', port: 9092 },
  ])
  expect(() => parseBootstrap('a:1,b')).toThrow('not a host:port: b')
  expect(() => parseBootstrap('a:99999')).toThrow('a:99999')
})

test('keys go to the partitions that Java’s producer gives them', () => {
  // Values of org.apache.kafka.common.utils.Utils.murmur2.
  expect(murmur2(Buffer.from('21'))).toBe(-973932308)
  expect(murmur2(Buffer.from('foobar'))).toBe(-790332482)
  expect(murmur2(Buffer.from('a-little-bit-long-string'))).toBe(-985981536)
  expect(murmur2(Buffer.from('a-little-bit-longer-string'))).toBe(-1486304829)
  expect(partitionForKey(Buffer.from('21'), 100)).toBe((-973932308 & 0x7fffffff) % 100)
})
