// Everything that a broker of ours leaves on disk is read by Apache Kafka 4.3.1: by kafka-dump-log with its decoders,
// and by a single-node Apache Kafka started on the directory after a clean stop.
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandLine, type PeerCluster, startPeer } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'

const COMPACTED_KEYS = 5
const TRANSACTIONS = 6
const RECORDS_EACH = 5
let eyrie: EyrieCluster
let tools: CommandLine
let peer: PeerCluster | null = null
let data = ''

const clientOf = (bootstrap: string) =>
  new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 20 } })

async function fill(): Promise<void> {
  const kafka = clientOf(eyrie.bootstrap)
  const admin = kafka.admin()
  await admin.connect()
  const one = { numPartitions: 1, replicationFactor: 1 }
  const compaction = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01' }
  const configEntries = Object.entries({ ...compaction, 'segment.ms': '100' })
  const compacted = {
    ...one,
    configEntries: configEntries.map(([name, value]) => ({ name, value })),
  }
  await createTopics(admin, [
    { topic: 'plain', ...one },
    { topic: 'compacted', ...compacted },
    { topic: 'transactional', ...one },
  ])
  const plain = kafka.producer({ idempotent: true })
  await plain.connect()
  for (let i = 0; i < 100; i++) {
    await plain.send({ topic: 'plain', messages: [{ value: `plain ${i} ${'x'.repeat(100)}` }] })
    const key = `k${i % COMPACTED_KEYS}`
    await plain.send({ topic: 'compacted', messages: [{ key, value: `compacted ${i}` }] })
  }
  await plain.disconnect()
  const transactional = kafka.producer({
    idempotent: true,
    transactionalId: 'tx',
    maxInFlightRequests: 1,
  })
  await transactional.connect()
  for (let i = 0; i < TRANSACTIONS; i++) {
    const transaction = await transactional.transaction()
    for (let j = 0; j < RECORDS_EACH; j++) {
      await transaction.send({ topic: 'transactional', messages: [{ value: `${i}-${j}` }] })
    }
    if (i % 2 === 0) await transaction.commit()
    else await transaction.abort()
  }
  await transactional.disconnect()
  // A transaction has ended before its marker is written.
  const end = String(TRANSACTIONS * (RECORDS_EACH + 1))
  await until('all markers are written', async () =>
    (await admin.fetchTopicOffsets('transactional')).every(({ high }) => high === end),
  )
  await admin.setOffsets({
    groupId: 'readers',
    topic: 'plain',
    partitions: [{ partition: 0, offset: '42' }],
  })
  await admin.disconnect()
}

beforeAll(async () => {
  tools = await CommandLine.start()
  eyrie = await startEyrie({
    brokers: 1,
    properties: {
      'log.index.interval.bytes': '1000',
      'log.cleaner.backoff.ms': '100',
      'offsets.topic.num.partitions': '3',
      'transaction.state.log.num.partitions': '3',
      'metadata.log.max.record.bytes.between.snapshots': '2000',
    },
  })
  await fill()
  data = join(eyrie.directory, '1', 'data')
  // A snapshot is made beside the work, and after the change that it is due for.
  await until('a snapshot tells of a topic', async () => {
    const metadata = join(data, '__cluster_metadata-0')
    const names = (await readdir(metadata)).sort()
    const newest = names.findLast((name) => name.endsWith('.checkpoint'))
    const bytes = newest === undefined ? '' : await readFile(join(metadata, newest)).catch(() => '')
    return bytes.includes('plain')
  })
  await eyrie.run('stop', 1)
})

afterAll(async () => {
  tools?.end()
  await peer?.down()
  await eyrie?.down()
})

/** All files of a kind in the directories of a topic; empty ones are left out where asked. */
async function filesOf(topic: RegExp, suffix: string): Promise<string[]> {
  const found: string[] = []
  for (const directory of (await readdir(data)).sort()) {
    if (!topic.test(directory)) continue
    for (const name of (await readdir(join(data, directory))).sort()) {
      if (name.endsWith(suffix)) found.push(join(data, directory, name))
    }
  }
  expect(found.length).toBeGreaterThan(0)
  return found
}

