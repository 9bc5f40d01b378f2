// Brokers that join a running cluster, are drained and leave it, while a producer writes: nothing is lost, and what
// would lose something is refused.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { brokersKnownTo } from '../support/one-broker.ts'
import { readWholeTopic } from '../support/read-topic.ts'

const topic = 'orders'
let eyrie: EyrieCluster
let admin: Admin
let writing: Writing | null = null

beforeAll(async () => {
  eyrie = await startEyrie({ brokers: 3, args: ['--racks', 'a,b,c'] })
  admin = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})
afterAll(async () => {
  await writing?.stop()
  await admin?.disconnect()
  await eyrie?.down()
})

/** Writes one record after another with acks=all until stopped. */
class Writing {
  readonly acked: string[] = []
  readonly #producer: Producer
  #isStopped = false
  readonly #done: Promise<void>

  constructor(producer: Producer) {
    this.#producer = producer
    this.#done = this.#run()
  }

  async #run(): Promise<void> {
    for (let at = 0; !this.#isStopped; at++) {
      const key = `k${at}`
      await this.#producer.send({ topic, acks: -1, messages: [{ key, value: key }] })
      this.acked.push(key)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
    await this.#producer.disconnect()
  }
}

async function replicasOf(name: string): Promise<number[][]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] })
  const partitions = topics[0]?.partitions ?? []
  return partitions.sort((a, b) => a.partitionId - b.partitionId).map(({ replicas }) => replicas)
}

const refusal = (verb: string, ...args: string[]) =>
  eyrie.command(verb, ...args).then(
    () => 'done',
    (error: Error) => error.message,
  )

test('a broker joins, gets replicas, is drained and leaves', async () => {
  const replicaAssignment = [
    [1, 2],
    [2, 3],
    [3, 1],
    [1, 3],
  ].map((replicas, partition) => ({
    partition,
    replicas,
  }))
  await createTopics(admin, [{ topic, replicaAssignment }])
  const producer = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  writing = new Writing(producer)

  const address = (await eyrie.command('add', '--rack', 'd')).trim()
  expect(await eyrie.command('status')).toMatch(/^4 \d+ \d+ up$/m)
  for (const known of [...eyrie.brokers, address]) {
    await until('it is known', async () => (await brokersKnownTo(known)).length === 4)
    expect(await brokersKnownTo(known)).toEqual([1, 2, 3, 4])
  }
  expect(await refusal('add', '4')).toContain('there is a broker 4 already')

  await admin.alterPartitionReassignments({
    topics: [
      {
        topic,
        partitionAssignment: [
          { partition: 0, replicas: [4, 1] },
          { partition: 1, replicas: [2, 4] },
        ],
      },
    ],
  })
  const settled = async () => (await admin.listPartitionReassignments({})).topics.length === 0
  await until('two partitions are on it', settled)
  expect((await replicasOf(topic)).slice(0, 2)).toEqual([
    [4, 1],
    [2, 4],
  ])

  expect(await refusal('remove', '4')).toContain('broker 4 holds 2 replicas')
  expect(await refusal('remove', '1')).toContain('broker 1 votes in the metadata quorum')

  expect(await eyrie.command('drain', '1')).toContain('Broker 1 holds no replicas')
  expect((await replicasOf(topic)).flat()).not.toContain(1)
  expect(await eyrie.command('drain', '4')).toContain('Broker 4 holds no replicas')
  const replicas = await replicasOf(topic)
  expect(replicas.flat()).not.toContain(4)
  expect(replicas.map((list) => new Set(list).size)).toEqual([2, 2, 2, 2])

  await eyrie.command('remove', '4')
  for (const address of eyrie.brokers) {
    await until('it is gone', async () => (await brokersKnownTo(address)).length === 3)
  }
  expect(existsSync(join(eyrie.directory, '4'))).toBe(false)
  expect(await eyrie.command('status')).not.toMatch(/^4 /m)

  await writing.stop()
  const { acked } = writing
  const copies = new Map<string, number>()
  for (const { key } of await readWholeTopic(eyrie.bootstrap, topic)) {
    copies.set(key, (copies.get(key) ?? 0) + 1)
  }
  expect(acked.filter((key) => !copies.has(key))).toEqual([])
})

test('what has a replica on every broker keeps a broker from being drained', async () => {
  const replicaAssignment = [{ partition: 0, replicas: [3, 1, 2] }]
  await createTopics(admin, [{ topic: 'everywhere', replicaAssignment }])
  expect(await refusal('drain', '3')).toContain('a replica on each of the other 2 brokers')
})
