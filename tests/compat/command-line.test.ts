// Apache Kafka 4.3.1's own tools, run on Apache Kafka and on Eyrie: same output, same exit code, error cases
// included. Ids, times, rates and addresses are taken out of both first.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandLine, type PeerCluster, startPeer, type ToolName } from '../support/apache-kafka.ts'
import { configSteps, placed, type Step, topicSteps } from '../support/command-line-steps.ts'
import { type EyrieCluster, startEyrie } from '../support/eyrie-cluster.ts'
import { MetadataMarker } from '../support/metadata-marker.ts'

let eyrie: EyrieCluster
let kafka: PeerCluster
let scratch: string
let tools: { eyrie: CommandLine; kafka: CommandLine }
let markers: MetadataMarker[] = []
/** What a tool asks of any broker, and may find changed a moment later, is asked again for so long. */
const SETTLE_MS = 60_000

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'eyrie-cli-'))
  // Automatic elections would come in between the steps; racks and transactions are not compared here.
  const properties = { 'auto.leader.rebalance.enable': 'false' }
  const factor = { 'share.coordinator.state.topic.replication.factor': '3' }
  tools = { eyrie: await CommandLine.start(), kafka: await CommandLine.start() }
  eyrie = await startEyrie({ properties: { ...properties, ...factor } })
  kafka = await startPeer({ properties })
  if (process.env.EYRIE_TEST_PEER !== undefined) await empty()
  markers = await Promise.all([eyrie, kafka].map((each) => MetadataMarker.make(each.bootstrap)))
})
afterAll(async () => {
  tools?.eyrie.end()
  tools?.kafka.end()
  await Promise.all([eyrie?.down(), kafka?.down()])
  await rm(scratch, { recursive: true, force: true })
})

/** A peer kept from an earlier run still has that run's topics and group. */
async function empty(): Promise<void> {
  const server = ['--bootstrap-server', kafka.bootstrap]
  await tools.kafka.run('consumer-groups', ['--delete', '--all-groups', ...server])
  const settings = ['--delete-config', 'log.cleaner.threads,no.such', ...server]
  const broker = ['--entity-type', 'brokers', '--entity-name', '1']
  await tools.kafka.run('configs', ['--alter', ...broker, ...settings])
  await tools.kafka.run('topics', ['--delete', '--if-exists', '--topic', '.*', ...server])
}

/** Takes out what may differ. */
function normal(text: string, bootstrap: string): string {
  let out = text
  for (const address of bootstrap.split(',')) {
    out = out.replaceAll(address, 'BROKER').replaceAll(`:${address.split(':')[1]}`, ':PORT')
  }
  return out
    .replace(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replace(/^\s*eyrie\..*$/gm, '')
    .replace(/\/[^\s"']*\/data/g, '/LOGDIR')
    .replace(/TopicId: \S+/g, 'TopicId: ID')
    .replace(/(ClusterId:\s+)\S+/g, '$1ID')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\(kafka\.[\w.$]+\)|\(org\.apache[\w.$]+\)/g, '(CLASS)')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d+Z?/g, 'TIME')
    .replace(/^\s*at .*$/gm, '')
    .replace(/^\[\d+\]|\d+\.\d+ (ms|MB|records)/g, 'N')
    .split('\n')
    .map((line) => line.trimEnd().replace(/[ \t]+/g, ' '))
    .filter((line) => line !== '' && !/^(WARNING|SLF4J|\[main\] WARN|.* WARN )/.test(line))
    .join('\n')
}

async function runOn(side: 'eyrie' | 'kafka', step: Step): Promise<string> {
  const { bootstrap } = side === 'eyrie' ? eyrie : kafka
  const args = step.args.map((arg) => arg.replaceAll('SCRATCH', scratch))
  const server = ['--bootstrap-server', bootstrap]
  let all = [...args, ...server]
  if (step.tool === 'metadata-quorum') all = [...server, ...args]
  if (step.tool === 'producer-perf') {
    all = [...args, '--producer-props', `bootstrap.servers=${bootstrap}`, 'acks=1']
  }
  if (step.tool === 'dump-log') all = args
  const result = await tools[side].run(step.tool, all, {
    ...(step.stdin === undefined ? {} : { stdin: step.stdin }),
  })
  let text = normal(`${result.stdout}\n${result.stderr}`, bootstrap)
  if (step.also !== undefined) text = step.also(text)
  if (step.sorted) text = text.split('\n').sort().join('\n')
  return `exit ${result.code}\n${text}`
}

/** Changes are told to all brokers before the next step asks any of them. */
const CHANGING: readonly ToolName[] = ['topics', 'configs', 'leader-election']

async function allKnow(): Promise<void> {
  await Promise.all(markers.map((marker) => marker.reached()))
}

async function same(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    let [ours, theirs] = await Promise.all([runOn('eyrie', step), runOn('kafka', step)])
    const isReading = ['--describe', '--list', 'describe'].some((word) => step.args.includes(word))
    // A broker learns of a change a moment after the controller that answered it.
    const deadlineMs = Date.now() + SETTLE_MS
    while ((step.settles || isReading) && ours !== theirs && Date.now() < deadlineMs) {
      ours = await runOn('eyrie', step)
      theirs = await runOn('kafka', step)
    }
    expect.soft(`${step.title}\n${ours}`).toBe(`${step.title}\n${theirs}`)
    const isDone = `${ours}${theirs}`.includes('exit 0\n')
    if (!isReading && isDone && CHANGING.includes(step.tool)) await allKnow()
  }
}

