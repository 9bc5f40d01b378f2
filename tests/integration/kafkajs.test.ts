import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'

let eyrie: EyrieCluster
let kafka: Kafka

beforeAll(async () => {
  eyrie = await startEyrie({ brokers: 3 })
  kafka = new Kafka({
    clientId: 'test',
    brokers: eyrie.brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 30 },
  })
})
afterAll(async () => {
  await eyrie?.down()
})

async function isrOf(topic: string): Promise<number[]> {
  const admin = kafka.admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  await admin.disconnect()
  return topics[0]?.partitions.map((p) => p.isr.length) ?? []
}

test('topics are created, listed and deleted', async () => {
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, [{ topic: 'first', numPartitions: 4 }])
  expect(await admin.listTopics()).toContain('first')
  const { topics } = await admin.fetchTopicMetadata({ topics: ['first'] })
  const leaders = new Set(topics[0]?.partitions.map((p) => p.leader))
  expect([topics[0]?.partitions.length, leaders.size]).toEqual([4, 3])
  expect(topics[0]?.partitions.every((p) => p.replicas.length === 3)).toBe(true)
  await admin.deleteTopics({ topics: ['first'] })
  await until('the topic is gone', async () => !(await admin.listTopics()).includes('first'))
  await admin.disconnect()
})

test('an idempotent producer and a group survive kill -9 of each broker in turn', async () => {
  const topic = 'kills'
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, [{ topic, numPartitions: 3 }])

  const consumer = kafka.consumer({ groupId: 'kills-group', sessionTimeout: 6000 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const read = new Set<string>()
  await consumer.run({
    eachMessage: async ({ message }) => {
      read.add(String(message.key))
    },
  })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  const acknowledged = new Set<string>()
  let isProducing = true
  const producing = (async () => {
    for (let i = 0; isProducing; i++) {
      const key = `k${i}`
      await producer.send({ topic, acks: -1, messages: [{ key, value: `v${i}` }] })
      acknowledged.add(key)
    }
  })()

  for (const id of [1, 2, 3]) {
    const before = acknowledged.size
    await until('writes go on', () => acknowledged.size > before + 20)
    await eyrie.run('kill', id)
    const atKill = acknowledged.size
    await until('writes go on without it', () => acknowledged.size > atKill + 20)
    await eyrie.run('start', id)
    await until('it is back in every ISR', async () =>
      (await isrOf(topic)).every((size) => size === 3),
    )
  }
  isProducing = false
  await producing
  await until('the group has read all', () => [...acknowledged].every((key) => read.has(key)))

  const offsets = await admin.fetchTopicOffsets(topic)
  const written = offsets.reduce((sum, p) => sum + Number(p.high) - Number(p.low), 0)
  expect(written).toBe(acknowledged.size)
  await consumer.disconnect()
  await producer.disconnect()
  await admin.disconnect()
})
