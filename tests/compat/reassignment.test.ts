// kafka-reassign-partitions.sh 4.3.1 on Apache Kafka and on Eyrie: same output, same exit code. Then partitions
// move under load, replica sets grow and shrink, a broker is killed on the way: nothing is lost.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandLine, type PeerCluster, startPeer, type ToolName } from '../support/apache-kafka.ts'
import { createTopics } from '../support/create-topics.ts'
import { type EyrieCluster, startEyrie, until } from '../support/eyrie-cluster.ts'
import { MetadataMarker } from '../support/metadata-marker.ts'
import { partitionsKnownTo } from '../support/one-broker.ts'
import { WritingClient } from '../support/writing-client.ts'

let eyrie: EyrieCluster
let kafka: PeerCluster
let scratch: string
let tools: { eyrie: CommandLine; kafka: CommandLine }
let markers: MetadataMarker[] = []
let client: WritingClient | null = null
/** What takes its time is asked again for so long. */
const SETTLE_MS = 60_000

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'eyrie-reassign-'))
  // Small fetches, so that a throttled replica takes its time.
  const properties = { 'auto.leader.rebalance.enable': 'false', 'replica.fetch.max.bytes': '10000' }
  tools = { eyrie: await CommandLine.start(), kafka: await CommandLine.start() }
  eyrie = await startEyrie({ properties })
  kafka = await startPeer({ properties })
  markers = await Promise.all([eyrie, kafka].map((each) => MetadataMarker.make(each.bootstrap)))
})
afterAll(async () => {
  client?.kill()
  tools?.eyrie.end()
  tools?.kafka.end()
  await Promise.all([eyrie?.down(), kafka?.down()])
  await rm(scratch, { recursive: true, force: true })
})

interface Step {
  title: string
  tool?: ToolName
  args: string[]
  /** Asked again until both say the same, for what takes its time. */
  settles?: boolean
  also?: (text: string) => string
}

async function runOn(side: 'eyrie' | 'kafka', step: Step): Promise<string> {
  const { bootstrap } = side === 'eyrie' ? eyrie : kafka
  const tool = step.tool ?? 'reassign'
  const server = ['--bootstrap-server', bootstrap]
  const all =
    tool === 'producer-perf'
      ? [...step.args, '--producer-props', `bootstrap.servers=${bootstrap}`, 'acks=all']
      : tool === 'cluster'
        ? [...step.args, ...server]
        : [...server, ...step.args]
  const { code, stdout, stderr } = await tools[side].run(tool, all)
  const text = `${stdout}\n${stderr}`
    .replace(/TopicId: \S+/g, 'TopicId: ID')
    .replace(/"[^"]*\/(\d)\/data"/g, '"LOGDIR $1"')
    .replace(/^\s*at .*$/gm, '')
    .replace(/\d+\.\d+ (ms|MB|records)/g, 'N')
    .split('\n')
    .map((line) => line.trimEnd().replace(/[ \t]+/g, ' '))
    .filter((line) => line !== '' && !/^(WARNING|SLF4J|\[main\] WARN|.* WARN )/.test(line))
    .join('\n')
  return `exit ${code}\n${step.also === undefined ? text : step.also(text)}`
}

/** What a tool asks of any broker, each of them knows. */
async function allKnow(): Promise<void> {
  await Promise.all(markers.map((marker) => marker.reached()))
}

const CHANGING = ['--create', '--execute', '--cancel', '--verify']

