// What kafka-topics and kafka-configs are asked, in this order, on Apache Kafka and on Eyrie.
import type { ToolName } from './apache-kafka.ts'

export interface Step {
  title: string
  tool: ToolName
  args: string[]
  stdin?: string
  /** Asked again until both give the same: a tool asks any broker, and one may lag behind the controller. */
  settles?: boolean
  /** Lines come in no order. */
  sorted?: boolean
  also?: (text: string) => string
}

export const placed = ['--replica-assignment', '1:2:3,2:3:1,3:1:2']

export const topicSteps: readonly Step[] = [
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
  ...[
    'retention.ms=-2',
    'cleanup.policy=shrink',
    'min.insync.replicas=0',
    'compression.type=rar',
    'preallocate=maybe',
    'min.cleanable.dirty.ratio=2',
    'leader.replication.throttled.replicas=x',
    'segment.bytes=1',
  ].map(
    (config): Step => ({
      title: `config ${config}`,
      tool: 'topics',
      args: ['--create', '--topic', 'odd', '--config', config],
    }),
  ),
  ...['1:1', '1:9', '1,1:2'].map(
    (assignment): Step => ({
      title: `assignment ${assignment}`,
      tool: 'topics',
      args: ['--create', '--topic', 'odd', '--replica-assignment', assignment],
    }),
  ),
  { title: 'long name', tool: 'topics', args: ['--create', '--topic', 'x'.repeat(250)] },
  {
    title: 'unknown, more',
    tool: 'topics',
    args: ['--alter', '--topic', 'nobody', '--partitions', '5'],
  },
  { title: 'list', tool: 'topics', args: ['--list'] },
  {
    title: 'with overrides',
    tool: 'topics',
    args: ['--describe', '--topics-with-overrides'],
    also: (t) => t.replace(/(Leader|Replicas|Isr): [\d,]+/g, '$1: N'),
  },
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
  {
    title: 'delete again',
    tool: 'topics',
    args: ['--delete', '--topic', 'configured'],
    settles: true,
  },
  { title: 'list after', tool: 'topics', args: ['--list'] },
]

const entity = (name: string) => ['--entity-type', 'topics', '--entity-name', name]

export const configSteps: readonly Step[] = [
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
  ...['min.insync.replicas=1', 'log.cleaner.threads=many', 'no.such=1'].map(
    (config): Step => ({
      title: `on a broker: ${config}`,
      tool: 'configs',
      args: [
        ...['--alter', '--entity-type', 'brokers', '--entity-name', '1'],
        ...['--add-config', config],
      ],
    }),
  ),
  ...['min.insync.replicas', 'no.such'].map(
    (config): Step => ({
      title: `default of ${config} removed`,
      tool: 'configs',
      args: [
        ...['--alter', '--entity-type', 'brokers', '--entity-default'],
        ...['--delete-config', config],
      ],
    }),
  ),
  {
    title: 'default, described',
    tool: 'configs',
    args: ['--describe', '--entity-type', 'brokers', '--entity-default'],
    sorted: true,
  },
  {
    title: 'a broker, all of it',
    tool: 'configs',
    args: ['--describe', '--all', '--entity-type', 'brokers', '--entity-name', '1'],
    sorted: true,
  },
  {
    title: 'settings of a broker, removed',
    tool: 'configs',
    args: [
      ...['--alter', '--entity-type', 'brokers', '--entity-name', '1'],
      ...['--delete-config', 'log.cleaner.threads,no.such'],
    ],
  },
  {
    title: 'unknown broker',
    tool: 'configs',
    args: ['--describe', '--entity-type', 'brokers', '--entity-name', '9'],
  },
  {
    title: 'unknown topic, altered',
    tool: 'configs',
    args: ['--alter', ...entity('nobody'), '--add-config', 'retention.ms=1'],
  },
  ...['segment.bytes=1', 'min.insync.replicas=0', 'cleanup.policy=shrink'].map(
    (config): Step => ({
      title: `out of range: ${config}`,
      tool: 'configs',
      args: ['--alter', ...entity('c'), '--add-config', config],
    }),
  ),
  {
    title: 'an unknown name removed',
    tool: 'configs',
    args: ['--alter', ...entity('c'), '--delete-config', 'no.such'],
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
]
