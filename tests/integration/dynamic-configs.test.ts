// Configurations changed on a running cluster take effect without a restart: of a topic, of one broker, of all.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel, Partitioners, type Producer, type ProducerRecord } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPeer } from '../../broker/network/peer-client.ts'
import type { PeerClient } from '../../broker/network/types.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { batchCodec, batchPositions } from '../../protocol/records/batch.ts'
import { DescribeConfigs } from '../../protocol/schemas/32-describe-configs.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'

const TOPIC = 2
const BROKER = 4
const DELETE = 1

let eyrie: EyrieCluster
let kafka: Kafka
let client: PeerClient
let producer: Producer

beforeAll(async () => {
  const properties = {
    'log.retention.check.interval.ms': '200',
    'log.initial.task.delay.ms': '100',
    'log.cleaner.backoff.ms': '200',
    'log.segment.delete.delay.ms': '0',
  }
  eyrie = await startEyrie({ brokers: 1, properties })
  kafka = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING })
  const [host = '', port = ''] = (eyrie.brokers[0] ?? '').split(':')
  client = connectPeer({
    endpoint: { host, port: Number(port) },
    clientId: 'dynamic-configs',
    runtime: createNodeRuntime({ logLevel: 'error' }),
  })
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
})
afterAll(async () => {
  client?.close()
  await producer?.disconnect()
  await eyrie?.down()
})

/** Sets, or with null takes back; gives the error message, '' when there is none. */
async function set(
  resourceType: number,
  resourceName: string,
  values: Readonly<Record<string, string | null>>,
): Promise<string> {
  const configs = Object.entries(values).map(([name, value]) => ({
    name,
    value,
    configOperation: value === null ? DELETE : 0,
  }))
  const { responses } = await client.send(
    IncrementalAlterConfigs,
    { resources: [{ resourceType, resourceName, configs }], validateOnly: false },
    { timeoutMs: 30_000 },
  )
  return responses[0]?.errorCode === 0 ? '' : (responses[0]?.errorMessage ?? 'no answer')
}

async function configOf(resourceType: number, resourceName: string, name: string) {
  const resources = [{ resourceType, resourceName, configurationKeys: [name] }]
  const { results } = await client.send(DescribeConfigs, { resources }, { timeoutMs: 30_000 })
  return results[0]?.configs[0]?.value
}

async function create(topic: string): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  const created = { topic, numPartitions: 1, replicationFactor: 1 }
  await createTopics(admin, [created])
  await admin.disconnect()
}

const send = (topic: string, value: string, more: Partial<ProducerRecord['messages'][0]> = {}) =>
  producer.send({ topic, messages: [{ key: 'k', value, ...more }] })

const directoryOf = (topic: string) => join(eyrie.directory, '1', 'data', `${topic}-0`)

const segmentsOf = async (topic: string) =>
  (await readdir(directoryOf(topic))).filter((name) => name.endsWith('.log')).sort()

async function lastCodec(topic: string): Promise<number> {
  const names = await segmentsOf(topic)
  const bytes = await readFile(join(directoryOf(topic), names.at(-1) ?? ''))
  const at = [...batchPositions(bytes)].at(-1) ?? 0
  return batchCodec(bytes, at)
}

/** A broker acts upon a change a moment after the controller took it. */
async function refused(attempt: () => Promise<unknown>, reason: RegExp): Promise<void> {
  const outcome = () =>
    attempt().then(
      () => 'taken',
      (error: Error) => error.message,
    )
  await expect.poll(outcome).toMatch(reason)
}

test("a topic's limits, codec, clock and segment size follow its configuration", async () => {
  const topic = 'changing'
  await create(topic)
  await send(topic, 'x'.repeat(5000))
  expect(await set(TOPIC, topic, { 'max.message.bytes': '1000' })).toBe('')
  await refused(() => send(topic, 'x'.repeat(5000)), /larger than the max message size/)
  expect(await set(TOPIC, topic, { 'max.message.bytes': null })).toBe('')
  await send(topic, 'x'.repeat(5000))
  expect(await lastCodec(topic)).toBe(0)
  for (const [codec, id] of [
    ['gzip', 1],
    ['zstd', 4],
    ['uncompressed', 0],
  ] as const) {
    expect(await set(TOPIC, topic, { 'compression.type': codec })).toBe('')
    const codecOfNext = async () => {
      await send(topic, 'x'.repeat(100_000))
      return lastCodec(topic)
    }
    await expect.poll(codecOfNext).toBe(id)
  }
  expect(await set(TOPIC, topic, { 'message.timestamp.type': 'LogAppendTime' })).toBe('')
  const stamp = async () => Number((await send(topic, 'x', { timestamp: '5' }))[0]?.logAppendTime)
  await expect.poll(stamp).toBeGreaterThan(1_700_000_000_000)
  const late = { 'message.timestamp.type': null, 'message.timestamp.before.max.ms': '60000' }
  expect(await set(TOPIC, topic, late)).toBe('')
  await refused(() => send(topic, 'x', { timestamp: '5' }), /timestamp/i)
  expect(await segmentsOf(topic)).toHaveLength(1)
  expect(await set(TOPIC, topic, { 'segment.bytes': '1048576' })).toBe('')
  let rounds = 0
  const segmentsAfterMore = async () => {
    rounds += 1
    for (let i = 0; i < 5; i++) await send(topic, 'x'.repeat(400_000))
    return (await segmentsOf(topic)).length
  }
  await expect.poll(segmentsAfterMore).toBeGreaterThan(1)
  // Far from the gigabyte of a segment that nobody has set: two megabytes a round.
  expect(rounds).toBeLessThan(50)
  expect(await set(TOPIC, topic, { 'retention.bytes': '1' })).toBe('')
  await until('old segments are gone', async () => (await segmentsOf(topic)).length === 1)
})

