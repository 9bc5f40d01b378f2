import { expect, test } from 'vitest'
import type { Message } from '../../contracts/messages.ts'
import { hexLines, jsonTree, messagesJsonLines, prettyJson, previewOf } from './content.ts'

const message = (more: Partial<Message>): Message => ({
  partition: 0,
  offset: 1,
  timestamp: 2,
  timestampType: 'create',
  key: null,
  keyFormat: 'null',
  value: null,
  valueFormat: 'null',
  headers: [],
  keySizeBytes: 0,
  valueSizeBytes: 0,
  sizeBytes: 0,
  compression: 'none',
  isTruncated: false,
  ...more,
})

const BIG = '9223372036854775807'

test('a 64-bit integer keeps every digit in the tree, in the text and in the download', () => {
  const text = `{"id":${BIG},"price":1.10}`
  const tree = jsonTree(text)
  expect(tree).toMatchObject({
    entries: [
      ['id', { kind: 'number', text: BIG }],
      ['price', { kind: 'number', text: '1.10' }],
    ],
  })
  expect(prettyJson(text)).toContain(BIG)
  expect(messagesJsonLines([message({ value: text, valueFormat: 'json' })])).toContain(text)
})

test('a download is one line a message, whatever is in it', () => {
  const lines = messagesJsonLines([
    message({ value: '{\n  "a": 1\n}', valueFormat: 'json' }),
    message({ value: 'two\nlines', valueFormat: 'text', key: 'k', keyFormat: 'text' }),
  ])
  expect(lines.split('\n')).toHaveLength(3)
  expect(lines).toContain('"value":{"a":1}')
  expect(lines).toContain('"value":"two\\nlines"')
})

test('text that is not JSON has no tree and stays as it is', () => {
  expect(jsonTree('{"a":')).toBeNull()
  expect(prettyJson('{"a":')).toBe('{"a":')
})

test('hex shows sixteen bytes a line with their characters', () => {
  const lines = hexLines(new TextEncoder().encode('hello\nworld, here I am'))
  expect(lines).toHaveLength(2)
  expect(lines[0]?.at).toBe('00000000')
  expect(lines[0]?.hex.startsWith('68 65 6c 6c 6f 0a 77 6f')).toBe(true)
  expect(lines[0]?.text).toBe('hello·world, her')
})

test('a preview is one short line', () => {
  expect(previewOf('a\n  b', 'text')).toBe('a b')
  expect(previewOf('AAEC', 'binary')).toBe('0x000102')
  expect(previewOf(null, 'null')).toBe('')
})
