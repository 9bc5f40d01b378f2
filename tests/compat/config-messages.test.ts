// What a configuration may not be: the same changes asked of Apache Kafka and of us, validated only; errors and
// their messages must be the same, word for word.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPeer } from '../../broker/network/peer-client.ts'
import type { PeerClient } from '../../broker/network/types.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { errorName } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { type PeerCluster, startPeer } from '../support/apache-kafka.ts'
import { type EyrieCluster, startEyrie } from '../support/eyrie-cluster.ts'

const TOPIC = 2
const BROKER = 4
const OPERATIONS = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 }

type Change = readonly [name: string, value: string | null, operation?: keyof typeof OPERATIONS]

interface Case {
  type: number
  name: string
  changes: readonly Change[]
}

const topic = (...changes: Change[]): Case => ({ type: TOPIC, name: 'checked', changes })
const broker = (...changes: Change[]): Case => ({ type: BROKER, name: '1', changes })
const cluster = (...changes: Change[]): Case => ({ type: BROKER, name: '', changes })

const topicValues: Change[] = [
  ['retention.ms', 'abc'],
  ['retention.ms', '-2'],
  ['retention.ms', '1.5'],
  ['retention.ms', ''],
  ['retention.ms', ' 100 '],
  ['retention.ms', '99999999999999999999'],
  ['retention.bytes', '-2'],
  ['segment.bytes', '1'],
  ['segment.bytes', '2147483648'],
  ['segment.ms', '0'],
  ['segment.jitter.ms', '-1'],
  ['segment.index.bytes', '3'],
  ['index.interval.bytes', '-1'],
  ['max.message.bytes', '-1'],
  ['flush.messages', '0'],
  ['flush.ms', '-1'],
  ['file.delete.delay.ms', '-1'],
  ['delete.retention.ms', '-1'],
  ['min.compaction.lag.ms', '-1'],
  ['max.compaction.lag.ms', '0'],
  ['min.cleanable.dirty.ratio', '1.1'],
  ['min.cleanable.dirty.ratio', '-0.1'],
  ['min.cleanable.dirty.ratio', 'half'],
  ['min.insync.replicas', '0'],
  ['cleanup.policy', 'remove'],
  ['cleanup.policy', ''],
  ['cleanup.policy', 'compact,,delete'],
  ['cleanup.policy', 'compact,compact'],
  ['compression.type', 'brotli'],
  ['compression.type', 'GZIP'],
  ['compression.gzip.level', '0'],
  ['compression.gzip.level', '10'],
  ['compression.lz4.level', '18'],
  ['compression.zstd.level', '23'],
  ['message.timestamp.type', 'createtime'],
  ['message.timestamp.before.max.ms', '-1'],
  ['message.timestamp.after.max.ms', '-1'],
  ['preallocate', 'yes'],
  ['preallocate', ''],
  ['unclean.leader.election.enable', '1'],
  ['leader.replication.throttled.replicas', '0-1'],
  ['leader.replication.throttled.replicas', '*,0:1'],
  ['follower.replication.throttled.replicas', '0:1,'],
  ['remote.storage.enable', 'true'],
  ['remote.storage.enable', 'maybe'],
  ['remote.log.copy.disable', 'true'],
  ['remote.log.delete.on.disable', 'true'],
  ['local.retention.ms', '-3'],
  ['local.retention.bytes', '-3'],
  ['local.retention.ms', '700000000'],
  ['no.such.config', '1'],
  ['retention.ms', '1', 'APPEND'],
  ['no.such.config', 'a', 'APPEND'],
  ['cleanup.policy', 'compact', 'APPEND'],
  ['cleanup.policy', 'bad', 'APPEND'],
  ['cleanup.policy', 'delete', 'SUBTRACT'],
  ['retention.ms', null],
]

