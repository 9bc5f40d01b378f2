import { expect, test } from 'vitest'
import {
  effectiveEdits,
  isOfEntity,
  isUnlimited,
  patchOf,
  readableValue,
  withEdit,
} from './edits.ts'

const entries = [
  { name: 'retention.ms', value: '604800000' },
  { name: 'cleanup.policy', value: null },
]

test('setting what is set already changes nothing', () => {
  const edits = {
    'retention.ms': { kind: 'set' as const, value: '604800000' },
    'cleanup.policy': { kind: 'set' as const, value: 'compact' },
  }
  expect(Object.keys(effectiveEdits(edits, entries))).toEqual(['cleanup.policy'])
})

test('a reset always counts, even when the value would stay', () => {
  const edits = { 'retention.ms': { kind: 'reset' as const } }
  expect(effectiveEdits(edits, entries)).toEqual(edits)
})

test('an edit can be taken back', () => {
  const edits = withEdit({}, { name: 'a', value: '1' }, { kind: 'set', value: '2' })
  expect(withEdit(edits, { name: 'a', value: '1' }, null)).toEqual({})
})

test('the patch names what is set and what goes back to default', () => {
  expect(patchOf({ a: { kind: 'set', value: '1' }, b: { kind: 'reset' } })).toEqual({
    set: { a: '1' },
    delete: ['b'],
  })
})

test('a file of one broker is no default of the cluster, what can be set for all is', () => {
  const id = { isReadOnly: true, source: 'static' } as const
  expect(isOfEntity(id, 'broker-default')).toBe(false)
  expect(isOfEntity(id, 'broker')).toBe(true)
  expect(isOfEntity({ ...id, isReadOnly: false }, 'broker-default')).toBe(true)
  expect(isOfEntity({ ...id, source: 'default' }, 'broker-default')).toBe(true)
})

test('the largest numbers are no limit', () => {
  expect(isUnlimited('9223372036854775807')).toBe(true)
  expect(isUnlimited('2147483647')).toBe(true)
  expect(isUnlimited('9223372036854775806')).toBe(false)
  expect(isUnlimited(null)).toBe(false)
})

test('durations and sizes are readable where they come out even', () => {
  expect(readableValue('retention.ms', '604800000')).toBe('7 d')
  expect(readableValue('segment.bytes', '1073741824')).toBe('1 GB')
  expect(readableValue('max.message.bytes', '1048588')).toBeNull()
  expect(readableValue('partition.count', '604800000')).toBeNull()
  expect(readableValue('retention.ms', '-1')).toBeNull()
})
