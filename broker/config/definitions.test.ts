// The tables against the facts read off Apache Kafka 4.3.1, and its error messages word for word.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  brokerConfigs,
  groupConfigs,
  topicConfigs,
  validateBrokerConfig,
  validateDynamicBrokerConfigs,
  validateTopicConfig,
  validateTopicConfigs,
} from './definitions.ts'
import { brokerConfigSynonyms, topicConfigSynonyms } from './effective.ts'

const facts = (name: string) =>
  readFileSync(new URL(`../../tests/facts/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))

const owner = { nodeId: 1, staticConfigs: new Map<string, string>() }
const image = { configs: new Map() }

describe('tables', () => {
  test('every broker configuration is known with type, default, validator, importance and mode', () => {
    const rows = facts('configs-broker.tsv')
    for (const [name, type, value, validator, importance, readOnly, sensitive, synonyms] of rows) {
      const known = brokerConfigs.get(name!)
      const isReadOnly = known?.updateMode === 'read-only'
      expect(
        [
          known?.type,
          known?.isRequired ? '(required)' : String(known?.defaultValue),
          known?.validator,
          known?.importance,
          String(isReadOnly),
          String(known?.isSensitive),
        ],
        name,
      ).toEqual([type, value, validator, importance, readOnly, sensitive])
      // The broker the facts were read from had values of its own; its defaults come last.
      const shown = brokerConfigSynonyms(image, owner, name!).map((synonym) => synonym.name)
      if (known?.defaultValue !== null) {
        expect(shown.at(-1), name).toBe((synonyms ?? '').split(',').at(-1))
      }
    }
    const shown = [...brokerConfigs.values()].filter((config) => config.updateMode !== 'internal')
    expect(shown.filter((config) => !config.name.startsWith('eyrie.'))).toHaveLength(rows.length)
  })

  test('every topic configuration is known with type, default, synonym and a sentence', () => {
    const rows = facts('configs-topic.tsv')
    for (const [name, type, value, source, , , synonyms] of rows) {
      const known = topicConfigs.get(name!)
      expect([known?.type, known?.defaultValue], name).toEqual([type, value])
      expect(known?.documentation, name).not.toBe('')
      if (source === 'DEFAULT_CONFIG') {
        const shown = topicConfigSynonyms(image, owner, { name: 't', config: name! })
        expect(shown.map((synonym) => synonym.name).join(), name).toBe(synonyms ?? '')
      }
    }
    expect(topicConfigs.size).toBe(rows.length)
  })

  test('every group configuration is known', () => {
    const rows = facts('configs-group.tsv')
    for (const [name, type, value] of rows) {
      expect([groupConfigs.get(name!)?.type, groupConfigs.get(name!)?.defaultValue]).toEqual([
        type,
        value,
      ])
    }
    expect(groupConfigs.size).toBe(rows.length)
  })
})

/** Everything that runs in a broker, but for the tables, their sentences and checks. */
function brokerSources(): string {
  const directory = new URL('../', import.meta.url)
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .filter((name) => !/config\/(.*definitions|documentation.*|reconfiguration)\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, directory), 'utf8'))
    .join('\n')
}

test('each broker configuration says what it does, or that it does nothing', () => {
  const sources = brokerSources()
  const doesNothing = (text: string) => text.includes('without effect')
  const acting = new Set(
    [...topicConfigs.values()]
      .filter(({ documentation }) => !doesNothing(documentation))
      .flatMap(({ synonyms }) => synonyms),
  )
  // Read, and its codec has one level only.
  const exceptions = new Set(['compression.lz4.level'])
  for (const { name, documentation } of brokerConfigs.values()) {
    expect(documentation, name).not.toBe('')
    if (exceptions.has(name)) continue
    const isRead = sources.includes(`'${name}'`) || acting.has(name)
    expect(doesNothing(documentation), `${name}: ${documentation}`).toBe(!isRead)
  }
})

test.each([
  ['retention.ms', 'abc', 'Not a number of type LONG'],
  ['retention.ms', '-2', 'Value must be at least -1'],
  ['retention.ms', '5.5', 'Not a number of type LONG'],
  ['retention.ms', '99999999999999999999', 'Not a number of type LONG'],
  ['retention.ms', '', 'Not a number of type LONG'],
  ['segment.bytes', '10', 'Value must be at least 1048576'],
  ['segment.bytes', '3000000000', 'Not a number of type INT'],
  ['segment.bytes', '0x10', 'Not a number of type INT'],
  ['cleanup.policy', 'foo', 'String must be one of: compact, delete'],
  [
    'compression.type',
    'bz2',
    'String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
  ],
  ['preallocate', 'yes', 'Expected value to be either true or false'],
  ['message.timestamp.type', 'x', 'String must be one of: CreateTime, LogAppendTime'],
  ['compression.gzip.level', '0', 'Value must be between 1 and 9 or equal to -1'],
  ['compression.zstd.level', '23', 'Value must be no more than 22'],
  ['min.cleanable.dirty.ratio', '-0.1', 'Value must be at least 0'],
  ['min.cleanable.dirty.ratio', 'x', 'Not a number of type DOUBLE'],
])('refuses %s=%j as Kafka does', (name, value, reason) => {
  expect(validateTopicConfig(name, value)).toBe(
    `Invalid value ${value} for configuration ${name}: ${reason}`,
  )
})

test.each([
  ['retention.ms', ' 5 '],
  ['retention.bytes', '+5'],
  ['retention.bytes', '-5'],
  ['retention.ms', '9223372036854775807'],
  ['cleanup.policy', ''],
  ['cleanup.policy', ' compact , delete '],
  ['preallocate', 'TRUE'],
  ['min.cleanable.dirty.ratio', '1e-1'],
  ['min.cleanable.dirty.ratio', '0.5f'],
  ['leader.replication.throttled.replicas', '*'],
  ['leader.replication.throttled.replicas', '0:1,1:2'],
  ['compression.gzip.level', '-1'],
])('accepts %s=%j as Kafka does', (name, value) => {
  expect(validateTopicConfig(name, value)).toBeNull()
})

test('prints doubles, lists and unknown names as Kafka does', () => {
  expect(validateTopicConfig('min.cleanable.dirty.ratio', '2')).toBe(
    'Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
  )
  expect(validateTopicConfig('leader.replication.throttled.replicas', 'abc')).toBe(
    'Invalid value [abc] for configuration leader.replication.throttled.replicas: ' +
      "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in " +
      'the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...',
  )
  expect(validateTopicConfig('foo', '1')).toBe('Unknown topic config name: foo')
})

test('refuses topic configurations that contradict one another', () => {
  const configs = new Map([
    ['min.compaction.lag.ms', '10'],
    ['max.compaction.lag.ms', '5'],
  ])
  expect(validateTopicConfigs(configs)).toBe(
    'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
  )
})

test('a running broker refuses what only server.properties may say', () => {
  const refuse = (entries: [string, string][], isClusterDefault: boolean) =>
    validateDynamicBrokerConfigs(new Map(entries), isClusterDefault)
  expect(refuse([['node.id', '5']], false)).toBe(
    'Cannot update these configs dynamically: [node.id]',
  )
  expect(refuse([['listeners', 'PLAINTEXT://:1']], true)).toBe(
    'Cannot update these configs at default cluster level, broker id must be specified: [listeners]',
  )
  expect(refuse([['ssl.keystore.type', 'PEM']], false)).toBe(
    'These security configs can be dynamically updated only per-listener using the listener ' +
      'prefix: [ssl.keystore.type]',
  )
  expect(refuse([['listener.name.plaintext.ssl.keystore.type', 'PEM']], false)).toBeNull()
  expect(refuse([['foo', '1']], true)).toBeNull()
  expect(refuse([['log.retention.ms', '-2']], true)).toBeNull()
  expect(refuse([['leader.replication.throttled.rate', '-5']], false)).toBe(
    'Invalid value -5 for configuration leader.replication.throttled.rate: Value must be at least 0',
  )
  expect(validateBrokerConfig('process.roles', 'broker,foo')).toBe(
    'Invalid value foo for configuration process.roles: String must be one of: broker, controller',
  )
})
