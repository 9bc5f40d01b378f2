import { expect, test } from 'vitest'
import type { DecodedRecord } from '../../protocol/records/read.ts'
import { contentOf } from './content.ts'
import { createFilter } from './filter.ts'

test('JSON is given verbatim, so that 64-bit integers keep every digit', () => {
  const text = '{"id": 9223372036854775807,\n "n":1.10}'
  expect(contentOf(Buffer.from(text), 1_000)).toEqual({ text, format: 'json', isTruncated: false })
})

test('text, nothing, emptiness and binary are told apart', () => {
  const format = (bytes: Buffer | null) => contentOf(bytes, 1_000).format
  expect(format(null)).toBe('null')
  expect(format(Buffer.alloc(0))).toBe('text')
  expect(format(Buffer.from('42'))).toBe('text')
  expect(format(Buffer.from('{broken'))).toBe('text')
  expect(format(Buffer.from('鸟巢\n'))).toBe('text')
  expect(format(Buffer.from([0xff, 0xfe]))).toBe('binary')
  expect(format(Buffer.from([0, 0, 0, 1]))).toBe('binary')
  expect(contentOf(Buffer.from([0, 0, 0, 1]), 1_000).text).toBe('AAAAAQ==')
})

test('what is cut is not cut inside a character, and cut JSON is text', () => {
  for (const maxBytes of [4, 5, 6]) {
    const { text, isTruncated } = contentOf(Buffer.from('a鸟巢巢'), maxBytes)
    expect([text, isTruncated]).toEqual(['a鸟', true])
  }
  expect(contentOf(Buffer.from('{"a":[1,2,3]}'), 5).format).toBe('text')
})

function record(key: string | null, value: string, header?: string): DecodedRecord {
  const headers = header === undefined ? [] : [{ key: 'Trace', value: Buffer.from(header) }]
  const bytes = key === null ? null : Buffer.from(key)
  return { offset: 0, timestampMs: 0, key: bytes, value: Buffer.from(value), headers, sizeBytes: 0 }
}

test('a filter looks for contained text in the fields asked for, whatever the case', () => {
  const anywhere = createFilter('Blue', undefined)
  expect(anywhere?.(record('k', 'a BLUE bird'))).toBe(true)
  expect(anywhere?.(record('bluebell', '-'))).toBe(true)
  expect(anywhere?.(record(null, '-', 'blue-1'))).toBe(true)
  expect(anywhere?.(record(null, '-'))).toBe(false)
  const inKey = createFilter('blue', ['key'])
  expect(inKey?.(record('k', 'blue'))).toBe(false)
  expect(createFilter('trace', ['headers'])?.(record(null, '-', 'x'))).toBe(true)
  expect(createFilter('', undefined)).toBeNull()
})
