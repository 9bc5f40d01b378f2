import { expect, test } from 'vitest'
import type { DescribedConfig } from '../kafka/configs.ts'
import { clusterDefaultOf, configEntryOf, diffOf, fallbackOf } from './config-entry.ts'

function config(
  name: string,
  value: string | null,
  levels: readonly (readonly [DescribedConfig['source'], string | null])[],
): DescribedConfig {
  return {
    name,
    value,
    source: levels[0]?.[0] ?? 'default',
    isReadOnly: false,
    isSensitive: false,
    type: 'string',
    documentation: null,
    synonyms: levels.map(([source, v]) => ({ name, value: v, source })),
  }
}

const retention = config('retention.bytes', '5', [
  ['topic', '5'],
  ['broker-default', '7'],
  ['default', '-1'],
])
const cleanup = config('cleanup.policy', 'delete', [['default', 'delete']])

test('the default of a config is what it would be without this resource’s override', () => {
  expect(fallbackOf(retention, 'topic')).toEqual({ value: '7', source: 'broker-default' })
  const entry = configEntryOf(cleanup, { type: 'topic', name: 't' })
  expect([entry.defaultValue, entry.isDefault]).toEqual(['delete', true])
})

test('a diff names only what changes', () => {
  const patch = { set: { 'retention.bytes': '5', 'cleanup.policy': 'compact' }, delete: [] }
  expect(diffOf([retention, cleanup], patch, 'topic')).toEqual([
    {
      name: 'cleanup.policy',
      before: 'delete',
      beforeSource: 'default',
      after: 'compact',
      afterSource: 'topic',
    },
  ])
  const back = { set: {}, delete: ['retention.bytes', 'cleanup.policy', 'unknown'] }
  expect(diffOf([retention, cleanup], back, 'topic')).toEqual([
    {
      name: 'retention.bytes',
      before: '5',
      beforeSource: 'topic',
      after: '7',
      afterSource: 'broker-default',
    },
  ])
})

test('setting what is inherited anyway is a change: it becomes an override', () => {
  const patch = { set: { 'cleanup.policy': 'delete' }, delete: [] }
  expect(diffOf([cleanup], patch, 'topic')).toHaveLength(1)
})

test('a secret’s new value is not shown', () => {
  const secret = { ...config('ssl.key.password', null, []), isSensitive: true }
  const [diff] = diffOf([secret], { set: { 'ssl.key.password': 'x' }, delete: [] }, 'broker')
  expect(diff?.after).toBeNull()
})

test('the cluster-wide default leaves out what one broker has for itself', () => {
  const own = config('log.retention.ms', '1', [
    ['broker', '1'],
    ['broker-default', '2'],
    ['default', '3'],
  ])
  const [shown] = clusterDefaultOf([own])
  expect([shown?.value, shown?.source]).toEqual(['2', 'broker-default'])
  expect(shown && configEntryOf(shown, { type: 'broker', id: null }).defaultValue).toBe('3')
})
