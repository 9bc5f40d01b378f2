// kafka-log-dirs.sh and kafka-reassign-partitions.sh 4.3.1 on a broker with two log directories: replicas are shown
// where they are, and move between directories as the tool asks, within its throttle.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandLine } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { readWholeTopic } from '../support/read-topic.ts'

let eyrie: EyrieCluster
let tools: CommandLine
let scratch = ''
let dirs: string[] = []

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'eyrie-log-dirs-'))
  dirs = ['d1', 'd2'].map((name) => join(scratch, name))
  tools = await CommandLine.start()
  eyrie = await startEyrie({ brokers: 1, properties: { 'log.dirs': dirs.join(',') } })
  const kafka = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, [{ topic: 't', numPartitions: 2, replicationFactor: 1 }])
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  for (let i = 0; i < 60; i++) {
    await producer.send({
      topic: 't',
      messages: [{ value: `${i}`.padEnd(50_000, '.'), partition: 0 }],
    })
  }
  await producer.disconnect()
})

afterAll(async () => {
  tools?.end()
  await eyrie?.down()
  await rm(scratch, { recursive: true, force: true })
})

interface Described {
  brokers: {
    logDirs: {
      logDir: string
      error: string | null
      partitions: { partition: string; size: number; offsetLag: number; isFuture: boolean }[]
    }[]
  }[]
}

async function describe(): Promise<Map<string, Described['brokers'][0]['logDirs'][0]>> {
  const args = ['--bootstrap-server', eyrie.bootstrap, '--describe', '--topic-list', 't']
  const { code, stdout } = await tools.run('log-dirs', args)
  expect(code).toBe(0)
  const json = stdout.split('\n').find((line) => line.startsWith('{')) ?? '{}'
  const { brokers } = JSON.parse(json) as Described
  return new Map((brokers[0]?.logDirs ?? []).map((entry) => [entry.logDir, entry]))
}

async function reassign(verb: '--execute' | '--verify', to: string, ...more: string[]) {
  const plan = join(scratch, 'plan.json')
  const partitions = [{ topic: 't', partition: 0, replicas: [1], log_dirs: [to] }]
  await writeFile(plan, JSON.stringify({ version: 1, partitions }))
  const args = [
    '--bootstrap-server',
    eyrie.bootstrap,
    '--reassignment-json-file',
    plan,
    verb,
    ...more,
  ]
  return tools.run('reassign', args)
}

test('both directories are described, with what they hold', async () => {
  // A topic is known before all of its logs are made.
  const count = (all: Awaited<ReturnType<typeof describe>>) =>
    [...all.values()].flatMap(({ partitions }) => partitions).length
  await until('both logs are there', async () => count(await describe()) === 2)
  const described = await describe()
  expect([...described.keys()].sort()).toEqual(dirs)
  const partitions = [...described.values()].map((entry) => {
    expect(entry.error).toBeNull()
    return entry.partitions.map(({ partition, isFuture }) => ({ partition, isFuture }))
  })
  expect(
    partitions
      .flat()
      .map(({ partition }) => partition)
      .sort(),
  ).toEqual(['t-0', 't-1'])
  expect(partitions.every((inOne) => inOne.length === 1)).toBe(true)
})

test('a replica moves as kafka-reassign-partitions asks, throttled first', async () => {
  const before = await describe()
  const [from = '', to = ''] =
    before.get(dirs[0] ?? '')?.partitions[0]?.partition === 't-0' ? dirs : [...dirs].reverse()
  const limit = ['--replica-alter-log-dirs-throttle', '20000']
  const begun = await reassign('--execute', to, ...limit)
  expect(begun.stdout).toContain('Successfully started moving log directory')
  const during = await describe()
  const future = during.get(to)?.partitions.find(({ isFuture }) => isFuture)
  expect(future?.partition).toBe('t-0')
  expect(future?.offsetLag).toBeGreaterThan(0)
  expect((await reassign('--verify', to)).stdout).toMatch(/still in progress/)
  const faster = ['--additional', '--replica-alter-log-dirs-throttle', '100000000']
  await reassign('--execute', to, ...faster)
  await until('the move is over', async () =>
    /replica t-0-1 completed successfully/i.test((await reassign('--verify', to)).stdout),
  )
  const after = await describe()
  expect(after.get(to)?.partitions.map(({ partition }) => partition)).toContain('t-0')
  await expect.poll(async () => (await describe()).get(from)?.partitions).toEqual([])
  const records = await readWholeTopic(eyrie.bootstrap, 't')
  expect(records.length).toBe(60)
})
