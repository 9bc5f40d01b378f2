// Real brokers on real disks: recovery after kill -9 by worker threads, a full disk (a small tmpfs, where this user may
// mount one), and what is still there afterwards.
import { mkdir, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, expect, test } from 'vitest'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, execute, startEyrie, until } from '../support/eyrie-cluster.ts'

let eyrie: EyrieCluster | null = null
let scratch = ''
let mounted: string[] = []

afterEach(async () => {
  await eyrie?.down()
  for (const target of mounted) await execute('umount', [target])
  await rm(scratch, { recursive: true, force: true })
  mounted = []
  eyrie = null
})

const clientOf = (cluster: EyrieCluster, retries = 15) =>
  new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING, retry: { retries } })

async function logOf(cluster: EyrieCluster, id: number): Promise<string> {
  return readFile(join(cluster.directory, String(id), 'server.log'), 'utf8')
}

async function valuesIn(cluster: EyrieCluster, topic: string, count: number): Promise<Set<string>> {
  const consumer = clientOf(cluster).consumer({ groupId: `check-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const values = new Set<string>()
  void consumer.run({
    eachMessage: async ({ message }) => void values.add(String(message.value).split(' ')[0] ?? ''),
  })
  await until(`${count} messages of ${topic} are read`, () => values.size >= count)
  await consumer.disconnect()
  return values
}

test('workers recover what kill -9 left in two directories; nothing acknowledged is lost', async () => {
  scratch = await mkdtemp(join(tmpdir(), 'eyrie-dirs-'))
  const dirs = [join(scratch, 'd1'), join(scratch, 'd2')]
  eyrie = await startEyrie({ brokers: 1, properties: { 'log.dirs': dirs.join(',') } })
  const admin = clientOf(eyrie).admin()
  await admin.connect()
  await createTopics(admin, [{ topic: 't', numPartitions: 4, replicationFactor: 1 }])
  await admin.disconnect()
  const producer = clientOf(eyrie).producer({ idempotent: true })
  await producer.connect()
  const filling = 'x'.repeat(10_000)
  for (let i = 0; i < 40; i++) {
    const messages = Array.from({ length: 40 }, (_, j) => ({
      value: `${i * 40 + j} ${filling}`,
      partition: j % 4,
    }))
    await producer.send({ topic: 't', messages })
  }
  await producer.disconnect()
  await eyrie.run('kill', 1)
  await eyrie.run('start', 1)
  const log = await logOf(eyrie, 1)
  const checked = [...log.matchAll(/wasClean=false checkedSegments=2 checkedBytes=(\d+)/g)]
  expect(checked.map((match) => Number(match[1]) > 7_000_000)).toEqual([true, true])
  expect(log).not.toContain('on the event loop')
  expect((await valuesIn(eyrie, 't', 1600)).size).toBe(1600)
  // Stopped in order, nothing is checked.
  await eyrie.run('stop', 1)
  await eyrie.run('start', 1)
  expect((await logOf(eyrie, 1)).match(/wasClean=true checkedSegments=0/g)).toHaveLength(2)
})

async function mountSmall(target: string, size: string): Promise<boolean> {
  await mkdir(target, { recursive: true })
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', target])
  } catch {
    return false
  }
  mounted.push(target)
  return true
}

test('a full disk takes its directory offline; freed, all that was acknowledged is there', async (context) => {
  scratch = await mkdtemp(join(tmpdir(), 'eyrie-full-'))
  const small = join(scratch, 'small')
  if (!(await mountSmall(small, '24m'))) context.skip('this user may not mount a tmpfs')
  const ballast = join(small, 'ballast')
  await writeFile(ballast, Buffer.alloc(12_000_000))
  const dirs = [join(small, 'data'), join(scratch, 'roomy')]
  const properties = { 'log.dirs': dirs.join(','), 'metadata.log.dir': dirs[1] ?? '' }
  eyrie = await startEyrie({ brokers: 1, properties })
  const admin = clientOf(eyrie).admin()
  await admin.connect()
  await createTopics(admin, [{ topic: 't', numPartitions: 2, replicationFactor: 1 }])
  // Metadata names leaders before they lead: with one that tries again, what fails later failed for the disk.
  const patient = clientOf(eyrie).producer()
  await patient.connect()
  const first = [0, 1].map((partition) => ({ partition, value: `first${partition} ` }))
  await patient.send({ topic: 't', messages: first })
  await patient.disconnect()
  // Each send to a partition without a leader looks for one first, as often as the client tries anything.
  const producer = clientOf(eyrie, 3).producer({ retry: { retries: 0 } })
  await producer.connect()
  const acknowledged = ['first0', 'first1']
  const filling = 'y'.repeat(100_000)
  const failed = new Set<number>()
  for (let i = 0; i < 400; i++) {
    const partition = i % 2
    await producer.send({ topic: 't', messages: [{ value: `${i} ${filling}`, partition }] }).then(
      () => acknowledged.push(`${i}`),
      () => failed.add(partition),
    )
  }
  expect(failed.size).toBe(1)
  expect(acknowledged.length).toBeGreaterThan(250)
  expect(await logOf(eyrie, 1)).toMatch(/A log directory is offline directory=\S+small.*ENOSPC/)
  await producer.disconnect()
  await admin.disconnect()
  await rm(ballast)
  expect((await statfs(small)).bavail).toBeGreaterThan(0)
  await eyrie.run('kill', 1)
  await eyrie.run('start', 1)
  const values = await valuesIn(eyrie, 't', acknowledged.length)
  for (const value of acknowledged) expect(values).toContain(value)
})
