// kafka-transactions.sh 4.3.1 on Apache Kafka and on Eyrie: transactions under way, ended and hanging, listed, described,
// found, aborted and forced to end, refusals included: same output, same exit code. Two-phase commits are refused alike.
import { createConnection } from 'node:net'
import { type Admin, Kafka, logLevel, Partitioners, type Transaction } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPeer } from '../../broker/network/peer-client.ts'
import type { PeerClient } from '../../broker/network/types.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { errorName } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import { InitProducerId } from '../../protocol/schemas/22-init-producer-id.ts'
import { CommandLine, type PeerCluster, startPeer } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'

const TOPIC = 'orders'
/** Beyond the ids that either cluster gives out. */
const HANGING_PRODUCERS = [700_001, 700_002, 700_003]
const HOUR_MS = 3_600_000
const TRANSACTION_TIMEOUT_MS = 600_000
/** What only reads is asked again for so long: a transaction comes to its end a moment after it was told of. */
const SETTLE_MS = 60_000
const READING = ['list', 'describe', 'describe-producers', 'find-hanging']

type Side = 'eyrie' | 'kafka'
let clusters: { eyrie: EyrieCluster; kafka: PeerCluster }
let tools: { eyrie: CommandLine; kafka: CommandLine }
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const properties = {
    'transaction.state.log.num.partitions': '1',
    // Else no transaction can hang.
    'transaction.partition.verification.enable': 'false',
    'auto.create.topics.enable': 'false',
  }
  const coordinator = {
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
  }
  tools = { eyrie: await CommandLine.start(), kafka: await CommandLine.start() }
  clusters = {
    eyrie: await startEyrie({ brokers: 1, properties: { ...properties, ...coordinator } }),
    kafka: await startPeer({ brokers: 1, properties }),
  }
  await Promise.all([prepare('eyrie'), prepare('kafka')])
})
afterAll(async () => {
  for (const close of closers) await close()
  tools?.eyrie.end()
  tools?.kafka.end()
  await Promise.all([clusters?.eyrie.down(), clusters?.kafka.down()])
})

async function onBroker<T>(side: Side, use: (peer: PeerClient) => Promise<T>): Promise<T> {
  const [host = '', port] = clusters[side].bootstrap.split(':')
  const runtime = createNodeRuntime({ logLevel: 'error' })
  const endpoint = { host, port: Number(port) }
  const peer = connectPeer({ endpoint, clientId: 'transactions', runtime })
  try {
    return await use(peer)
  } finally {
    peer.close()
  }
}

/** A batch of a transaction that no coordinator ever heard of. */
async function leaveHanging(side: Side, partition: number, ageMs: number): Promise<void> {
  const records = buildBatch({
    records: [{ key: null, value: Buffer.from('lost'), timestampMs: Date.now() - ageMs }],
    producerId: HANGING_PRODUCERS[partition] ?? 0,
    producerEpoch: 3,
    baseSequence: 0,
    isTransactional: true,
  })
  const topicData = [{ name: TOPIC, partitionData: [{ index: partition, records }] }]
  const request = { transactionalId: 'nobody', acks: -1, timeoutMs: 60_000, topicData }
  const response = await onBroker(side, (peer) =>
    peer.send(Produce, request, { timeoutMs: 60_000, version: 11 }),
  )
  const code = response.responses[0]?.partitionResponses[0]?.errorCode
  expect(errorName(code ?? -1)).toBe('NONE')
}