test('a topic that becomes compacted refuses null keys, and is compacted', async () => {
  const topic = 'compacting'
  await create(topic)
  expect(await set(TOPIC, topic, { 'segment.bytes': '1048576' })).toBe('')
  for (let i = 0; i < 4; i++) await send(topic, `${i}`.repeat(600_000))
  const full = await segmentsOf(topic)
  expect(full.length).toBeGreaterThan(2)
  const compact = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01' }
  expect(await set(TOPIC, topic, compact)).toBe('')
  const keyless = () => producer.send({ topic, messages: [{ key: null, value: 'v' }] })
  await refused(keyless, /INVALID_RECORD|invalid|validation/i)
  await until('the first record is gone', async () => {
    // A file is put in another's place: for a moment there is none.
    const path = join(directoryOf(topic), (await segmentsOf(topic))[0] ?? '')
    const first = await readFile(path).catch(() => null)
    return first !== null && first.length < 10_000
  })
})

test('the default of all brokers, then one broker’s own, then the topic’s override', async () => {
  const topic = 'levels'
  await create(topic)
  const isTaken = (bytes: number) =>
    send(topic, 'x'.repeat(bytes)).then(
      () => true,
      () => false,
    )
  await expect.poll(() => isTaken(3000)).toBe(true)
  expect(await set(BROKER, '', { 'message.max.bytes': '2000' })).toBe('')
  await expect.poll(() => isTaken(3000)).toBe(false)
  expect(await set(BROKER, '1', { 'message.max.bytes': '4000' })).toBe('')
  await expect.poll(() => isTaken(3000)).toBe(true)
  await expect.poll(() => isTaken(5000)).toBe(false)
  expect(await set(TOPIC, topic, { 'max.message.bytes': '6000' })).toBe('')
  await expect.poll(() => isTaken(5000)).toBe(true)
  await expect.poll(() => configOf(TOPIC, topic, 'max.message.bytes')).toBe('6000')
  expect(await set(BROKER, '1', { 'message.max.bytes': null })).toBe('')
  expect(await set(BROKER, '', { 'message.max.bytes': null })).toBe('')
  expect(await set(TOPIC, topic, { 'max.message.bytes': null })).toBe('')
  await expect.poll(() => isTaken(5000)).toBe(true)
})

test('thread counts change by no more than a factor of two, the rest is as Kafka has it', async () => {
  expect(await set(BROKER, '1', { 'log.cleaner.threads': '2' })).toBe('')
  await expect.poll(() => configOf(BROKER, '1', 'log.cleaner.threads')).toBe('2')
  expect(await set(BROKER, '1', { 'log.cleaner.threads': '5' })).toContain('more than double')
  expect(await set(BROKER, '1', { 'log.cleaner.threads': null })).toBe('')
  expect(await set(BROKER, '1', { 'node.id': '7' })).toBe(
    'Cannot update these configs dynamically: [node.id]',
  )
})

test('max.connection.creation.rate holds new connections back, also for one listener, until it is lifted', async () => {
  const [host = '', port = ''] = (eyrie.brokers[0] ?? '').split(':')
  const runtime = createNodeRuntime({ logLevel: 'error' })
  const open = (count: number, timeoutMs: number) => {
    const peers = Array.from({ length: count }, () =>
      connectPeer({ endpoint: { host, port: Number(port) }, clientId: 'many', runtime }),
    )
    const resources = [{ resourceType: BROKER, resourceName: '1', configurationKeys: ['node.id'] }]
    const asked = peers.map((peer) =>
      peer.send(DescribeConfigs, { resources }, { timeoutMs }).then(
        () => true,
        () => false,
      ),
    )
    return Promise.all(asked).finally(() => peers.forEach((peer) => void peer.close()))
  }
  const listener = 'listener.name.plaintext.max.connection.creation.rate'
  for (const name of ['max.connection.creation.rate', listener]) {
    expect(await set(BROKER, '1', { [name]: '1' })).toBe('')
    await until('some are held back', async () => (await open(30, 3000)).includes(false))
    expect(await set(BROKER, '1', { [name]: null })).toBe('')
    await until('all are served at once', async () => !(await open(30, 3000)).includes(false))
  }
})

test('max.connections.per.ip bounds new connections, and more are taken once it is lifted', async () => {
  const [host = '', port = ''] = (eyrie.brokers[0] ?? '').split(':')
  const runtime = createNodeRuntime({ logLevel: 'error' })
  const ask = async () => {
    const endpoint = { host, port: Number(port) }
    const extra = connectPeer({ endpoint, clientId: 'one too many', runtime })
    const resources = [{ resourceType: BROKER, resourceName: '1', configurationKeys: ['node.id'] }]
    const request = extra.send(DescribeConfigs, { resources }, { timeoutMs: 5000 })
    return request
      .then(
        () => true,
        () => false,
      )
      .finally(() => extra.close())
  }
  expect(await ask()).toBe(true)
  expect(await set(BROKER, '', { 'max.connections.per.ip': '1' })).toBe('')
  await until('no more are taken', async () => !(await ask()))
  expect(await set(BROKER, '', { 'max.connections.per.ip': null })).toBe('')
  await until('they are taken again', ask)
})