/** Gives what both said last; what was changed is known to all brokers then. */
async function same(step: Step): Promise<string> {
  let [ours, theirs] = await Promise.all([runOn('eyrie', step), runOn('kafka', step)])
  const deadlineMs = Date.now() + SETTLE_MS
  while (step.settles && ours !== theirs && Date.now() < deadlineMs) {
    ours = await runOn('eyrie', step)
    theirs = await runOn('kafka', step)
  }
  if (CHANGING.some((verb) => step.args.includes(verb))) await allKnow()
  expect.soft(`${step.title}\n${ours}`).toBe(`${step.title}\n${theirs}`)
  return ours
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(scratch, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

type Moves = Record<string, number[]>

/** `{'t-0': [1, 2]}` as the tool reads it. */
function plan(name: string, moves: Moves): Promise<string> {
  const partitions = Object.entries(moves).map(([place, replicas]) => {
    const dash = place.lastIndexOf('-')
    return { topic: place.slice(0, dash), partition: Number(place.slice(dash + 1)), replicas }
  })
  return file(`${name}.json`, { version: 1, partitions })
}

const execute = (path: string) => ['--execute', '--reassignment-json-file', path]
const verify = (path: string) => ['--verify', '--reassignment-json-file', path]
const cancel = (path: string) => ['--cancel', '--reassignment-json-file', path]

async function untilDone(path: string): Promise<void> {
  for (const side of ['eyrie', 'kafka'] as const) {
    const step = { title: 'done', args: [...verify(path), '--preserve-throttles'] }
    await until(`${side} has moved`, async () => !(await runOn(side, step)).includes('in progress'))
  }
  await allKnow()
}

async function move(title: string, moves: Moves): Promise<void> {
  const path = await plan(title.replaceAll(' ', '-'), moves)
  await same({ title, args: execute(path) })
  await untilDone(path)
  await same({ title: `${title}: verified`, args: verify(path), settles: true })
  const topics = new Set(Object.keys(moves).map((place) => place.slice(0, place.lastIndexOf('-'))))
  for (const topic of topics) {
    const args = ['--describe', '--topic', topic]
    await same({ title: `${title}: ${topic}`, tool: 'topics', args, settles: true })
  }
}

function create(topic: string, assignment: string): Promise<string> {
  // Above the number of replicas a min ISR would leave removed replicas in Kafka's ELR: here they never are.
  const config = ['--config', 'min.insync.replicas=1']
  const args = ['--create', '--topic', topic, '--replica-assignment', assignment, ...config]
  return same({ title: `create ${topic}`, tool: 'topics', args })
}

test('kafka-reassign-partitions moves, grows, shrinks and reorders as on Apache Kafka', async () => {
  await create('moved', '1:2,2:3,3:1')
  await create('grown', '1,2')
  await same({ title: 'nothing is under way', args: ['--list'] })
  const topics = await file('topics.json', { version: 1, topics: [{ topic: 'moved' }] })
  const generated = await same({
    title: 'generate',
    args: ['--generate', '--topics-to-move-json-file', topics, '--broker-list', '1,2,3'],
    // What it proposes is drawn at random.
    also: (text) => {
      const [current, proposed = ''] = text.split('Proposed')
      return [current, proposed.replace(/\[[\d,]+\]/g, '[]')].join('Proposed')
    },
  })
  expect(generated).toContain('Proposed partition reassignment configuration')
  await move('move', { 'moved-0': [2, 3], 'moved-1': [3, 1], 'moved-2': [1, 2] })
  await move('grow', { 'grown-0': [1, 2, 3], 'grown-1': [3, 2] })
  await move('shrink', { 'grown-0': [3], 'grown-1': [2] })
  await move('reorder', { 'moved-0': [3, 2] })
  await move('as it is', { 'moved-0': [3, 2] })
})

test('what is refused, is refused in the same words', async () => {
  const unknown = await plan('unknown', { 'nobody-0': [1] })
  await same({ title: 'unknown topic', args: execute(unknown) })
  await same({ title: 'verify an unknown topic', args: verify(unknown) })
  await same({ title: 'cancel an unknown topic', args: cancel(unknown) })
  await same({ title: 'unknown partition', args: execute(await plan('part', { 'moved-7': [1] })) })
  await same({ title: 'unknown broker', args: execute(await plan('nine', { 'moved-0': [1, 9] })) })
  await same({ title: 'twice', args: execute(await plan('twice', { 'moved-0': [1, 1] })) })
  await same({ title: 'none', args: execute(await plan('none', { 'moved-0': [] })) })
  const factor = await plan('factor', { 'moved-0': [1] })
  await same({
    title: 'another factor',
    args: [...execute(factor), '--disallow-replication-factor-change'],
  })
  const still = await plan('still', { 'moved-0': [1, 2] })
  await same({ title: 'cancel what is not under way', args: cancel(still) })
  await same({ title: 'verify what never was', args: verify(still) })
  await same({ title: 'empty', args: execute(await file('empty.json', '')) })
  const nothing = await file('nothing.json', { version: 1, partitions: [] })
  await same({ title: 'no partitions', args: execute(nothing) })
  const nine = ['unregister', '--id', '9']
  await same({ title: 'unregister nobody', tool: 'cluster', args: nine })
  await same({ title: 'no JSON', args: execute(await file('text.json', 'moved-0')) })
})

test('a throttled reassignment is under way, shown, changed and cancelled as on Apache Kafka', async () => {
  await create('slow', '1,1')
  const records = ['--num-records', '600', '--record-size', '1000', '--throughput', '-1']
  await Promise.all(
    (['eyrie', 'kafka'] as const).map((side) => {
      const args = ['--topic', 'slow', ...records]
      return runOn(side, { title: 'produce', tool: 'producer-perf', args })
    }),
  )
  const path = await plan('slow', { 'slow-0': [2], 'slow-1': [1, 3] })
  const throttle = (rate: string) => ['--throttle', rate]
  const describe = {
    title: 'slow',
    tool: 'topics' as const,
    args: ['--describe', '--topic', 'slow'],
  }
  const configs = async () => {
    for (const [type, name] of [
      ['topics', 'slow'],
      ['brokers', '1'],
      ['brokers', '2'],
      ['brokers', '3'],
    ] as const) {
      await same({
        title: `configs of ${type} ${name}`,
        tool: 'configs',
        args: ['--describe', '--entity-type', type, '--entity-name', name],
        settles: true,
      })
    }
  }
  await same({ title: 'execute', args: [...execute(path), ...throttle('1000')] })
  expect(await same({ title: 'under way', args: ['--list'] })).toContain('slow-0')
  const text = await same({ ...describe, settles: true })
  expect(text).toContain('Adding Replicas: 2 Removing Replicas: 1')
  await configs()
  const verified = await same({ title: 'verify', args: verify(path) })
  expect(verified).toContain('Reassignment of partition slow-0 is still in progress.')
  await same({ title: 'execute another on top', args: execute(path) })
  const other = await plan('other', { 'slow-1': [3] })
  const additional = [...execute(other), '--additional']
  await same({ title: 'one more', args: [...additional, ...throttle('1500')] })
  await same({ title: 'one more is listed', args: ['--list'] })
  await same({ ...describe, title: 'described', settles: true })
  await configs()
  const all = await plan('all', { 'slow-0': [2], 'slow-1': [3] })
  await same({ title: 'cancel', args: [...cancel(all), '--preserve-throttles'] })
  await same({ title: 'nothing is under way any more', args: ['--list'] })
  await same({ ...describe, settles: true })
  await configs()
  await same({ title: 'cancelled again, throttles go', args: cancel(all) })
  await same({ title: 'verified, throttles go', args: verify(all) })
  await configs()
  await until(
    'the added replica is deleted',
    () => !existsSync(join(eyrie.directory, '2', 'data', 'slow-0')),
  )
  await same({ title: 'unthrottled', args: execute(path) })
  await untilDone(path)
  // It asks the controller what is under way and any broker, which may lag, what there is.
  await same({ title: 'done', args: verify(path), settles: true })
  await same({ ...describe, settles: true })
})

async function moveAll(admin: Admin, topic: string, lists: readonly number[][]): Promise<void> {
  const partitionAssignment = lists.map((replicas, partition) => ({ partition, replicas }))
  const topics = [{ topic, partitionAssignment }]
  // The one that is asked may just have died.
  await until('the controller takes it', async () => {
    await admin.alterPartitionReassignments({ topics, timeout: 60_000 })
    return true
  })
}

async function untilMoved(admin: Admin, topic: string): Promise<void> {
  await until(`${topic} has moved`, async () => {
    const { topics } = await admin.listPartitionReassignments({})
    return topics.length === 0
  })
}

test('partitions move under load, a broker dies on the way: nothing is lost', async () => {
  const topic = 'load'
  const admin = new Kafka({ brokers: eyrie.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  // Those of one replica have no leader while its broker is down, which kafkajs takes for an error of its own.
  const earlier = (await admin.listTopics()).filter((name) => /^(grown|moved|slow)$/.test(name))
  await admin.deleteTopics({ topics: earlier, timeout: 60_000 })
  const assignments = [
    [1, 2],
    [2, 3],
    [3, 1],
    [1, 3],
    [2, 1],
    [3, 2],
  ]
  await createTopics(admin, [
    {
      topic,
      replicaAssignment: assignments.map((replicas, partition) => ({ partition, replicas })),
      configEntries: [{ name: 'min.insync.replicas', value: '1' }],
    },
  ])
  client = await WritingClient.start(eyrie.bootstrap, topic)
  const rotated = (by: number) =>
    assignments.map((replicas) => replicas.map((id) => ((id - 1 + by) % 3) + 1))
  const rounds = [
    rotated(1),
    rotated(2),
    assignments.map(() => [1, 2, 3]),
    rotated(1),
    rotated(2).map((replicas) => [...replicas].reverse()),
  ]
  for (const round of rounds) {
    await moveAll(admin, topic, round)
    await untilMoved(admin, topic)
    await client.goOn()
    for (const address of eyrie.brokers) {
      const found = async () =>
        (await partitionsKnownTo(address, [topic])).map(({ replicas }) => replicas)
      await expect.poll(found, { timeout: SETTLE_MS }).toEqual(round)
    }
  }
  for (const victim of [1, 2, 3]) {
    await moveAll(
      admin,
      topic,
      assignments.map(() => [1, 2, 3]),
    )
    await eyrie.run('kill', victim)
    await client.goOn()
    await moveAll(admin, topic, rotated(victim))
    await eyrie.run('start', victim)
    await untilMoved(admin, topic)
    await client.goOn()
  }
  const verdict = await client.finish()
  await admin.disconnect()
  console.log(`${verdict.ackedCount} acknowledged while partitions moved, none lost`)
  expect(verdict).toMatchObject({ failed: [], lostOrDoubled: [], unread: [], violations: [] })
})
