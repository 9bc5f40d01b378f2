// All records of a topic, by kafkajs in a group of its own.
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { until } from './eyrie-cluster.ts'

export async function readWholeTopic(
  bootstrap: string,
  topic: string,
  options: { readUncommitted?: boolean } = {},
): Promise<{ partition: number; offset: number; key: string; value: string }[]> {
  const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const left = new Map(
    ends.filter((p) => Number(p.high) > Number(p.low)).map((p) => [p.partition, Number(p.high)]),
  )
  // A group that begins anew reads again what it had not committed.
  const seen = new Set<string>()
  const records: { partition: number; offset: number; key: string; value: string }[] = []
  const consumer = kafka.consumer({ groupId: `whole-${randomUUID()}`, ...options })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        const offset = Number(message.offset)
        if (seen.has(`${batch.partition}/${offset}`)) continue
        seen.add(`${batch.partition}/${offset}`)
        records.push({
          partition: batch.partition,
          offset,
          key: String(message.key),
          value: String(message.value),
        })
        if (offset + 1 >= (left.get(batch.partition) ?? 0)) left.delete(batch.partition)
      }
    },
  })
  await until('the topic is read', () => left.size === 0)
  await consumer.disconnect()
  return records
}
