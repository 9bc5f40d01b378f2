// Python's confluent-kafka (librdkafka) through a kill -9 of each broker in turn, the next once the ISR is
// whole: nothing acknowledged is lost or doubled, the group skips nothing, writes pause for 3 s at most.
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { partitionsKnownTo } from '../support/one-broker.ts'
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
  await admin.disconnect()
  /** What each of these brokers says of every ISR: with that broker, or without. */
  const untilAllSay = async (what: string, ids: number[], wanted: (isr: number[]) => boolean) => {
    for (const id of ids) {
      const address = eyrie.brokers[id - 1] ?? ''
      await until(`${what}, says broker ${id}`, async () => {
        const partitions = await partitionsKnownTo(address, [topic, '__consumer_offsets'])
        return partitions.every(({ isr }) => wanted(isr))
      })
    }
  }
  const isWhole = () => untilAllSay('the ISR is whole', [1, 2, 3], (isr) => isr.length === 3)

  client = await WritingClient.start(eyrie.bootstrap, topic)
  for (const id of [1, 2, 3]) {
    await isWhole()
    await eyrie.run('kill', id)
    await client.goOn(500)
    // Else what they said before it died would be taken for its return.
    const others = [1, 2, 3].filter((other) => other !== id)
    await untilAllSay(`${id} is out of every ISR`, others, (isr) => !isr.includes(id))
    await eyrie.run('start', id)
  }
  await isWhole()
  const { ackedCount, longestGapMs, ...verdict } = await client.finish()
  console.log(
    `librdkafka: ${ackedCount} acknowledged, longest gap ${Math.round(longestGapMs)} ms ` +
      `(promised ${LONGEST_GAP_MS})`,
  )
  expect(verdict).toEqual({ failed: [], lostOrDoubled: [], unread: [], violations: [] })
  expect(longestGapMs).toBeLessThan(2 * LONGEST_GAP_MS)
})
