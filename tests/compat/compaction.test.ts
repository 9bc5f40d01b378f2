// The same batches compacted by Apache Kafka and by us: what is left must be the same, and Apache Kafka's own
// kafka-dump-log must read our cleaned segments.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CompressionTypes, Kafka, logLevel, type Message, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PeerCluster, startPeer } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, root, startEyrie, until } from '../support/eyrie-cluster.ts'
import { SeededRandom } from '../support/memory-runtime.ts'
import { readWholeTopic } from '../support/read-topic.ts'

const topic = 'compacted'
const transactional = 'transactional'
const properties = { 'log.cleaner.backoff.ms': '200', 'log.initial.task.delay.ms': '100' }
const run = promisify(execFile)

let eyrie: EyrieCluster
let apache: PeerCluster

beforeAll(async () => {
  ;[eyrie, apache] = await Promise.all([
    startEyrie({ brokers: 1, properties }),
    startPeer({ brokers: 1, properties: { 'log.cleaner.backoff.ms': '200' } }),
  ])
})
afterAll(async () => {
  await eyrie?.down()
  await apache?.down()
})

/** One batch each; a third of them compressed, one record in ten a tombstone. */
function batches(): { messages: Message[]; compression: CompressionTypes }[] {
  const random = new SeededRandom('compaction against Apache Kafka')
  const text = (length: number) =>
    Array.from({ length }, () => random.int(36).toString(36)).join('')
  return Array.from({ length: 700 }, (_, index) => ({
    compression: index % 3 === 0 ? CompressionTypes.GZIP : CompressionTypes.None,
    messages: Array.from({ length: 1 + random.int(20) }, (_, at) => ({
      key: `key ${random.int(300)}`,
      value: random.int(10) === 0 ? null : text(300 + random.int(900)),
      timestamp: String(1_700_000_000_000 + index * 1000 + at),
      headers: { index: String(index) },
    })),
  }))
}

/** Patient: a JVM that starts on a busy machine answers late. */
function client(bootstrap: string): Kafka {
  const brokers = bootstrap.split(',')
  return new Kafka({ brokers, logLevel: logLevel.NOTHING, requestTimeout: 120_000 })
}

async function create(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  const configs = {
    'cleanup.policy': 'compact',
    'segment.bytes': '1048576',
    'min.cleanable.dirty.ratio': '0.01',
    // Tombstones stay: how often a cleaner comes round is nobody's promise.
    'delete.retention.ms': '86400000',
    'file.delete.delay.ms': '0',
  }
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  const created = { topic, numPartitions: 1, replicationFactor: 1, configEntries }
  await createTopics(admin, [created])
  await admin.disconnect()
}

async function fill(bootstrap: string): Promise<void> {
  const kafka = client(bootstrap)
  await create(kafka, topic)
  const createPartitioner = Partitioners.DefaultPartitioner
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner })
  await producer.connect()
  for (const { messages, compression } of batches()) {
    await producer.send({ topic, messages, compression })
  }
  await producer.disconnect()
}

/** The same batches in transactions, every third aborted; none begins before the marker of the last one is there. */
async function fillInTransactions(bootstrap: string): Promise<void> {
  const kafka = client(bootstrap)
  await create(kafka, transactional)
  const admin = kafka.admin()
  await admin.connect()
  const high = async () => Number((await admin.fetchTopicOffsets(transactional))[0]?.high)
  const createPartitioner = Partitioners.DefaultPartitioner
  const options = { maxInFlightRequests: 1, createPartitioner }
  const producer = kafka.producer({ ...options, idempotent: true, transactionalId: 'compaction' })
  await producer.connect()
  const all = batches()
  let expected = 0
  for (let first = 0; first < all.length; first += 20) {
    const transaction = await producer.transaction()
    for (const { messages, compression } of all.slice(first, first + 20)) {
      await transaction.send({ topic: transactional, messages, compression })
      expected += messages.length
    }
    if ((first / 20) % 3 === 2) await transaction.abort()
    else await transaction.commit()
    expected++
    await until('the marker is written', async () => (await high()) === expected)
  }
  await producer.disconnect()
  const plain = kafka.producer(options)
  await plain.connect()
  await plain.send({
    topic: transactional,
    messages: [{ key: 'last', value: 'x', timestamp: '1' }],
  })
  await plain.disconnect()
  await admin.disconnect()
}

