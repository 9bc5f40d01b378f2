// Bounds between values of a running broker, in Kafka's words (tests/compat/config-messages holds them against it).
import { expect, test } from 'vitest'
import { validateReconfiguration, validateStaticConfigs } from './reconfiguration.ts'

const ownerWith = (statics: Record<string, string>) => ({
  nodeId: 1,
  staticConfigs: new Map(Object.entries({ listeners: 'PLAINTEXT://:9092', ...statics })),
})

function change(next: Record<string, string>, current = {}, statics = {}): string | null {
  const image = (values: Record<string, string>) => ({
    configs: new Map([['4:1', new Map(Object.entries(values))]]),
  })
  return validateReconfiguration(ownerWith(statics), image(current), image({ ...current, ...next }))
}

test('thread counts go to half or double at a time, counted from what is in force', () => {
  expect(change({ 'num.io.threads': '4' })).toBeNull()
  expect(change({ 'num.io.threads': '3' })).toContain('at least half the current value 8')
  expect(change({ 'num.io.threads': '17' })).toContain('greater than double the current value 8')
  expect(change({ 'num.io.threads': '17' }, { 'num.io.threads': '16' })).toBeNull()
  expect(change({ 'num.io.threads': '3' }, {}, { 'num.io.threads': '6' })).toBeNull()
  expect(change({ 'log.cleaner.threads': '2' })).toBeNull()
  expect(change({ 'log.cleaner.threads': '3' })).toContain('more than double the current value 1')
})

test('what cannot be together is refused', () => {
  expect(change({ 'log.cleaner.dedupe.buffer.size': '1048577' })).toBeNull()
  const small = { 'log.cleaner.dedupe.buffer.size': '1048576' }
  expect(change(small)).toContain('at least 1MB per cleaner thread')
  expect(change({ 'max.connections.per.ip': '0' })).toContain('can be set to zero only if')
  const overrides = { 'max.connections.per.ip.overrides': '127.0.0.1:10' }
  expect(change({ 'max.connections.per.ip': '0', ...overrides })).toBeNull()
  expect(change({ 'max.connections.per.ip.overrides': '127.0.0.1:x' })).toContain('string: "x"')
  const local = { 'log.local.retention.ms': '2000' }
  expect(change({ ...local, 'log.retention.ms': '1000' })).toContain('property value: 1000')
  expect(change({ ...local, 'log.retention.ms': '3000' })).toBeNull()
})

test('a broker that runs takes no limit of zero connections, nor does any of its listeners', () => {
  const rate = 'max.connection.creation.rate'
  const own = `listener.name.plaintext.${rate}`
  for (const name of [rate, own, 'max.connections', 'listener.name.plaintext.max.connections']) {
    const words = `Invalid ${name.replace('listener.name.plaintext.', '')} 0`
    expect(change({ [name]: '0' }), name).toContain(words)
    expect(change({ [name]: '10' }), name).toBeNull()
  }
  expect(change({ [`listener.name.nowhere.${rate}`]: '0' })).toBeNull()
  // What it has from its start stays.
  expect(change({ 'num.io.threads': '8' }, {}, { [own]: '0' })).toBeNull()
})

test('only directories of the broker are cordoned', () => {
  const statics = { 'log.dirs': '/a,/b' }
  expect(change({ 'cordoned.log.dirs': '/b' }, {}, statics)).toBeNull()
  expect(change({ 'cordoned.log.dirs': '*' }, {}, statics)).toBeNull()
  expect(change({ 'cordoned.log.dirs': '/a,/c' }, {}, statics)).toContain(
    'Invalid value [/a, /c] for configuration cordoned.log.dirs: Invalid entry in ' +
      'cordoned.log.dirs: /c. All cordoned log dirs must be entries of log.dirs or log.dir.',
  )
})

test('a broker does not start with settings that it could not be changed to', () => {
  expect(validateStaticConfigs(ownerWith({}))).toBeNull()
  expect(validateStaticConfigs(ownerWith({ 'log.retention.hours': '0' }))).toContain('unlimited')
  expect(validateStaticConfigs(ownerWith({ 'log.retention.hours': '-1' }))).toBeNull()
  // Milliseconds go before hours.
  const both = { 'log.retention.hours': '0', 'log.retention.ms': '5' }
  expect(validateStaticConfigs(ownerWith(both))).toBeNull()
})