async function dump(files: readonly string[], ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tools.run('dump-log', [
    '--files',
    files.join(','),
    ...args,
  ])
  expect(`${stdout}${stderr}`).not.toMatch(/Exception|Mismatch|corrupt|isvalid: false/i)
  expect(code).toBe(0)
  return stdout
}

test('segments of all topics, records included', async () => {
  const text = await dump(
    await filesOf(/^(plain|compacted|transactional)-0$/, '.log'),
    '--print-data-log',
  )
  for (const value of [
    'plain 99',
    'compacted 99',
    '5-4',
    'endTxnMarker: COMMIT',
    'endTxnMarker: ABORT',
  ]) {
    expect(text).toContain(value)
  }
})

test.each(['.index', '.timeindex'])('every %s file', async (suffix) => {
  const files = await filesOf(/-\d+$/, suffix)
  const sane = await dump(files, '--index-sanity-check')
  expect(sane.match(/passed sanity check|is empty/g)?.length).toBe(files.length)
  await dump(await filesOf(/^(plain|compacted|transactional)-0$/, suffix), '--verify-index-only')
})

test('transaction indexes and producer snapshots', async () => {
  const aborted = await dump(await filesOf(/^transactional-0$/, '.txnindex'))
  expect(aborted.match(/firstOffset: \d+ lastOffset: \d+ lastStableOffset: \d+/g)).toHaveLength(3)
  const producers = await dump(await filesOf(/^(plain|transactional)-0$/, '.snapshot'))
  expect(producers).toMatch(/producerId: \d+ producerEpoch: \d+ coordinatorEpoch: -?\d+/)
})

test('committed offsets, transactions and metadata through their decoders', async () => {
  const offsets = await dump(await filesOf(/^__consumer_offsets-/, '.log'), '--offsets-decoder')
  expect(offsets).toMatch(/"group":"readers".*"topic":"plain".*"offset":42/)
  const states = await filesOf(/^__transaction_state-/, '.log')
  const transactions = await dump(states, '--transaction-log-decoder')
  expect(transactions).toMatch(/"transactionalId":"tx"/)
  expect(transactions).toMatch(/Complete(Commit|Abort)|"transactionStatus":[45]/)
  const metadata = await filesOf(/^__cluster_metadata-0$/, '.log')
  const records = await dump(metadata, '--cluster-metadata-decoder')
  expect(records).toMatch(/"type":"(TOPIC|PARTITION)_RECORD"/)
  const checkpoints = await filesOf(/^__cluster_metadata-0$/, '.checkpoint')
  const snapshot = await dump(checkpoints.slice(-1), '--cluster-metadata-decoder')
  expect(snapshot).toMatch(/SnapshotHeader/)
  expect(snapshot).toMatch(/"type":"TOPIC_RECORD".*"name":"plain"/)
})

async function consume(bootstrap: string, topic: string, count: number): Promise<string[]> {
  const consumer = clientOf(bootstrap).consumer({ groupId: `reader-of-${topic}` })
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

test('a single-node Apache Kafka starts on the directory and serves all of it', async () => {
  peer = await startPeer({
    brokers: 1,
    properties: {
      'offsets.topic.num.partitions': '3',
      'transaction.state.log.num.partitions': '3',
    },
  })
  await peer.run('stop', 1)
  const theirs = join(peer.directory, '1', 'data')
  await rm(theirs, { recursive: true })
  await cp(data, theirs, { recursive: true })
  await peer.run('start', 1)
  const { bootstrap } = peer
  const plain = await consume(bootstrap, 'plain', 100)
  expect(plain.map((value) => Number(value.split(' ')[1]))).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  )
  const committed = [0, 2, 4].flatMap((i) => [0, 1, 2, 3, 4].map((j) => `${i}-${j}`))
  expect(await consume(bootstrap, 'transactional', 15)).toEqual(committed)
  const compacted = await consume(bootstrap, 'compacted', COMPACTED_KEYS)
  expect(compacted.length).toBe(COMPACTED_KEYS)
  const admin = clientOf(bootstrap).admin()
  await admin.connect()
  const [offsets] = await admin.fetchOffsets({ groupId: 'readers', topics: ['plain'] })
  expect(offsets?.partitions[0]?.offset).toBe('42')
  await admin.disconnect()
})
