// Three brokers as they are assembled for real, on a clock, disk and network in memory: they form a cluster, serve,
// survive the death of each, and stop in order.
import { afterEach, expect, test } from 'vitest'
import type { Api, Encodable } from '../protocol/api.ts'
import { ErrorCode } from '../protocol/errors.ts'
import { buildBatch } from '../protocol/records/build.ts'
import { Produce } from '../protocol/schemas/00-produce.ts'
import { Fetch } from '../protocol/schemas/01-fetch.ts'
import { Metadata } from '../protocol/schemas/03-metadata.ts'
import { CreateTopics } from '../protocol/schemas/19-create-topics.ts'
import { createWorld, type World } from '../tests/support/memory-runtime.ts'
import { BrokerServer } from './broker-server.ts'
import { loadBrokerConfig } from './config.ts'
import { Registry } from './metrics/registry.ts'
import { connectPeer } from './network/peer-client.ts'

const IDS = [1, 2, 3]
const PORT = 9092
const hostOf = (id: number) => `b${id}`

let world: World
let servers: Map<number, BrokerServer>
let fatal: string[]

afterEach(() => {
  expect(fatal).toEqual([])
})

function propertiesOf(id: number): string {
  return [
    'process.roles=broker,controller',
    `node.id=${id}`,
    `listeners=PLAINTEXT://${hostOf(id)}:${PORT},CONTROLLER://${hostOf(id)}:9192`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `controller.quorum.voters=${IDS.map((voter) => `${voter}@${hostOf(voter)}:9192`).join(',')}`,
    'log.dirs=/data',
    'metadata.log.dir=/metadata',
    'min.insync.replicas=2',
    'eyrie.cluster.id=AAAAAAAAQACAAAAAAAAAAA',
  ].join('\n')
}

async function open(id: number): Promise<void> {
  const runtime = world.host(hostOf(id))
  const { config } = loadBrokerConfig('server.properties', propertiesOf(id), hostOf(id))
  const server = await BrokerServer.open({
    runtime,
    config,
    metrics: new Registry(runtime),
    onFatal: (error) => fatal.push(`broker ${id}: ${error.stack}`),
  })
  servers.set(id, server)
  await server.serve()
}

async function startAll(seed: number): Promise<void> {
  world = createWorld({ seed })
  servers = new Map()
  fatal = []
  await world.run(Promise.all(IDS.map(open)))
}

/** Asks broker `id` as a client on another machine would. */
async function ask<Request, Response>(
  id: number,
  api: Api<Request, Response>,
  request: Encodable<Request>,
): Promise<Response> {
  const runtime = world.host('client')
  const endpoint = { host: hostOf(id), port: PORT }
  const client = connectPeer({ endpoint, clientId: 'test', runtime })
  const response = await world.run(client.send(api, request, { timeoutMs: 30_000 }))
  client.close()
  return response
}

async function createTopic(name: string): Promise<string> {
  const topics = [{ name, numPartitions: 1, replicationFactor: 3 }]
  const response = await ask(2, CreateTopics, { topics, timeoutMs: 10_000 })
  expect(response.topics).toMatchObject([{ name, errorCode: ErrorCode.NONE }])
  return response.topics[0]!.topicId
}

async function leaderOf(name: string, from: number): Promise<number> {
  const response = await ask(from, Metadata, { topics: [{ name }] })
  return response.topics[0]?.partitions[0]?.leaderId ?? -1
}

async function produce(leader: number, topicId: string, value: string) {
  const records = buildBatch({ baseOffset: 0, records: [{ key: null, value: Buffer.from(value) }] })
  const response = await ask(leader, Produce, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ topicId, partitionData: [{ index: 0, records }] }],
  })
  return response.responses[0]!.partitionResponses[0]!
}

async function fetchAll(leader: number, topicId: string): Promise<string> {
  const response = await ask(leader, Fetch, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1e6 }] }],
  })
  return response.responses[0]?.partitions[0]?.records?.toString('latin1') ?? ''
}

test('three brokers form a cluster and serve a topic', async () => {
  await startAll(1)
  const topicId = await createTopic('orders')
  const leader = await leaderOf('orders', 1)
  expect(IDS).toContain(leader)
  expect(await produce(leader, topicId, 'hello')).toMatchObject({ errorCode: 0, baseOffset: 0 })
  expect(await fetchAll(leader, topicId)).toContain('hello')
})

test('what was acknowledged outlives the death of each broker in turn', async () => {
  await startAll(2)
  const topicId = await createTopic('orders')
  for (const id of IDS) {
    const leader = await leaderOf('orders', id)
    expect(await produce(leader, topicId, `before-${id}`)).toMatchObject({ errorCode: 0 })
    world.crash(hostOf(id), { powerLoss: false })
    servers.delete(id)
    const witness = (id % 3) + 1
    const isLed = () => {
      const { image } = servers.get(witness)!.parts.publisher
      const partition = image.topicsByName.get('orders')!.partitions[0]!
      return partition.leader > 0 && partition.leader !== id
    }
    const diedMs = world.elapsedMs()
    await world.runUntil(isLed, 20_000)
    // Well below the session of 9 s: refused connections are noticed.
    expect(world.elapsedMs() - diedMs).toBeLessThan(3000)
    const next = await leaderOf('orders', witness)
    expect(await produce(next, topicId, `during-${id}`)).toMatchObject({ errorCode: 0 })
    await world.run(open(id))
    await world.runUntil(() => {
      const { image } = servers.get(id)!.parts.publisher
      return image.topicsByName.get('orders')!.partitions[0]!.isr.length === 3
    }, 60_000)
  }
  const leader = await leaderOf('orders', 1)
  const held = await fetchAll(leader, topicId)
  for (const id of IDS) {
    expect(held).toContain(`before-${id}`)
    expect(held).toContain(`during-${id}`)
  }
})

test('a stopped broker hands its leaderships over first, and all can stop at once', async () => {
  await startAll(3)
  await createTopic('orders')
  const leader = await leaderOf('orders', 1)
  await world.run(servers.get(leader)!.shutdown())
  const witness = (leader % 3) + 1
  const { image } = servers.get(witness)!.parts.publisher
  expect(image.brokers.get(leader)).toMatchObject({ isFenced: true })
  expect(image.topicsByName.get('orders')!.partitions[0]!.leader).not.toBe(leader)
  const startedMs = world.elapsedMs()
  await world.run(Promise.all([...servers.values()].map((server) => server.shutdown())))
  expect(world.elapsedMs() - startedMs).toBeLessThan(10_000)
})

test('a broker whose metadata log cannot be closed says so, and leaves its other logs in order', async () => {
  await startAll(4)
  await createTopic('orders')
  const disk = world.disk(hostOf(2))
  // Synced when the log is closed, and not before.
  disk.fault = ({ kind, path }) =>
    kind === 'sync' && path.startsWith('/metadata') && path.endsWith('.timeindex') ? 'EIO' : null
  await expect(world.run(servers.get(2)!.shutdown())).rejects.toThrow('EIO')
  const marker = world.host(hostOf(2)).disk.stat('/data/.kafka_cleanshutdown')
  expect(await world.run(marker)).not.toBeNull()
  // Whether the broker also heard of it on the way is all the same: it ends either way.
  fatal = []
})
