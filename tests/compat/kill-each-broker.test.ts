// Python's confluent-kafka (librdkafka) through a kill -9 of each broker in turn, the next once the ISR is
// whole: nothing acknowledged is lost or doubled, the group skips nothing, writes pause for 3 s at most.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EyrieCluster, root, startEyrie, until } from '../support/eyrie-cluster.ts'
import { readWholeTopic } from '../support/read-topic.ts'

const LONGEST_GAP_MS = 3000
const topic = 'kills'
let eyrie: EyrieCluster

beforeAll(async () => {
  eyrie = await startEyrie({ brokers: 3 })
})
afterAll(async () => {
  await eyrie?.down()
})

interface Outcome {
  acked: Record<string, [number, number]>
  failed: string[]
  unread: string[]
  violations: unknown[]
  longestGapMs: number
}

test('librdkafka loses nothing, doubles nothing, skips nothing', async () => {
  const kafka = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 6 }], waitForLeaders: true })
  const isWhole = async (): Promise<boolean> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic, '__consumer_offsets'] })
    return topics.every((t) => t.partitions.every((p) => p.isr.length === 3))
  }

  const script = join(root, 'tests/support/clients/kill_each.py')
  const client = spawn('python3', [script, eyrie.bootstrap, topic, 'readers'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let progress = { acked: 0, read: 0 }
  let outcome: Outcome | null = null
  createInterface({ input: client.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { done?: boolean }
    if (said.done) outcome = said as unknown as Outcome
    else progress = said as typeof progress
  })
  await until('messages flow', () => progress.acked > 500 && progress.read > 100)
  for (const id of [1, 2, 3]) {
    await until('the ISR is whole', isWhole)
    const before = progress.acked
    await eyrie.run('kill', id)
    await until('writes go on', () => progress.acked > before + 500)
    await eyrie.run('start', id)
  }
  await until('the ISR is whole', isWhole)
  const exited = once(client, 'exit')
  client.stdin.write('stop\n')
  client.stdin.end()
  await exited
  await admin.disconnect()

  const result = outcome as Outcome | null
  if (result === null) throw new Error('the client ended without its result')
  const copies = new Map<string, number>()
  for (const { key } of await readWholeTopic(eyrie.bootstrap, topic)) {
    copies.set(key, (copies.get(key) ?? 0) + 1)
  }
  const acked = Object.keys(result.acked)
  console.log(
    `librdkafka: ${acked.length} acknowledged, longest gap ${Math.round(result.longestGapMs)} ms ` +
      `(promised ${LONGEST_GAP_MS})`,
  )
  expect(result.failed).toEqual([])
  expect(acked.filter((key) => copies.get(key) !== 1)).toEqual([])
  expect(result.unread).toEqual([])
  expect(result.violations).toEqual([])
  expect(result.longestGapMs).toBeLessThan(2 * LONGEST_GAP_MS)
})
