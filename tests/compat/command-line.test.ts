// Apache Kafka 4.3.1's own tools, run on Apache Kafka and on Eyrie: same output, same exit code, error cases
// included. Ids, times, rates and addresses are taken out of both first.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PeerCluster, startPeer, tool } from '../support/apache-kafka.ts'
import { type EyrieCluster, startEyrie } from '../support/eyrie-cluster.ts'

let eyrie: EyrieCluster
let kafka: PeerCluster
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'eyrie-cli-'))
  // Automatic elections would come in between the steps; racks and transactions are not compared here.
  const properties = { 'auto.leader.rebalance.enable': 'false' }
  eyrie = await startEyrie({ properties })
  kafka = await startPeer({ properties })
})
afterAll(async () => {
  await Promise.all([eyrie?.down(), kafka?.down()])
  await rm(scratch, { recursive: true, force: true })
})

/** Takes out what may differ. */
function normal(text: string, bootstrap: string): string {
  let out = text
  for (const address of bootstrap.split(',')) {
    out = out.replaceAll(address, 'BROKER').replaceAll(`:${address.split(':')[1]}`, ':PORT')
  }
  return out
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

interface Step {
  title: string
  tool: string
  args: string[]
  stdin?: string
  /** Lines come in no order. */
  sorted?: boolean
  also?: (text: string) => string
}

async function runOn(bootstrap: string, step: Step): Promise<string> {
  const args = step.args.map((arg) => arg.replaceAll('SCRATCH', scratch))
  const server =
    step.tool === 'producer-perf'
      ? ['--producer-props', `bootstrap.servers=${bootstrap}`, 'acks=1']
      : ['--bootstrap-server', bootstrap]
  const result = await tool(step.tool, [...args, ...server], {
    ...(step.stdin === undefined ? {} : { stdin: step.stdin }),
  })
  let text = normal(`${result.stdout}\n${result.stderr}`, bootstrap)
  if (step.also !== undefined) text = step.also(text)
  if (step.sorted) text = text.split('\n').sort().join('\n')
  return `exit ${result.code}\n${text}`
}

async function same(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const [ours, theirs] = await Promise.all([
      runOn(eyrie.bootstrap, step),
      runOn(kafka.bootstrap, step),
    ])
    expect(`${step.title}\n${ours}`).toBe(`${step.title}\n${theirs}`)
  }
}

const placed = ['--replica-assignment', '1:2:3,2:3:1,3:1:2']

test('kafka-topics', async () => {
  await same([
    { title: 'create', tool: 'topics', args: ['--create', '--topic', 'placed', ...placed] },
    { title: 'describe', tool: 'topics', args: ['--describe', '--topic', 'placed'] },
    {
      title: 'create with defaults and a config',
      tool: 'topics',
      args: ['--create', '--topic', 'configured', '--config', 'retention.ms=60000'],
    },
    { title: 'create again', tool: 'topics', args: ['--create', '--topic', 'placed'] },
    {
      title: 'create again, if not exists',
      tool: 'topics',
      args: ['--create', '--if-not-exists', '--topic', 'placed'],
    },
    {
      title: 'too many replicas',
      tool: 'topics',
      args: ['--create', '--topic', 'wide', '--replication-factor', '4'],
    },
    { title: 'bad name', tool: 'topics', args: ['--create', '--topic', 'a/b'] },
    { title: 'name of dots', tool: 'topics', args: ['--create', '--topic', '..'] },
    {
      title: 'unknown config',
      tool: 'topics',
      args: ['--create', '--topic', 'odd', '--config', 'no.such=1'],
    },
    {
      title: 'bad config value',
      tool: 'topics',
      args: ['--create', '--topic', 'odd', '--config', 'retention.ms=soon'],
    },
    {
      title: 'zero partitions',
      tool: 'topics',
      args: ['--create', '--topic', 'none', '--partitions', '0'],
    },
    { title: 'list', tool: 'topics', args: ['--list'] },
    { title: 'more', tool: 'topics', args: ['--alter', '--topic', 'placed', '--partitions', '5'] },
    { title: 'fewer', tool: 'topics', args: ['--alter', '--topic', 'placed', '--partitions', '2'] },
    {
      title: 'describe after',
      tool: 'topics',
      args: ['--describe', '--topic', 'placed'],
      also: (text) => text.replace(/(Leader|Replicas|Isr): [\d,]+/g, '$1: N'),
    },
    { title: 'unknown', tool: 'topics', args: ['--describe', '--topic', 'nobody'] },
    {
      title: 'nothing under-replicated',
      tool: 'topics',
      args: ['--describe', '--under-replicated-partitions'],
    },
    { title: 'delete', tool: 'topics', args: ['--delete', '--topic', 'configured'] },
    { title: 'delete again', tool: 'topics', args: ['--delete', '--topic', 'configured'] },
    { title: 'list after', tool: 'topics', args: ['--list'] },
  ])
})

