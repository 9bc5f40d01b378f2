import { expect, test } from 'vitest'
import { redact } from './redact.ts'

test('keeps neither passwords, message contents nor secret configs', () => {
  expect(
    redact({
      email: 'a@example.org',
      password: 'x',
      key: null,
      value: '{"a":1}',
      set: { 'retention.ms': '1000', 'ssl.key.password': 'x' },
      changes: [
        { name: 'ssl.truststore.password', before: null, after: 'x' },
        { name: 'retention.ms', before: '5', after: '1000' },
      ],
    }),
  ).toEqual({
    email: 'a@example.org',
    password: '[hidden]',
    key: null,
    value: '[hidden]',
    set: { 'retention.ms': '1000', 'ssl.key.password': '[hidden]' },
    changes: [
      { name: 'ssl.truststore.password', before: null, after: '[hidden]' },
      { name: 'retention.ms', before: '5', after: '1000' },
    ],
  })
})

test('cuts a long list and says so', () => {
  const { partitions } = redact({ partitions: Array.from({ length: 150 }, (_, i) => i) })
  expect((partitions as unknown[]).length).toBe(101)
  expect((partitions as unknown[])[100]).toBe('and 50 more')
})