/** Which broker coordinates is by hash of the partition's leader: placed differently. */
const coordinatorless = (text: string) => text.replace(/\(\d\)/g, '(N)').replace(/BROKER/g, 'B')

test('kafka-topics', () => same(topicSteps))

test('kafka-configs', () => same(configSteps))

test('console producer and consumer, offsets, consumer groups', async () => {
  const lines = Array.from({ length: 20 }, (_, i) => `k${i % 4}:v${i}`).join('\n')
  const group = ['--group', 'readers']
  const described = (text: string) =>
    text
      .replace(/console-consumer-UUID/g, 'MEMBER')
      .replace(/\/\d+\.\d+\.\d+\.\d+/g, '/HOST')
      .split('\n')
      .sort()
      .join('\n')
  await same([
    { title: 'create', tool: 'topics', args: ['--create', '--topic', 'lines', ...placed] },
    {
      title: 'produce',
      tool: 'console-producer',
      args: ['--topic', 'lines', '--property', 'parse.key=true', '--property', 'key.separator=:'],
      stdin: `${lines}\n`,
    },
    {
      title: 'consume',
      tool: 'console-consumer',
      args: ['--topic', 'lines', '--from-beginning', '--max-messages', '20', ...group],
      sorted: true,
    },
    { title: 'offsets', tool: 'get-offsets', args: ['--topic', 'lines'] },
    { title: 'earliest', tool: 'get-offsets', args: ['--topic', 'lines', '--time', 'earliest'] },
    { title: 'unknown topic', tool: 'get-offsets', args: ['--topic', 'nobody'] },
    ...[
      'latest',
      'max-timestamp',
      '0',
      '99999999999999',
      'earliest-local',
      'latest-tiered',
      'soon',
    ].map(
      (time): Step => ({
        title: `offsets at ${time}`,
        tool: 'get-offsets',
        args: ['--topic', 'lines', '--time', time],
        ...(time === 'max-timestamp' ? { also: (t: string) => t.replace(/:\d+$/gm, ':N') } : {}),
      }),
    ),
    {
      title: 'consume one partition from an offset',
      tool: 'console-consumer',
      args: [
        ...['--topic', 'lines', '--partition', '2', '--offset', '7', '--max-messages', '3'],
        ...['--property', 'print.key=true', '--property', 'print.offset=true'],
      ],
    },
    {
      title: 'consume what does not come',
      tool: 'console-consumer',
      args: ['--topic', 'lines', '--timeout-ms', '10000', '--group', 'idle'],
    },
    {
      title: 'produce too much',
      tool: 'console-producer',
      args: ['--topic', 'lines', '--producer-property', 'max.request.size=3000000'],
      stdin: `${'x'.repeat(1_500_000)}\n`,
    },
    { title: 'groups', tool: 'consumer-groups', args: ['--list'], sorted: true },
    {
      title: 'describe',
      tool: 'consumer-groups',
      args: ['--describe', ...group],
      also: described,
    },
    {
      title: 'state',
      tool: 'consumer-groups',
      args: ['--describe', '--state', ...group],
      also: coordinatorless,
    },
    { title: 'members', tool: 'consumer-groups', args: ['--describe', '--members', ...group] },
    { title: 'states', tool: 'consumer-groups', args: ['--list', '--state'], sorted: true },
    { title: 'stable ones', tool: 'consumer-groups', args: ['--list', '--state', 'Stable'] },
    { title: 'unknown group', tool: 'consumer-groups', args: ['--describe', '--group', 'nobody'] },
    ...[['--to-offset', '99'], ['--to-datetime', '2020-01-01T00:00:00.000'], ['--to-current']].map(
      (to): Step => ({
        title: `reset ${to.join(' ')}`,
        tool: 'consumer-groups',
        args: ['--reset-offsets', ...to, '--topic', 'lines:0,1', '--execute', ...group],
        sorted: true,
      }),
    ),
    {
      title: 'reset on an unknown topic',
      tool: 'consumer-groups',
      args: ['--reset-offsets', '--to-latest', '--topic', 'nobody', '--execute', ...group],
    },
    {
      title: 'reset, dry run',
      tool: 'consumer-groups',
      args: ['--reset-offsets', '--to-earliest', '--topic', 'lines', '--dry-run', ...group],
      sorted: true,
    },
    {
      title: 'reset',
      tool: 'consumer-groups',
      args: ['--reset-offsets', '--shift-by', '-3', '--topic', 'lines', '--execute', ...group],
      sorted: true,
    },
    {
      title: 'describe after',
      tool: 'consumer-groups',
      args: ['--describe', ...group],
      also: described,
    },
    { title: 'delete', tool: 'consumer-groups', args: ['--delete', ...group] },
    { title: 'delete again', tool: 'consumer-groups', args: ['--delete', ...group] },
  ])
})

