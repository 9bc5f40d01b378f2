// Python's confluent-kafka (librdkafka) through a kill -9 of each broker in turn, the next once the ISR is
// whole: nothing acknowledged is lost or doubled, the group skips nothing, writes pause for 3 s at most.
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { WritingClient } from '../support/writing-client.ts'

const LONGEST_GAP_MS = 3000
const topic = 'kills'
let eyrie: EyrieCluster
let client: WritingClient | null = null

beforeAll(async () => {
  eyrie = await startEyrie({ brokers: 3 })
})
afterAll(async () => {
  client?.kill()
  await eyrie?.down()
})

test('librdkafka loses nothing, doubles nothing, skips nothing', async () => {
  const kafka = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, [{ topic, numPartitions: 6 }])
  const isWhole = async (): Promise<boolean> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic, '__consumer_offsets'] })
    return topics.every((t) => t.partitions.every((p) => p.isr.length === 3))
  }

  client = await WritingClient.start(eyrie.bootstrap, topic)
  for (const id of [1, 2, 3]) {
    await until('the ISR is whole', isWhole)
    await eyrie.run('kill', id)
    await client.goOn(500)
    await eyrie.run('start', id)
  }
  await until('the ISR is whole', isWhole)
  const { ackedCount, longestGapMs, ...verdict } = await client.finish()
  await admin.disconnect()
  console.log(
    `librdkafka: ${ackedCount} acknowledged, longest gap ${Math.round(longestGapMs)} ms ` +
      `(promised ${LONGEST_GAP_MS})`,
  )
  expect(verdict).toEqual({ failed: [], lostOrDoubled: [], unread: [], violations: [] })
  expect(longestGapMs).toBeLessThan(2 * LONGEST_GAP_MS)
})
