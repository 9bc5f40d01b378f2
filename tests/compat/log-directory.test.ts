// One log directory, two brokers in turn: what Apache Kafka wrote we open, recover and append to, and
// Apache Kafka starts on the result and serves every record.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeMetaProperties } from '../../broker/log/checkpoints.ts'
import { defaultLogManagerSettings, LogManager } from '../../broker/log/log-manager.ts'
import type { PartitionLog } from '../../broker/log/partition-log.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { batchPositions, isControlBatch } from '../../protocol/records/batch.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import { createTopics } from '../support/create-topics.ts'
import { until } from '../support/eyrie-cluster.ts'
import { testBatch, testLogConfig } from '../support/log-fixtures.ts'
import { topicConfigKnownTo } from '../support/one-broker.ts'

const peer = fileURLToPath(new URL('../peers/apache-kafka', import.meta.url))
const run = promisify(execFile)
const topic = 'shared'
let directory = ''
let bootstrap = ''

/**
 * A port whose neighbour 500 above is free too (the peer puts its controller there), below the range from
 * which connections get theirs: nobody takes it while the broker is down.
 */
async function freePort(): Promise<number> {
  const isFree = (port: number) =>
    new Promise<boolean>((resolve) => {
      const server = net.createServer().once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if ((await isFree(port)) && (await isFree(port + 500))) return port
  }
}

const client = () =>
  new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 20 } })

async function produce(values: string[]): Promise<void> {
  const producer = client().producer({ idempotent: true })
  await producer.connect()
  for (const value of values) await producer.send({ topic, messages: [{ key: 'k', value }] })
  await producer.disconnect()
}

async function consume(count: number): Promise<string[]> {
  const consumer = client().consumer({ groupId: `reader-${count}`, retry: { retries: 20 } })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  // By offset: a group that begins anew reads again what it had not committed.
  const values = new Map<string, string>()
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        values.set(message.offset, String(message.value))
        if (values.size === count) resolve()
      },
    })
  })
  await consumer.disconnect()
  return [...values.values()]
}

/** What Apache Kafka serves of partition 0, from the start to the end as of now. */
async function kafkaRecords(name: string): Promise<{ offset: number; text: string }[]> {
  const admin = client().admin()
  await admin.connect()
  let high = ''
  // A broker that has just started answers before it leads.
  await until(`${name} is led`, async () => {
    high = (await admin.fetchTopicOffsets(name).catch(() => []))[0]?.high ?? ''
    return high !== ''
  })
  await admin.disconnect()
  const groupId = `all-of-${name}-${Date.now()}`
  const consumer = client().consumer({ groupId, retry: { retries: 20 } })
  await consumer.connect()
  await consumer.subscribe({ topic: name, fromBeginning: true })
  const records = new Map<number, string>()
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        const offset = Number(message.offset)
        records.set(offset, `${message.key ?? ''}=${message.value}`)
        if (offset === Number(high) - 1) resolve()
      },
    })
  })
  await consumer.disconnect()
  return [...records].map(([offset, text]) => ({ offset, text }))
}

/** Once a round of cleaning that was under way has ended. */
async function settledRecords(name: string): Promise<{ offset: number; text: string }[]> {
  let before = await kafkaRecords(name)
  for (;;) {
    const now = await kafkaRecords(name)
    if (now.length === before.length) return now
    before = now
  }
}

async function openOurs(): Promise<LogManager> {
  const data = path.join(directory, '1', 'data')
  const meta = decodeMetaProperties(await readFile(path.join(data, 'meta.properties'), 'utf8'))
  return LogManager.open({
    runtime: createNodeRuntime({ logLevel: 'warn' }),
    settings: {
      ...defaultLogManagerSettings,
      directories: [data],
      clusterId: meta.clusterId,
      nodeId: meta.nodeId,
      defaultConfig: { ...testLogConfig, segmentBytes: 20_000 },
    },
  })
}

/** Appends as the leader of `epoch` would; gives the log's epoch. */
async function appendOurs(values: string[]): Promise<void> {
  const logs = await openOurs()
  const log = logs.get({ topic, partition: 0 })
  if (log === null) throw new Error('the log is missing')
  for (const value of values) {
    const batch = testBatch([value], { timestampMs: Date.now() })
    await log.append(batch, { origin: 'client', leaderEpoch: log.latestEpoch })
  }
  log.setHighWatermark(log.logEndOffset)
  await logs.close(-1)
}

/** Six transactions of two records, each second one aborted. */
async function produceTransactions(): Promise<void> {
  const producer = client().producer({
    idempotent: true,
    transactionalId: 'tx',
    maxInFlightRequests: 1,
  })
  await producer.connect()
  for (let i = 0; i < 6; i++) {
    const transaction = await producer.transaction()
    for (const part of ['a', 'b']) {
      await transaction.send({ topic: 'transactional', messages: [{ value: `${i}${part}` }] })
    }
    if (i % 2 === 0) await transaction.commit()
    else await transaction.abort()
  }
  await producer.disconnect()
  const admin = client().admin()
  await admin.connect()
  // A transaction has ended before its marker is written: two records and a marker each.
  await until('all markers are written', async () =>
    (await admin.fetchTopicOffsets('transactional')).every(({ high }) => high === '18'),
  )
  await admin.disconnect()
}