const brokerValues: Change[] = [
  ['log.cleaner.threads', '0'],
  ['log.cleaner.threads', '3'],
  ['log.cleaner.threads', '2'],
  ['log.cleaner.threads', 'x'],
  ['log.cleaner.dedupe.buffer.size', '1'],
  ['log.cleaner.dedupe.buffer.size', '1048576'],
  ['log.cleaner.io.buffer.load.factor', '-1'],
  ['log.cleaner.io.buffer.load.factor', '2.0'],
  ['log.cleaner.io.buffer.size', '-1'],
  ['log.cleaner.io.max.bytes.per.second', '-1.0'],
  ['log.cleaner.backoff.ms', '-1'],
  ['log.cleaner.min.cleanable.ratio', '2'],
  ['log.cleaner.enable', 'false'],
  ['log.cleanup.policy', 'shred'],
  ['log.retention.ms', '-2'],
  ['log.retention.ms', '0'],
  ['log.retention.ms', '-1'],
  ['log.retention.minutes', '5'],
  ['log.retention.hours', '5'],
  ['log.retention.bytes', '-5'],
  ['log.local.retention.ms', '-3'],
  ['log.local.retention.ms', '9999999999'],
  ['log.local.retention.bytes', '100'],
  ['log.segment.bytes', '10'],
  ['log.roll.ms', '0'],
  ['log.roll.ms', '-1'],
  ['log.roll.hours', '1'],
  ['log.roll.jitter.ms', '-1'],
  ['log.flush.interval.ms', '-1'],
  ['log.flush.interval.messages', '0'],
  ['log.flush.scheduler.interval.ms', '5'],
  ['log.segment.delete.delay.ms', '-1'],
  ['log.index.size.max.bytes', '1'],
  ['log.preallocate', 'no'],
  ['log.message.timestamp.type', 'Never'],
  ['log.message.timestamp.after.max.ms', '-1'],
  ['message.max.bytes', '-1'],
  ['compression.type', 'rar'],
  ['compression.gzip.level', '11'],
  ['min.insync.replicas', '0'],
  ['num.io.threads', '0'],
  ['num.io.threads', '3'],
  ['num.io.threads', '4'],
  ['num.io.threads', '17'],
  ['num.io.threads', '16'],
  ['num.network.threads', '7'],
  ['num.network.threads', '1'],
  ['num.network.threads', '2'],
  ['num.replica.fetchers', '3'],
  ['num.replica.fetchers', '2'],
  ['num.recovery.threads.per.data.dir', '5'],
  ['background.threads', '4'],
  ['background.threads', '21'],
  ['background.threads', '5'],
  ['max.connections', '-1'],
  ['max.connections.per.ip', '-1'],
  ['max.connections.per.ip', '0'],
  ['max.connections.per.ip.overrides', 'nonsense'],
  ['max.connections.per.ip.overrides', '127.0.0.1:100'],
  ['max.connections.per.ip.overrides', 'no.such.host.invalid:1'],
  ['max.connection.creation.rate', '-1'],
  ['max.connection.creation.rate', '0'],
  ['max.connections', '0'],
  ['listener.name.plaintext.max.connection.creation.rate', 'fast'],
  ['listener.name.plaintext.max.connection.creation.rate', '-1'],
  ['listener.name.plaintext.max.connection.creation.rate', '0'],
  ['listener.name.plaintext.max.connection.creation.rate', '10'],
  ['listener.name.nowhere.max.connection.creation.rate', '0'],
  ['listener.name.plaintext.max.connections', 'many'],
  ['listener.name.plaintext.max.connections', '0'],
  ['producer.id.expiration.ms', '0'],
  ['transaction.partition.verification.enable', 'perhaps'],
  ['unclean.leader.election.enable', '7'],
  ['leader.replication.throttled.rate', '-1'],
  ['follower.replication.throttled.rate', 'x'],
  ['replica.alter.log.dirs.io.max.bytes.per.second', '-1'],
  ['group.consumer.assignment.interval.ms', '-1'],
  ['group.coordinator.cached.buffer.max.bytes', '1'],
  ['node.id', '7'],
  ['broker.id', '7'],
  ['log.dirs', '/elsewhere'],
  ['process.roles', 'broker'],
  ['auto.create.topics.enable', 'false'],
  ['num.partitions', '4'],
  ['offsets.topic.num.partitions', '4'],
  ['ssl.keystore.location', '/k'],
  ['sasl.enabled.mechanisms', 'PLAIN'],
  ['principal.builder.class', 'x.Y'],
  ['config.providers', ''],
  ['metric.reporters', 'no.such.Reporter'],
  ['remote.log.manager.copier.thread.pool.size', '0'],
  ['remote.log.manager.copier.thread.pool.size', '3'],
  ['remote.log.reader.threads', '21'],
  ['remote.fetch.max.wait.ms', '0'],
  ['follower.fetch.last.tiered.offset.enable', 'x'],
  ['no.such.config', 'anything'],
  ['log.retention.ms', '5', 'APPEND'],
  ['log.cleanup.policy', 'compact', 'APPEND'],
  ['log.retention.ms', null],
]

