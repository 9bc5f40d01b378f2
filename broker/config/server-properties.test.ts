// What a server.properties may look like, and how its mistakes are reported.
import { expect, test } from 'vitest'
import { loadBrokerConfig } from '../config.ts'
import { ConfigFileError, nearestName, parseProperties } from './server-properties.ts'

const good = [
  'process.roles=broker,controller',
  'node.id=2',
  'listeners=PLAINTEXT://127.0.0.1:9093,CONTROLLER://127.0.0.1:9193',
  'controller.listener.names=CONTROLLER',
  'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'controller.quorum.voters=1@127.0.0.1:9192,2@127.0.0.1:9193,3@127.0.0.1:9194',
  'log.dirs=/data/2',
]
const load = (...lines: string[]) =>
  loadBrokerConfig('server.properties', [...good, ...lines].join('\n'), 'here')

test('reads comments, continued lines, escapes and all three separators', () => {
  const text =
    '# c\n! c\n a = 1\nb:2\nc 3 4\nd\\ e=x\\ty\nlong=one,\\\n    two\nempty\nu=\\u0041\\\\'
  expect(parseProperties(text)).toEqual([
    { key: 'a', value: '1', line: 3 },
    { key: 'b', value: '2', line: 4 },
    { key: 'c', value: '3 4', line: 5 },
    { key: 'd e', value: 'x\ty', line: 6 },
    { key: 'long', value: 'one,two', line: 7 },
    { key: 'empty', value: '', line: 9 },
    { key: 'u', value: 'A\\', line: 10 },
  ])
})

test('loads a combined broker and controller', () => {
  const { config, warnings } = load('num.partitions=3', 'offsets.retention.minutes=2')
  expect(warnings).toEqual([])
  expect(config).toMatchObject({
    nodeId: 2,
    isController: true,
    brokerListeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port: 9093 }],
    controllerListeners: [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9193 }],
    advertisedListeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port: 9093 }],
    interBrokerListenerName: 'PLAINTEXT',
    logDirs: ['/data/2'],
    metadataLogDir: '/data/2',
    numPartitions: 3,
    offsetsRetentionMs: 120_000,
    replicaLagTimeMaxMs: 30_000,
    jolokiaPort: -1,
  })
  expect(config.voters).toHaveLength(3)
})

test('a bad value names file, line and key', () => {
  expect(() => load('num.partitions=many')).toThrow(
    new ConfigFileError(
      'server.properties:8: num.partitions: ' +
        'Invalid value many for configuration num.partitions: Not a number of type INT',
    ),
  )
  expect(() => load('listeners=PLAINTEXT://127.0.0.1')).toThrow(
    'server.properties:8: listeners: Unable to parse PLAINTEXT://127.0.0.1 to a broker endpoint',
  )
  expect(() => load('node.id=7')).toThrow('server.properties:6: controller.quorum.voters:')
})

test('all bad values are reported together, missing ones too', () => {
  const text = 'num.partitions=0\nnum.io.threads=x\nnode.id=1\nprocess.roles=broker'
  expect(() => loadBrokerConfig('f', text, 'here')).toThrow(
    /f:1: num\.partitions: .*\nf:2: num\.io\.threads: .*\nf: controller\.listener\.names: Missing/,
  )
})

test('a controller alone is refused, with what to write instead', () => {
  expect(() => load('process.roles=controller')).toThrow(
    /server\.properties:8: process\.roles: .*process\.roles=broker,controller/,
  )
})

test('an unknown key is a warning with the nearest name', () => {
  expect(load('log.retention.mss=5').warnings).toEqual([
    'server.properties:8: unknown configuration log.retention.mss; did you mean log.retention.ms?',
  ])
  expect(load('my.own.reporter.address=5').warnings).toEqual([
    'server.properties:8: unknown configuration my.own.reporter.address',
  ])
  expect(nearestName('num.partition')).toBe('num.partitions')
})

test('refuses a limit of connections that is none, for a single listener too', () => {
  const own = 'listener.name.plaintext.max.connection.creation.rate'
  expect(() => load(`${own}=fast`)).toThrow(`${own}: Invalid value fast for configuration`)
  expect(() => load(`${own}=-1`)).toThrow('Value must be at least 0')
  expect(load(`${own}=10`).config.staticConfigs.get(own)).toBe('10')
})

test('refuses listeners it cannot serve', () => {
  expect(() => load('listeners=SSL://127.0.0.1:1,CONTROLLER://127.0.0.1:2')).toThrow(
    'server.properties:8: listeners: No security protocol defined for listener SSL',
  )
  expect(() => load('advertised.listeners=PLAINTEXT://0.0.0.0:9093')).toThrow('0.0.0.0')
})

test('a listener on all addresses is advertised by the host name', () => {
  const { config } = load('listeners=PLAINTEXT://:9093,CONTROLLER://:9193')
  expect(config.advertisedListeners).toEqual([{ name: 'PLAINTEXT', host: 'here', port: 9093 }])
})