/** Resolves once Apache Kafka has compacted the first segment, and will compact no further. */
async function produceCompacted(): Promise<void> {
  const admin = client().admin()
  await admin.connect()
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': '200',
    'min.cleanable.dirty.ratio': '0.01',
  }
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  const topics = [{ topic: 'compacted', numPartitions: 1, replicationFactor: 1, configEntries }]
  await createTopics(admin, topics)
  await admin.disconnect()
  const producer = client().producer()
  await producer.connect()
  const first = path.join(directory, '1', 'data', 'compacted-0', `${'0'.repeat(20)}.log`)
  let largestBytes = 0
  await until('the first segment is compacted', async () => {
    for (let i = 0; i < 20; i++) {
      await producer.send({ topic: 'compacted', messages: [{ key: `k${i % 4}`, value: `v${i}` }] })
    }
    // A file is put in another's place: for a moment there is none.
    const size = (await stat(first).catch(() => null))?.size ?? largestBytes
    largestBytes = Math.max(largestBytes, size)
    return size < largestBytes
  })
  await producer.disconnect()
  await keepAsItIs('compacted')
}

/** Takes the cleaner off a topic: what it serves from now on is what it leaves when it is stopped. */
async function keepAsItIs(name: string): Promise<void> {
  const admin = client().admin()
  await admin.connect()
  const config = { 'cleanup.policy': 'delete', 'retention.ms': '-1' }
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
  const resources = [{ type: ConfigResourceTypes.TOPIC, name, configEntries }]
  await admin.alterConfigs({ validateOnly: false, resources })
  await until('the broker knows it', async () => {
    return (await topicConfigKnownTo(bootstrap, name, 'cleanup.policy')) === 'delete'
  })
  await admin.disconnect()
}

async function recordsOf(log: PartitionLog): Promise<{ offset: number; text: string }[]> {
  const records: { offset: number; text: string }[] = []
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const request = { offset, maxBytes: 100_000, minOneBatch: true }
    const read = await log.read({ ...request, endOffsetExclusive: log.logEndOffset })
    for (const at of batchPositions(read.records)) {
      if (isControlBatch(read.records, at)) continue
      for (const record of readRecordsSync(read.records, at)) {
        records.push({ offset: record.offset, text: `${record.key ?? ''}=${record.value}` })
      }
    }
    offset = read.nextOffset
  }
  return records
}

const names = (lead: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${lead}-${i}-${'x'.repeat(100)}`)

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'eyrie-shared-'))
  await rm(directory, { recursive: true })
  const port = await freePort()
  const { stdout } = await run(peer, [
    ...['up', directory, '--brokers', '1', '--port', String(port), '--heap', '512m'],
    ...['--set', 'log.segment.bytes=1048576', '--set', 'log.cleaner.backoff.ms=200'],
  ])
  bootstrap = stdout.trim().split('\n').at(-1) ?? ''
  const admin = client().admin()
  await admin.connect()
  await createTopics(admin, [{ topic, numPartitions: 1, replicationFactor: 1 }])
  await admin.disconnect()
})

afterAll(() => run(peer, ['down', directory]))

test('a cleanly stopped directory goes back and forth', async () => {
  await produce(names('theirs', 300))
  await run(peer, ['stop', directory, '1'])
  await appendOurs(names('ours', 400))
  await run(peer, ['start', directory, '1'])
  expect(await consume(700)).toEqual([...names('theirs', 300), ...names('ours', 400)])
})

test('transactions and compacted data are read as Apache Kafka left them', async () => {
  await produceTransactions()
  await produceCompacted()
  const theirs = await settledRecords('compacted')
  await run(peer, ['stop', directory, '1'])
  const logs = await openOurs()
  const transactional = logs.get({ topic: 'transactional', partition: 0 })
  const compacted = logs.get({ topic: 'compacted', partition: 0 })
  if (transactional === null || compacted === null) throw new Error('a log is missing')
  // Two records and a marker each.
  expect(transactional.logEndOffset).toBe(18)
  expect(transactional.lastStableOffset).toBe(18)
  expect((await recordsOf(transactional)).map(({ text }) => text)).toEqual(
    [0, 1, 2, 3, 4, 5].flatMap((i) => [`=${i}a`, `=${i}b`]),
  )
  const aborted = await transactional.abortedTransactions(0, 18)
  expect(aborted.map(({ firstOffset }) => firstOffset)).toEqual([3, 9, 15])
  const ours = await recordsOf(compacted)
  expect(ours).toEqual(theirs)
  expect(ours.length).toBeLessThan(compacted.logEndOffset)
  await logs.close(-1)
  await run(peer, ['start', directory, '1'])
  expect(await kafkaRecords('compacted')).toEqual(theirs)
})

test('a killed directory is recovered by either side', async () => {
  await produce(names('late', 50))
  await run(peer, ['kill', directory, '1'])
  // Until the process is gone its port still answers, and a start would be taken for done.
  await until('the killed broker has ended', async () =>
    (await run(peer, ['status', directory])).stdout.trimEnd().endsWith('down'),
  )
  const logs = await openOurs()
  const log = logs.get({ topic, partition: 0 })
  expect(log?.logEndOffset).toBe(750)
  expect(log?.activeProducers().length).toBeGreaterThan(0)
  // As if we were killed too: nothing flushed, no marker.
  await log?.append(testBatch(['last']), { origin: 'client', leaderEpoch: log.latestEpoch })
  for (const { path: data } of logs.directories) await rm(path.join(data, '.lock'))
  await run(peer, ['start', directory, '1'])
  const all = [...names('theirs', 300), ...names('ours', 400), ...names('late', 50), 'last']
  expect(await consume(751)).toEqual(all)
})