const cases: Case[] = [
  ...topicValues.map((change) => topic(change)),
  topic(['min.compaction.lag.ms', '10'], ['max.compaction.lag.ms', '5']),
  topic(['retention.ms', '1000'], ['local.retention.ms', '2000']),
  topic(['retention.bytes', '1000'], ['local.retention.bytes', '2000']),
  topic(['retention.ms', '1'], ['retention.ms', '2']),
  { type: TOPIC, name: 'no-such-topic', changes: [['retention.ms', '1']] },
  { type: TOPIC, name: '', changes: [['retention.ms', '1']] },
  { type: TOPIC, name: 'bad name', changes: [['retention.ms', '1']] },
  ...brokerValues.flatMap((change) => [broker(change), cluster(change)]),
  { type: BROKER, name: '5', changes: [['log.retention.ms', '1']] },
  { type: BROKER, name: 'one', changes: [['log.retention.ms', '1']] },
  broker(['listeners', 'PLAINTEXT://:1'], ['log.retention.ms', 'x']),
  cluster(['listeners', 'PLAINTEXT://:1']),
  cluster(['node.id', '3'], ['log.dirs', '/x']),
  cluster(['log.retention.ms', '1000'], ['log.local.retention.ms', '2000']),
]

let eyrie: EyrieCluster
let apache: PeerCluster
const clients: PeerClient[] = []

function connect(bootstrap: string): PeerClient {
  const [host = '', port = ''] = (bootstrap.split(',')[0] ?? '').split(':')
  const client = connectPeer({
    endpoint: { host, port: Number(port) },
    clientId: 'config-messages',
    runtime: createNodeRuntime({ logLevel: 'error' }),
  })
  clients.push(client)
  return client
}

beforeAll(async () => {
  ;[eyrie, apache] = await Promise.all([startEyrie({ brokers: 1 }), startPeer({ brokers: 1 })])
  for (const { bootstrap } of [eyrie, apache]) {
    const created = { name: 'checked', numPartitions: 1, replicationFactor: 1 }
    await connect(bootstrap).send(
      CreateTopics,
      { topics: [created], timeoutMs: 30_000 },
      { timeoutMs: 60_000 },
    )
  }
})
afterAll(async () => {
  for (const client of clients) client.close()
  await eyrie?.down()
  await apache?.down()
})

async function ask(client: PeerClient, { type, name, changes }: Case) {
  const configs = changes.map(([config, value, operation = 'SET']) => ({
    name: config,
    value,
    configOperation: OPERATIONS[operation],
  }))
  const resources = [{ resourceType: type, resourceName: name, configs }]
  const { responses } = await client.send(
    IncrementalAlterConfigs,
    { resources, validateOnly: true },
    { timeoutMs: 60_000 },
  )
  const [answer] = responses
  return `${errorName(answer?.errorCode ?? -1)}: ${answer?.errorMessage ?? ''}`
}

/** Where Apache Kafka refuses by accident, with the words of Java's own exception, the error code is enough. */
function isSlip(our: string, their: string): boolean {
  return their.endsWith(': / by zero') && our.split(':')[0] === their.split(':')[0]
}

test('every refusal and every consent is the same, in the same words', async () => {
  const [ours, theirs] = clients as [PeerClient, PeerClient]
  const differences: string[] = []
  for (const each of cases) {
    const [our, their] = [await ask(ours, each), await ask(theirs, each)]
    if (our === their || isSlip(our, their)) continue
    const what = each.changes.map(([config, value, op = '=']) => `${config} ${op} ${value}`)
    differences.push(
      `${each.type}:${each.name} ${what.join(', ')}\n  Kafka ${their}\n  Eyrie ${our}`,
    )
  }
  expect(differences.join('\n')).toBe('')
})
