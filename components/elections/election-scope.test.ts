import { expect, test } from 'vitest'
import { parseScope, serializeScope } from './election-scope.ts'

const none = { partitions: null, topic: null, broker: null }

test('every scope survives the URL', () => {
  const scopes = [
    none,
    { ...none, topic: 'a:b.c' },
    { ...none, broker: 2 },
    { ...none, partitions: [{ topic: 'a:b', partition: 7 }] },
  ]
  for (const scope of scopes) expect(parseScope(serializeScope(scope))).toEqual(scope)
})

test('other sheets are not elections', () => {
  expect(parseScope('create-topic')).toBeNull()
  expect(parseScope('elect:broker:x')).toBeNull()
  expect(parseScope(null)).toBeNull()
})