async function begin(kafka: Kafka, transactionalId: string): Promise<Transaction> {
  const producer = kafka.producer({
    transactionalId,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  closers.push(() => producer.disconnect())
  const transaction = await producer.transaction()
  const messages = [0, 1, 2].map((partition) => ({ partition, value: transactionalId }))
  await transaction.send({ topic: TOPIC, messages })
  return transaction
}

async function createTopic(admin: Admin): Promise<void> {
  await createTopics(admin, [{ topic: TOPIC, numPartitions: 3, replicationFactor: 1 }])
}

async function prepare(side: Side): Promise<void> {
  const kafka = new Kafka({ brokers: [clusters[side].bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await createTopic(admin)
  await (await begin(kafka, 'committed')).commit()
  await (await begin(kafka, 'aborted')).abort()
  // A transaction has ended before its markers are in the logs.
  await until('all markers are written', async () =>
    (await admin.fetchTopicOffsets(TOPIC)).every(({ high }) => high === '4'),
  )
  await admin.disconnect()
  await leaveHanging(side, 0, HOUR_MS)
  await leaveHanging(side, 1, HOUR_MS)
  // Too young to be taken for a hanging one.
  await leaveHanging(side, 2, 0)
  await begin(kafka, 'open')
}

/** Ids that the cluster gave out, times and addresses are its own. */
function normal(text: string): string {
  return text
    .replace(/\d{13}/g, 'TIME')
    .replace(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replace(/^(open|committed|aborted)(\s+\d+\s+)\d+/gm, '$1$2ID')
    .replace(/^(1\s+open\s+)\d+/gm, '$1ID')
    .replace(/^(1\s+(?:committed|aborted)\s+)\d+/gm, '$1ID')
    .replace(/((?:Ongoing|Complete\w+)\s+\d+\s+TIME\s+)\d+/g, '$1MS')
    .replace(/^\d{1,5}(\s+\d+\s+-?\d+\s+-?\d+\s+TIME)/gm, 'ID$1')
    .replace(/(700\d+\s+\d+\s+-1\s+\d+\s+TIME\s+)\d+$/gm, '$1OFFSET')
    .replace(/^(orders\s+\d\s+700\d+\s+\d+\s+-1\s+\d+\s+)(TIME\s+)\d+/gm, '$1$2MIN')
    .replace(/^\s*at .*$/gm, '')
    .split('\n')
    .map((line) => line.trim().replace(/[ \t]+/g, ' '))
    .filter((line) => line !== '' && !/^(WARNING|SLF4J|\[main\] WARN|.* WARN )/.test(line))
    .sort()
    .join('\n')
}

async function runOn(side: Side, args: readonly string[]): Promise<string> {
  const server = ['--bootstrap-server', clusters[side].bootstrap]
  const { code, stdout, stderr } = await tools[side].run('transactions', [...server, ...args])
  return `exit ${code}\n${normal(`${stdout}\n${stderr}`)}`
}

async function same(title: string, args: readonly string[]): Promise<string> {
  const both = () => Promise.all([runOn('eyrie', args), runOn('kafka', args)])
  let [ours, theirs] = await both()
  const deadlineMs = Date.now() + SETTLE_MS
  while (READING.includes(args[0] ?? '') && ours !== theirs && Date.now() < deadlineMs) {
    ;[ours, theirs] = await both()
  }
  expect.soft(`${title}\n${ours}`).toBe(`${title}\n${theirs}`)
  return ours
}

const at = (partition: number) => ['--topic', TOPIC, '--partition', String(partition)]

test('transactions are listed and described as on Apache Kafka', async () => {
  const all = await same('list', ['list'])
  expect(all).toMatch(/open 1 ID Ongoing/)
  await same('list what takes long', ['list', '--duration-filter', '3600000'])
  await same('list all durations', ['list', '--duration-filter', '-1'])
  await same('list by pattern', ['list', '--transactional-id-pattern', '(ab|comm).*'])
  await same('list by no pattern', ['list', '--transactional-id-pattern', '(('])
  for (const id of ['open', 'committed', 'aborted', 'nobody']) {
    await same(`describe ${id}`, ['describe', '--transactional-id', id])
  }
  await same('describe nothing', ['describe'])
  for (const partition of [0, 1, 2]) {
    const args = ['describe-producers', ...at(partition)]
    await same(`producers of ${partition}`, args)
  }
  await same('producers at a broker', ['describe-producers', ...at(0), '--broker-id', '1'])
})

/** Where the hanging transaction of a partition began, by the tool's own word. */
async function startOffset(side: Side, partition: number): Promise<string> {
  const server = ['--bootstrap-server', clusters[side].bootstrap]
  const args = [...server, 'describe-producers', ...at(partition)]
  const { stdout } = await tools[side].run('transactions', args)
  const line = stdout.split('\n').find((row) => row.includes(String(HANGING_PRODUCERS[partition])))
  return line?.trim().split(/\s+/).at(-1) ?? ''
}

async function abort(title: string, partition: number, more: readonly string[]): Promise<void> {
  const args = async (side: Side) => [
    'abort',
    ...at(partition),
    ...(more.length > 0 ? more : ['--start-offset', await startOffset(side, partition)]),
  ]
  const [ours, theirs] = await Promise.all([
    runOn('eyrie', await args('eyrie')),
    runOn('kafka', await args('kafka')),
  ])
  expect.soft(`${title}\n${ours}`).toBe(`${title}\n${theirs}`)
}

test('hanging transactions are found and aborted as on Apache Kafka', async () => {
  const found = await same('find', ['find-hanging', '--broker-id', '1'])
  expect(found).toContain('700001')
  expect(found).not.toContain('700003')
  await same('find of a topic', ['find-hanging', '--topic', TOPIC])
  await same('find of a partition', ['find-hanging', ...at(1)])
  await same('find of another partition', ['find-hanging', ...at(2)])
  await same('find what is old', ['find-hanging', ...at(0), '--max-transaction-timeout', '600'])
  await same('find of a partition alone', ['find-hanging', '--partition', '1'])
  await same('find nowhere', ['find-hanging'])
  await same('find in no topic', ['find-hanging', '--topic', 'nowhere'])
  await same('find at no broker', ['find-hanging', '--broker-id', '9'])

  await abort('abort at a wrong offset', 0, ['--start-offset', '77777'])
  await abort('abort without the epoch', 0, ['--producer-id', '700001'])
  const producer = ['--producer-id', '700001', '--producer-epoch', '1']
  await abort('abort of an old epoch', 0, [...producer, '--coordinator-epoch', '0'])
  await abort('abort', 0, [])
  const owner = ['--producer-id', '700002', '--producer-epoch', '3', '--coordinator-epoch', '0']
  await abort('abort by producer', 1, owner)
  await same('found no more', ['find-hanging', '--broker-id', '1'])
  for (const partition of [0, 1]) {
    await same(`producers of ${partition} after`, ['describe-producers', ...at(partition)])
  }
})

test('a transaction under way is forced to end as on Apache Kafka', async () => {
  const force = (id: string) => ['forceTerminateTransaction', '--transactionalId', id]
  await same('force', force('open'))
  for (const side of ['eyrie', 'kafka'] as const) {
    await expect.poll(() => runOn(side, ['list']), { timeout: SETTLE_MS }).toMatch(/open .*Empty/)
  }
  await same('forced', ['describe', '--transactional-id', 'open'])
  await same('force what is nobody', force('nobody'))
  await same('list in the end', ['list'])
})

/** InitProducerId in version 6, the one with two-phase commits: what comes back until the broker ends the connection. */
function askForTwoPhases(side: Side): Promise<string> {
  const [host = '', port] = clusters[side].bootstrap.split(':')
  const clientId = Buffer.from('transactions')
  const header = Buffer.alloc(10)
  header.writeInt16BE(InitProducerId.key, 0)
  header.writeInt16BE(6, 2)
  header.writeInt16BE(clientId.length, 8)
  // No tags; id "two"; a minute; no producer yet; two phases wanted; nothing prepared to keep; no tags.
  const body = Buffer.from(`000474776f0000ea60${'ff'.repeat(10)}010000`, 'hex')
  const frame = Buffer.concat([header, clientId, body])
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  return new Promise((resolve) => {
    let received = ''
    const socket = createConnection({ host, port: Number(port) })
    socket.setTimeout(60_000, () => socket.destroy())
    socket.on('data', (chunk) => {
      received += chunk.toString('hex')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(received))
    socket.write(Buffer.concat([size, frame]))
  })
}

test('two-phase commits are offered by neither, and refused by both', async () => {
  const versions = await Promise.all(
    (['eyrie', 'kafka'] as const).map((side) =>
      onBroker(side, async (peer) => {
        const request = { clientSoftwareName: 'test', clientSoftwareVersion: '1' }
        const { apiKeys } = await peer.send(ApiVersions, request, { timeoutMs: 60_000, version: 4 })
        return apiKeys.find(({ apiKey }) => apiKey === InitProducerId.key)
      }),
    ),
  )
  expect(versions[0]).toEqual(versions[1])
  expect(versions[0]?.maxVersion).toBeLessThan(6)
  expect(await askForTwoPhases('eyrie')).toBe(await askForTwoPhases('kafka'))
})