/** A consumer that stays in its group on either side; both have taken over all partitions. */
async function activeGroup(groupId: string, topic: string): Promise<() => Promise<void>> {
  const consumers = [eyrie, kafka].map(({ bootstrap }) =>
    new Kafka({
      clientId: 'walker',
      brokers: bootstrap.split(','),
      logLevel: logLevel.NOTHING,
    }).consumer({ groupId }),
  )
  for (const consumer of consumers) {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const joined = consumer.on(consumer.events.GROUP_JOIN, () => {
        joined()
        resolve()
      })
      consumer.run({ eachMessage: async () => undefined }).catch(reject)
    })
    // Commits what it has read: the end of each partition.
    await expect
      .poll(() => consumer.describeGroup().then((g) => g.state), { timeout: SETTLE_MS })
      .toBe('Stable')
  }
  return async () => {
    await Promise.all(consumers.map((consumer) => consumer.disconnect()))
  }
}

test('consumer groups with active members, and single offsets deleted', async () => {
  const group = ['--group', 'active']
  const tool = 'consumer-groups'
  const hosts = (text: string) => text.replace(/\/\d+\.\d+\.\d+\.\d+/g, '/HOST')
  const sorted = (text: string) => hosts(text).split('\n').sort().join('\n')
  const refused: Step[] = [
    {
      title: 'reset while active',
      tool,
      args: ['--reset-offsets', '--to-earliest', '--topic', 'act', '--execute', ...group],
      sorted: true,
    },
    { title: 'delete while active', tool, args: ['--delete', ...group] },
    {
      title: 'delete offsets of a topic that is read',
      tool,
      args: ['--delete-offsets', '--topic', 'act', ...group],
    },
  ]
  await same([
    { title: 'create', tool: 'topics', args: ['--create', '--topic', 'act', ...placed] },
    { title: 'create another', tool: 'topics', args: ['--create', '--topic', 'past', ...placed] },
    {
      title: 'an offset of a topic that nobody reads',
      tool,
      args: ['--reset-offsets', '--to-earliest', '--topic', 'past', '--execute', ...group],
      sorted: true,
    },
  ])
  const leave = await activeGroup('active', 'act')
  try {
    await same([
      { title: 'state', tool, args: ['--describe', '--state', ...group], also: coordinatorless },
      {
        title: 'state, verbose',
        tool,
        args: ['--describe', '--state', '--verbose', ...group],
        also: coordinatorless,
      },
      { title: 'members', tool, args: ['--describe', '--members', ...group], also: hosts },
      {
        title: 'members, verbose',
        tool,
        args: ['--describe', '--members', '--verbose', ...group],
        also: hosts,
      },
      { title: 'offsets', tool, args: ['--describe', ...group], also: sorted },
      {
        title: 'offsets, verbose',
        tool,
        args: ['--describe', '--verbose', ...group],
        also: sorted,
      },
      { title: 'stable ones', tool, args: ['--list', '--state', 'Stable'] },
      ...refused,
      {
        title: 'delete offsets of a topic that nobody reads',
        tool,
        args: ['--delete-offsets', '--topic', 'past', ...group],
      },
    ])
  } finally {
    await leave()
  }
  await same([
    { title: 'nobody is left', tool, args: ['--describe', '--members', ...group] },
    ...[['act:1'], ['act'], ['act:9'], ['nobody']].map(
      ([topic = '']): Step => ({
        title: `delete offsets of ${topic}`,
        tool,
        args: ['--delete-offsets', '--topic', topic, ...group],
        sorted: true,
      }),
    ),
    {
      title: 'delete offsets of an unknown group',
      tool,
      args: ['--delete-offsets', '--topic', 'act', '--group', 'nobody'],
    },
    { title: 'what is left', tool, args: ['--describe', ...group], also: sorted },
  ])
})

