// Transactions on disk and a hanging one, seen by Apache Kafka's own tools: kafka-transactions finds and aborts
// what no coordinator knows of, kafka-dump-log reads transaction indexes, producer snapshots and __transaction_state.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPeer } from '../../broker/network/peer-client.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { ListOffsets } from '../../protocol/schemas/02-list-offsets.ts'
import { CommandLine, type ToolName } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'

const TIMEOUT_MS = 480_000
const TRANSACTIONS = 12
const HANGING_PRODUCER = 987_654
let cluster: EyrieCluster
let tools: CommandLine
let kafka: Kafka

beforeAll(async () => {
  cluster = await startEyrie({
    brokers: 1,
    properties: {
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'transaction.state.log.num.partitions': '3',
      // Else no transaction can hang.
      'transaction.partition.verification.enable': 'false',
    },
  })
  tools = await CommandLine.start()
  kafka = new Kafka({ brokers: [cluster.bootstrap], logLevel: logLevel.NOTHING })
}, TIMEOUT_MS)

afterAll(async () => {
  tools?.end()
  await cluster?.down()
}, TIMEOUT_MS)

async function tool(name: ToolName, ...args: string[]): Promise<string> {
  const result = await tools.run(name, args)
  expect(result, result.stderr).toMatchObject({ code: 0 })
  return result.stdout
}

function transactions(...args: string[]): Promise<string> {
  return tool('transactions', '--bootstrap-server', cluster.bootstrap, ...args)
}

async function withBroker<T>(
  use: (peer: ReturnType<typeof connectPeer>) => Promise<T>,
): Promise<T> {
  const [host = '', port] = cluster.bootstrap.split(':')
  const endpoint = { host, port: Number(port) }
  const runtime = createNodeRuntime({ logLevel: 'error' })
  const peer = connectPeer({ endpoint, clientId: 'test', runtime })
  try {
    return await use(peer)
  } finally {
    peer.close()
  }
}

async function lastStableOffset(): Promise<number | undefined> {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1 }]
  const topics = [{ name: 'orders', partitions }]
  const response = await withBroker((peer) =>
    peer.send(ListOffsets, { replicaId: -1, isolationLevel: 1, topics }, { timeoutMs: 60_000 }),
  )
  return response.topics[0]?.partitions[0]?.offset
}

/** A transactional batch whose transaction no coordinator ever heard of. */
async function leaveHanging(): Promise<number> {
  const records = buildBatch({
    records: [{ key: null, value: Buffer.from('lost'), timestampMs: Date.now() - 3_600_000 }],
    producerId: HANGING_PRODUCER,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional: true,
  })
  const topicData = [{ name: 'orders', partitionData: [{ index: 0, records }] }]
  const request = { transactionalId: 'nobody', acks: -1, timeoutMs: 60_000, topicData }
  const response = await withBroker((peer) =>
    peer.send(Produce, request, { timeoutMs: 60_000, version: 11 }),
  )
  const answer = response.responses[0]?.partitionResponses[0]
  expect(answer?.errorCode).toBe(ErrorCode.NONE)
  return answer?.baseOffset ?? -1
}

async function files(topicPartition: RegExp, suffix: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir(cluster.directory, { recursive: true })) {
    const isWanted = name.endsWith(suffix) && topicPartition.test(name)
    if (isWanted && (await stat(join(cluster.directory, name))).size > 0) {
      found.push(join(cluster.directory, name))
    }
  }
  return found.sort()
}

test(
  'a hanging transaction is found and aborted, and consumers go on',
  async () => {
    const admin = kafka.admin()
    await admin.connect()
    const configEntries = [{ name: 'segment.ms', value: '500' }]
    const orders = { topic: 'orders', numPartitions: 1, replicationFactor: 1, configEntries }
    await createTopics(admin, [orders])
    await admin.disconnect()
    const producer = kafka.producer({
      transactionalId: 'orders-writer',
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    for (let round = 0; round < TRANSACTIONS; round++) {
      const transaction = await producer.transaction()
      const value = `${round}`.repeat(100)
      await transaction.send({ topic: 'orders', messages: [{ value }, { value }] })
      await (round % 3 === 0 ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    // A transaction has ended before its marker is written; each has two records.
    const markersAreWritten = async () => (await lastStableOffset()) === TRANSACTIONS * 3
    await until('all markers are written', markersAreWritten)
    const startOffset = await leaveHanging()
    expect(await lastStableOffset()).toBe(startOffset)

    const described = await transactions(
      'describe-producers',
      '--topic',
      'orders',
      '--partition',
      '0',
    )
    expect(described).toMatch(
      new RegExp(`${HANGING_PRODUCER}\\s+0\\s+-1\\s+0\\s+\\d+\\s+${startOffset}`),
    )
    const hanging = await transactions('find-hanging', '--broker-id', '1')
    expect(hanging).toMatch(new RegExp(`orders\\s+0\\s+${HANGING_PRODUCER}\\s`))
    await expect
      .poll(() => transactions('list'), { timeout: 60_000 })
      .toMatch(/orders-writer\s+1\s+\d+\s+CompleteAbort/)

    const where = ['--topic', 'orders', '--partition', '0', '--start-offset', String(startOffset)]
    await transactions('abort', ...where)
    expect(await lastStableOffset()).toBe(startOffset + 2)
    expect(await transactions('find-hanging', '--broker-id', '1')).not.toContain('orders')
  },
  TIMEOUT_MS,
)

test(
  'kafka-dump-log reads transaction indexes, producer snapshots and __transaction_state',
  async () => {
    await cluster.run('stop', 1)
    const indexes = await files(/\/orders-0\//, '.txnindex')
    expect(indexes.length).toBeGreaterThan(1)
    const aborted = await tool('dump-log', '--files', indexes.join(','))
    const entry =
      /^version: 0 producerId: (\d+) firstOffset: \d+ lastOffset: \d+ lastStableOffset: \d+/gm
    const producers = [...aborted.matchAll(entry)].map((match) => Number(match[1]))
    expect(producers).toHaveLength(9)
    expect(producers.filter((id) => id === HANGING_PRODUCER)).toHaveLength(1)

    const snapshots = await files(/\/orders-0\//, '.snapshot')
    const states = await tool('dump-log', '--files', snapshots.join(','))
    const ofHanging = (txn: string) =>
      new RegExp(`producerId: ${HANGING_PRODUCER} producerEpoch: 0 .*currentTxnFirstOffset: ${txn}`)
    expect(states).toMatch(ofHanging('OptionalLong\\[\\d+\\]'))
    expect(states).toMatch(ofHanging('OptionalLong.empty'))

    const logs = await files(/\/orders-0\//, '.log')
    const data = await tool('dump-log', '--print-data-log', '--files', logs.join(','))
    expect(data.match(/endTxnMarker: COMMIT coordinatorEpoch: \d+/g)).toHaveLength(4)
    expect(data.match(/endTxnMarker: ABORT coordinatorEpoch: -?\d+/g)).toHaveLength(9)

    const states0 = await files(/\/__transaction_state-\d+\//, '.log')
    const decoded = await tool(
      'dump-log',
      '--transaction-log-decoder',
      '--files',
      states0.join(','),
    )
    expect(decoded).toContain('"transactionalId":"orders-writer"')
    expect(decoded).not.toMatch(/Exception|Could not|null key/i)
  },
  TIMEOUT_MS,
)
