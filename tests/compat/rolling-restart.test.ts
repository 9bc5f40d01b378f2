// All three brokers are restarted one after the other, each by a controlled shutdown, under librdkafka with acks=all
// and idempotence: no write fails but for what the client's ordinary retries hide, nothing is lost or doubled. Each
// broker holds more partitions than the controller moves in one turn.
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { WritingClient } from '../support/writing-client.ts'

const topic = 'restarts'
const PARTITIONS = 12
const IDLE_PARTITIONS = 600
let eyrie: EyrieCluster
let admin: Admin
let client: WritingClient | null = null

beforeAll(async () => {
  eyrie = await startEyrie({ brokers: 3 })
  admin = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({
    topics: [{ topic: 'idle', numPartitions: IDLE_PARTITIONS }],
    waitForLeaders: false,
    timeout: 60_000,
  })
  await admin.createTopics({
    topics: [{ topic, numPartitions: PARTITIONS }],
    waitForLeaders: false,
    timeout: 60_000,
  })
  await until('all ISRs are whole', isWhole)
})
afterAll(async () => {
  client?.kill()
  await admin?.disconnect()
  await eyrie?.down()
})

async function partitions() {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic, 'idle'] })
  return topics.flatMap((found) => found.partitions)
}

async function isWhole(): Promise<boolean> {
  // A broker that has not heard of the topics yet is asked again.
  const all = await partitions().catch(() => [])
  return all.length === IDLE_PARTITIONS + PARTITIONS && all.every(({ isr }) => isr.length === 3)
}

test('a rolling restart fails no write that retries do not hide', async () => {
  client = await WritingClient.start(eyrie.bootstrap, topic)
  const pauses: number[] = []
  for (const id of [1, 2, 3]) {
    const startMs = performance.now()
    await eyrie.run('stop', id)
    pauses.push(performance.now() - startMs)
    const left = await partitions()
    // Its leaders had moved before it went: nobody had to be fenced for them.
    expect(left.filter(({ leader }) => leader === id || leader < 0)).toEqual([])
    await client.goOn()
    await eyrie.run('start', id)
    await until(`broker ${id} is back in all ISRs`, isWhole, 120_000)
    await client.goOn()
  }
  const verdict = await client.finish()
  console.log(
    `${verdict.ackedCount} acknowledged, longest gap ${Math.round(verdict.longestGapMs)} ms, ` +
      `shutdowns took ${pauses.map((ms) => Math.round(ms)).join(', ')} ms`,
  )
  expect(verdict).toMatchObject({ failed: [], lostOrDoubled: [], unread: [], violations: [] })
})
