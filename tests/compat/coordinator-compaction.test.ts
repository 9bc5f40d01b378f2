// __consumer_offsets and __transaction_state are compacted on a running cluster, on every replica; then the coordinator's
// broker is killed: the next one, which loads what compaction left, knows every committed offset and every transaction.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPeer } from '../../broker/network/peer-client.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { OffsetCommit } from '../../protocol/schemas/08-offset-commit.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { partitionsKnownTo } from '../support/one-broker.ts'

const TOPIC = 'orders'
/** Less than half of what is written to either topic. */
const COMPACTED_MAX_BYTES = 40_000
const COMMITS = 600
const TRANSACTIONS = 120
const internal = ['__consumer_offsets', '__transaction_state'] as const

let eyrie: EyrieCluster
let kafka: Kafka
let admin: Admin
let producer: Producer | null = null

beforeAll(async () => {
  eyrie = await startEyrie({
    properties: {
      'offsets.topic.num.partitions': '1',
      'transaction.state.log.num.partitions': '1',
      'log.roll.ms': '500',
      'log.cleaner.backoff.ms': '200',
      'log.cleaner.min.cleanable.ratio': '0.01',
      'log.segment.delete.delay.ms': '100',
    },
  })
  kafka = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  await admin.connect()
})
afterAll(async () => {
  await producer?.disconnect().catch(() => undefined)
  await admin?.disconnect()
  await eyrie?.down()
})

async function connected(): Promise<Producer> {
  const made = kafka.producer({
    transactionalId: 'writer',
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 100 },
  })
  await made.connect()
  return made
}

/** These offsets, in turn for three groups without members. */
async function commitAll(from: number, to: number): Promise<void> {
  await until('there is a coordinator', async () => (await coordinator()) > 0)
  const address = eyrie.brokers[(await coordinator()) - 1] ?? ''
  const [host = '', port] = address.split(':')
  const runtime = createNodeRuntime({ logLevel: 'error' })
  const endpoint = { host, port: Number(port) }
  const peer = connectPeer({ endpoint, clientId: 'committer', runtime })
  try {
    for (let offset = from; offset <= to; offset++) {
      const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: '' }]
      const request = { groupId: `group-${offset % 3}`, topics: [{ name: TOPIC, partitions }] }
      const options = { timeoutMs: 30_000, version: 8 }
      const { topics } = await peer.send(OffsetCommit, request, options)
      expect(topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.NONE)
    }
  } finally {
    peer.close()
  }
}

/** Of all groups, whose offsets are in one partition; 0 while there is none. */
function coordinator(): Promise<number> {
  return admin.describeGroups(['group-0']).then(
    () => leaderOf('__consumer_offsets'),
    () => 0,
  )
}

/** One transaction that takes the group `txn` to `offset`. */
async function transact(offset: number): Promise<void> {
  const transaction = await producer?.transaction()
  await transaction?.send({ topic: TOPIC, messages: [{ value: String(offset) }] })
  await transaction?.sendOffsets({
    consumerGroupId: 'txn',
    topics: [{ topic: TOPIC, partitions: [{ partition: 0, offset: String(offset) }] }],
  })
  await transaction?.commit()
}

async function committed(groupId: string): Promise<string | undefined> {
  const [topic] = await admin.fetchOffsets({ groupId, topics: [TOPIC] })
  return topic?.partitions.find(({ partition }) => partition === 0)?.offset
}

/** A transaction has ended before its marker makes its offsets those of the group. */
async function isCommitted(offset: number): Promise<void> {
  const found = () => committed('txn').catch(() => null)
  await expect.poll(found, { timeout: 60_000 }).toBe(String(offset))
}

async function logBytes(broker: number, topic: string): Promise<number> {
  const directory = join(eyrie.directory, String(broker), 'data', `${topic}-0`)
  let bytes = 0
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.log')) continue
    // One that is put away meanwhile: to be looked at again.
    const file = await stat(join(directory, name)).catch(() => null)
    bytes += file?.size ?? Number.POSITIVE_INFINITY
  }
  return bytes
}

/** Where a replica's cleaner stands in a partition 0; 0 where it never came. */
async function cleanedTo(broker: number, topic: string): Promise<number> {
  const path = join(eyrie.directory, String(broker), 'data', 'cleaner-offset-checkpoint')
  const text = await readFile(path, 'utf8').catch(() => '')
  return Number(new RegExp(`^${topic} 0 (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

async function leaderOf(topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  return topics[0]?.partitions[0]?.leader ?? -1
}

/** Of every ISR of the coordinators' topics, by each of these brokers. */
async function untilAllSay(addresses: string[], wanted: (isr: number[]) => boolean): Promise<void> {
  for (const address of addresses) {
    await until(`${address} says so of every ISR`, async () =>
      (await partitionsKnownTo(address, internal)).every(({ isr }) => wanted(isr)),
    )
  }
}

test('the coordinators’ topics shrink, and a failover loses nothing', async () => {
  const replicaAssignment = [{ partition: 0, replicas: [1, 2, 3] }]
  await createTopics(admin, [{ topic: TOPIC, replicaAssignment }])
  await commitAll(1, COMMITS)
  producer = await connected()
  for (let offset = 1; offset <= TRANSACTIONS; offset++) await transact(offset)

  const isCompacted = async (topic: string, broker: number) =>
    (await cleanedTo(broker, topic)) > TRANSACTIONS &&
    (await logBytes(broker, topic)) < COMPACTED_MAX_BYTES
  await until('both topics are compacted on all brokers', async () => {
    // The newest segment is never compacted, and rolls as the next record comes.
    await commitAll(COMMITS - 2, COMMITS)
    await transact(TRANSACTIONS)
    const done = internal.flatMap((topic) => [1, 2, 3].map((id) => isCompacted(topic, id)))
    return (await Promise.all(done)).every(Boolean)
  })

  for (const topic of internal) {
    const victim = await leaderOf(topic)
    await eyrie.run('kill', victim)
    await until(`${topic} is led by another`, async () => {
      const leader = await leaderOf(topic).catch(() => victim)
      return leader > 0 && leader !== victim
    })
    // 598, 599 and 600 are the last of their groups.
    for (const offset of [COMMITS - 2, COMMITS - 1, COMMITS]) {
      await expect
        .poll(() => committed(`group-${offset % 3}`).catch(() => null), { timeout: 60_000 })
        .toBe(String(offset))
    }
    await isCommitted(TRANSACTIONS)
    // Else what they said before it died would be taken for its return.
    const others = eyrie.brokers.filter((_, index) => index + 1 !== victim)
    await untilAllSay(others, (isr) => !isr.includes(victim))
    await eyrie.run('start', victim)
    await untilAllSay(eyrie.brokers, (isr) => isr.length === 3)
  }

  // The transactional id is known as before: its producer goes on, and so does one that takes the id over.
  await transact(TRANSACTIONS + 1)
  await isCommitted(TRANSACTIONS + 1)
  await producer.disconnect()
  producer = await connected()
  await transact(TRANSACTIONS + 2)
  await isCommitted(TRANSACTIONS + 2)
})
