// The same batches compacted by Apache Kafka and by us: what is left must be the same, and Apache Kafka's own
// kafka-dump-log must read our cleaned segments.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CompressionTypes, Kafka, logLevel, type Message, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PeerCluster, startPeer } from '../support/apache-kafka.ts'
import { type EyrieCluster, root, startEyrie, until } from '../support/eyrie-cluster.ts'
import { SeededRandom } from '../support/memory-runtime.ts'
import { readWholeTopic } from '../support/read-topic.ts'

const topic = 'compacted'
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

async function fill(bootstrap: string): Promise<void> {
  const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
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
  await admin.createTopics({ topics: [created], waitForLeaders: true })
  await admin.disconnect()
  const createPartitioner = Partitioners.DefaultPartitioner
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner })
  await producer.connect()
  for (const { messages, compression } of batches()) {
    await producer.send({ topic, messages, compression })
  }
  await producer.disconnect()
}

/** Where the partition lies below a cluster's directory. */
async function partitionDirectory(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true })
  const found = names.find((name) => name.endsWith(`${topic}-0`))
  if (found === undefined) throw new Error(`no ${topic}-0 below ${directory}`)
  return join(directory, found)
}

async function segments(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.log')).sort()
}

/** Resolves once everything below the active segment has been compacted; gives its base offset. */
async function compacted(directory: string): Promise<number> {
  const partition = await partitionDirectory(directory)
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
  const base = await compacted(eyrie.directory)
  expect(await compacted(apache.directory)).toBe(base)
  const [ours, theirs] = [
    await readWholeTopic(eyrie.bootstrap, topic),
    await readWholeTopic(apache.bootstrap, topic),
  ]
  expect(ours.length).toBeGreaterThan(300)
  expect(ours).toEqual(theirs)
  const clean = ours.filter(({ offset }) => offset < base)
  expect(new Set(clean.map(({ key }) => key)).size).toBe(clean.length)
})

test("Apache Kafka's kafka-dump-log reads the cleaned segments and their indexes", async () => {
  const directory = await partitionDirectory(eyrie.directory)
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
})