test('kafka-leader-election', async () => {
  await writeFile(
    join(scratch, 'partitions.json'),
    JSON.stringify({ partitions: [{ topic: 'elect', partition: 1 }] }),
  )
  const election = ['--election-type', 'preferred']
  await same([
    { title: 'create', tool: 'topics', args: ['--create', '--topic', 'elect', ...placed] },
    {
      title: 'not needed',
      tool: 'leader-election',
      args: [...election, '--topic', 'elect', '--partition', '0'],
    },
    {
      title: 'unknown topic',
      tool: 'leader-election',
      args: [...election, '--topic', 'nobody', '--partition', '0'],
    },
    {
      title: 'unclean, not needed',
      tool: 'leader-election',
      args: ['--election-type', 'unclean', '--topic', 'elect', '--partition', '0'],
    },
    {
      title: 'unknown partition',
      tool: 'leader-election',
      args: [...election, '--topic', 'elect', '--partition', '9'],
    },
  ])
  await Promise.all([eyrie.run('stop', 2), kafka.run('stop', 2)])
  await same([
    {
      title: 'led by others',
      tool: 'topics',
      args: ['--describe', '--topic', 'elect'],
      also: (t) => t.replace(/Elr: \S*/g, 'Elr: N'),
    },
    {
      title: 'under-replicated',
      tool: 'topics',
      args: ['--describe', '--under-replicated-partitions', '--topic', 'elect'],
    },
    {
      title: 'at the least ISR',
      tool: 'topics',
      args: ['--describe', '--at-min-isr-partitions', '--topic', 'elect'],
    },
    {
      title: 'below the least ISR',
      tool: 'topics',
      args: ['--describe', '--under-min-isr-partitions', '--topic', 'elect'],
    },
    {
      title: 'without a leader',
      tool: 'topics',
      args: ['--describe', '--unavailable-partitions', '--topic', 'elect'],
    },
    {
      title: 'preferred replica is away',
      tool: 'leader-election',
      args: [...election, '--topic', 'elect', '--partition', '1'],
    },
  ])
  await Promise.all([eyrie.run('start', 2), kafka.run('start', 2)])
  await allKnow()
  const healed: Step = {
    title: 'healed',
    tool: 'topics',
    args: ['--describe', '--under-replicated-partitions'],
  }
  for (const side of ['eyrie', 'kafka'] as const) {
    await expect
      .poll(() => runOn(side, healed), { timeout: 120_000, interval: 1000 })
      .toBe('exit 0\n')
  }
  await same([
    {
      title: 'elected',
      tool: 'leader-election',
      args: [...election, '--path-to-json-file', 'SCRATCH/partitions.json'],
    },
    {
      title: 'led again',
      tool: 'topics',
      args: ['--describe', '--topic', 'elect'],
      also: (t) => t.replace(/Isr: [\d,]+/g, 'Isr: N'),
    },
    {
      title: 'all',
      tool: 'leader-election',
      args: [...election, '--all-topic-partitions'],
      sorted: true,
      also: (t) => t.replace(/^(Successfully).*/gm, '$1').replace(/^Valid replica.*/gm, ''),
    },
  ])
})

test('kafka-producer-perf-test, kafka-log-dirs, kafka-metadata-quorum', async () => {
  const figures = (text: string) => text.replace(/\d+(\.\d+)?/g, 'N')
  await same([
    { title: 'create', tool: 'topics', args: ['--create', '--topic', 'perf', ...placed] },
    {
      title: 'perf',
      tool: 'producer-perf',
      args: '--topic perf --num-records 1000 --throughput -1 --record-size 100'.split(' '),
      // Told every five seconds, beside the sum in the end.
      also: (text) => figures(text.replace(/^.* max latency\.$/gm, '')).trim(),
    },
    {
      title: 'log dirs',
      tool: 'log-dirs',
      args: ['--describe', '--topic-list', 'elect', '--broker-list', '1,2,3'],
      also: (text) => {
        const json = text.split('\n').find((line) => line.startsWith('{')) ?? '{}'
        const parsed = JSON.parse(json) as {
          brokers: { broker: number; logDirs: { partitions: { partition: string }[] }[] }[]
        }
        for (const broker of parsed.brokers) {
          for (const dir of broker.logDirs) {
            dir.partitions.sort((a, b) => (a.partition < b.partition ? -1 : 1))
          }
        }
        parsed.brokers.sort((a, b) => a.broker - b.broker)
        return text.replace(json, JSON.stringify(parsed))
      },
    },
    {
      title: 'quorum status',
      tool: 'metadata-quorum',
      args: ['describe', '--status'],
      also: (text) =>
        figures(text)
          .replace(/"directoryId": "[^"]*"/g, '"directoryId": "ID"')
          .replace(/DirectoryId: \S+/g, 'DirectoryId: ID'),
    },
    {
      title: 'quorum replication',
      tool: 'metadata-quorum',
      args: ['describe', '--replication'],
      also: (text) =>
        figures(text)
          .split('\n')
          .map((line) => line.replace(/^N \S+ /, 'N DIRECTORY '))
          .sort()
          .join('\n'),
    },
  ])
})
