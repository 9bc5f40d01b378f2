// A broker that votes on metadata leaves a running cluster by `npm run cluster -- remove`, under kafka-features of Apache
// Kafka: refused as long as voters are fixed, then drained, out of the quorum, unregistered; nothing is lost.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandLine, type ToolName } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { brokersKnownTo } from '../support/one-broker.ts'
import { WritingClient } from '../support/writing-client.ts'

let eyrie: EyrieCluster
let tools: CommandLine
let client: WritingClient | null = null

beforeAll(async () => {
  tools = await CommandLine.start()
  eyrie = await startEyrie({ brokers: 4 })
})
afterAll(async () => {
  client?.kill()
  tools?.end()
  await eyrie?.down()
})

/** Brokers 2 to 4 stay. */
const staying = () => eyrie.brokers.slice(1).join(',')

async function tool(name: ToolName, ...args: string[]): Promise<string> {
  const result = await tools.run(name, ['--bootstrap-server', staying(), ...args])
  expect(result, result.stderr).toMatchObject({ code: 0 })
  return result.stdout
}

const refusal = (verb: string, ...args: string[]) =>
  eyrie.command(verb, ...args).then(
    () => 'done',
    (error: Error) => error.message,
  )

async function voters(): Promise<number[]> {
  const status = await tool('metadata-quorum', 'describe', '--status')
  const [, list = ''] = /CurrentVoters:\s+(\[.*\])/.exec(status) ?? []
  return [...list.matchAll(/"id": (\d+)/g)].map(([, id]) => Number(id)).sort()
}

test('a voter is drained, gives up its vote and leaves', async () => {
  const kafka = new Kafka({ brokers: staying().split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const topics = [{ topic: 'orders', numPartitions: 6, replicationFactor: 3 }]
  await createTopics(admin, topics)
  client = await WritingClient.start(eyrie.bootstrap, 'orders')

  expect(await refusal('remove', '1')).toContain('voters do not change under kraft.version 0')
  await tool('features', 'upgrade', '--feature', 'kraft.version=1')
  expect(await refusal('remove', '1')).toMatch(/broker 1 holds \d+ replicas/)
  expect(await eyrie.command('drain', '1')).toContain('Broker 1 holds no replicas')
  await client.goOn()
  expect(await eyrie.command('remove', '1')).toContain('voters are 2, 3')

  expect(await voters()).toEqual([2, 3])
  for (const address of staying().split(',')) {
    await until('it is gone', async () => (await brokersKnownTo(address)).length === 3)
    expect(await brokersKnownTo(address)).toEqual([2, 3, 4])
  }
  expect(existsSync(join(eyrie.directory, '1'))).toBe(false)
  await client.goOn()

  // What was decided holds for those who start again, with other voters in their properties.
  for (const id of [2, 3]) {
    await eyrie.run('stop', id)
    await eyrie.run('start', id)
    await client.goOn()
  }
  expect(await voters()).toEqual([2, 3])
  await admin.disconnect()
  const verdict = await client.finish()
  expect(verdict).toMatchObject({ failed: [], lostOrDoubled: [], unread: [], violations: [] })
})