/** Where the partition lies below a cluster's directory. */
async function partitionDirectory(directory: string, topic: string): Promise<string> {
  const names = await readdir(directory, { recursive: true })
  const found = names.find((name) => name.endsWith(`${topic}-0`))
  if (found === undefined) throw new Error(`no ${topic}-0 below ${directory}`)
  return join(directory, found)
}

async function segments(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.log')).sort()
}

/** Resolves once everything below the active segment has been compacted; gives its base offset. */
async function compacted(directory: string, topic: string): Promise<number> {
  const partition = await partitionDirectory(directory, topic)
  let base = -1
  await until(
    `${directory} is compacted`,
    async () => {
      base = Number((await segments(partition)).at(-1)?.slice(0, 20))
      const checkpoint = join(partition, '..', 'cleaner-offset-checkpoint')
      const text = await readFile(checkpoint, 'utf8').catch(() => '')
      return text.split('\n').includes(`${topic} 0 ${base}`)
    },
    60_000,
  )
  return base
}

test('Apache Kafka and Eyrie keep the same records of the same log', async () => {
  await Promise.all([fill(eyrie.bootstrap), fill(apache.bootstrap)])
  const base = await compacted(eyrie.directory, topic)
  expect(await compacted(apache.directory, topic)).toBe(base)
  const [ours, theirs] = [
    await readWholeTopic(eyrie.bootstrap, topic),
    await readWholeTopic(apache.bootstrap, topic),
  ]
  expect(ours.length).toBeGreaterThan(300)
  expect(ours).toEqual(theirs)
  const clean = ours.filter(({ offset }) => offset < base)
  expect(new Set(clean.map(({ key }) => key)).size).toBe(clean.length)
})

test('with transactions too: aborted records are gone, committed ones and their markers are not', async () => {
  await Promise.all([fillInTransactions(eyrie.bootstrap), fillInTransactions(apache.bootstrap)])
  const base = await compacted(eyrie.directory, transactional)
  expect(await compacted(apache.directory, transactional)).toBe(base)
  const read = (bootstrap: string, readUncommitted: boolean) =>
    readWholeTopic(bootstrap, transactional, { readUncommitted })
  const committed = await read(eyrie.bootstrap, false)
  expect(committed).toEqual(await read(apache.bootstrap, false))
  const all = await read(eyrie.bootstrap, true)
  expect(all).toEqual(await read(apache.bootstrap, true))
  const below = (records: typeof all) => records.filter(({ offset }) => offset < base)
  expect(below(all)).toEqual(below(committed))
  expect(below(all).length).toBeGreaterThan(200)
})

test.each([topic, transactional])(
  'kafka-dump-log reads the cleaned segments of %s',
  async (name) => {
    const directory = await partitionDirectory(eyrie.directory, name)
    const script = join(root, 'tests/peers/apache-kafka')
    const dump = async (suffix: string, ...args: string[]) => {
      const names = (await segments(directory)).map((name) => name.replace('.log', suffix))
      const files = names.map((name) => join(directory, name)).join(',')
      const options = { maxBuffer: 256 * 1024 * 1024 }
      return run(script, ['cli', 'dump-log', '--files', files, ...args], options)
    }
    const logs = await dump('.log', '--print-data-log')
    expect(logs.stdout).not.toContain('isvalid: false')
    expect(logs.stdout).toMatch(/deleteHorizonMs: OptionalLong\[\d{13}\]/)
    expect(logs.stderr).not.toMatch(/Exception|Mismatch/)
    for (const suffix of ['.index', '.timeindex']) {
      const { stdout, stderr } = await dump(suffix)
      expect(`${stdout}${stderr}`).not.toMatch(/Mismatch|Exception|not found|out of order/i)
    }
  },
)