const entity = (name: string) => ['--entity-type', 'topics', '--entity-name', name]

test('kafka-configs', async () => {
  await same([
    { title: 'create', tool: 'topics', args: ['--create', '--topic', 'c', ...placed] },
    {
      title: 'alter',
      tool: 'configs',
      args: [
        '--alter',
        ...entity('c'),
        '--add-config',
        'retention.ms=1000,cleanup.policy=[compact,delete]',
      ],
    },
    { title: 'describe', tool: 'configs', args: ['--describe', ...entity('c')], sorted: true },
    {
      title: 'describe all',
      tool: 'configs',
      args: ['--describe', '--all', ...entity('c')],
      sorted: true,
    },
    {
      title: 'bad value',
      tool: 'configs',
      args: ['--alter', ...entity('c'), '--add-config', 'segment.bytes=lots'],
    },
    {
      title: 'unknown name',
      tool: 'configs',
      args: ['--alter', ...entity('c'), '--add-config', 'no.such=1'],
    },
    {
      title: 'remove',
      tool: 'configs',
      args: ['--alter', ...entity('c'), '--delete-config', 'retention.ms'],
    },
    {
      title: 'remove what is not set',
      tool: 'configs',
      args: ['--alter', ...entity('c'), '--delete-config', 'flush.ms'],
    },
    { title: 'unknown topic', tool: 'configs', args: ['--describe', ...entity('nobody')] },
    {
      title: 'a broker',
      tool: 'configs',
      args: [
        '--alter',
        '--entity-type',
        'brokers',
        '--entity-name',
        '1',
        '--add-config',
        'log.cleaner.threads=2',
      ],
    },
    {
      title: 'a broker, described',
      tool: 'configs',
      args: ['--describe', '--entity-type', 'brokers', '--entity-name', '1'],
      sorted: true,
    },
    {
      title: 'read-only on a broker',
      tool: 'configs',
      args: [
        '--alter',
        '--entity-type',
        'brokers',
        '--entity-name',
        '1',
        '--add-config',
        'log.dirs=x',
      ],
    },
    {
      title: 'the default of all brokers',
      tool: 'configs',
      args: [
        '--alter',
        '--entity-type',
        'brokers',
        '--entity-default',
        '--add-config',
        'message.max.bytes=2000000',
      ],
    },
    {
      title: 'the default, removed',
      tool: 'configs',
      args: [
        '--alter',
        '--entity-type',
        'brokers',
        '--entity-default',
        '--delete-config',
        'message.max.bytes',
      ],
    },
  ])
})

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
    { title: 'groups', tool: 'consumer-groups', args: ['--list'] },
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
      also: (t) => t.replace(/\(\d\)/g, '(N)').replace(/BROKER/g, 'B'),
    },
    { title: 'unknown group', tool: 'consumer-groups', args: ['--describe', '--group', 'nobody'] },
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
      title: 'preferred replica is away',
      tool: 'leader-election',
      args: [...election, '--topic', 'elect', '--partition', '1'],
    },
  ])
  await Promise.all([eyrie.run('start', 2), kafka.run('start', 2)])
  const healed: Step = {
    title: 'healed',
    tool: 'topics',
    args: ['--describe', '--under-replicated-partitions'],
  }
  for (const cluster of [eyrie, kafka]) {
    await expect
      .poll(() => runOn(cluster.bootstrap, healed), { timeout: 90_000, interval: 1000 })
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
      args: [
        '--topic',
        'perf',
        '--num-records',
        '1000',
        '--throughput',
        '-1',
        '--record-size',
        '100',
      ],
      also: figures,
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
