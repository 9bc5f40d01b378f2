import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keyOf, SecretBox } from './secret-box.ts'

const box = new SecretBox(Buffer.alloc(32, 1))

test('what is sealed opens again, and looks different each time', () => {
  const sealed = box.seal('p4ssw0rd ü', 'prod')
  expect(box.open(sealed, 'prod')).toBe('p4ssw0rd ü')
  expect(sealed).not.toContain('p4ssw0rd')
  expect(box.seal('p4ssw0rd ü', 'prod')).not.toBe(sealed)
})

test('another key, another owner or a changed byte open nothing', () => {
  const sealed = box.seal('secret', 'prod')
  expect(() => new SecretBox(Buffer.alloc(32, 2)).open(sealed, 'prod')).toThrow('another key')
  expect(() => box.open(sealed, 'staging')).toThrow('of another cluster')
  const parts = sealed.split('.')
  parts[4] = Buffer.from('forged').toString('base64url')
  expect(() => box.open(parts.join('.'), 'prod')).toThrow('damaged')
  parts[3] = Buffer.alloc(4).toString('base64url')
  expect(() => box.open(parts.join('.'), 'prod')).toThrow('damaged')
  expect(() => box.open('plain text', 'prod')).toThrow('format')
})

test('the key follows from EYRIE_SECRET, else from a file that only its owner reads', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eyrie-secret-'))
  try {
    const fromFile = keyOf(null, directory)
    expect(keyOf(null, directory)).toEqual(fromFile)
    expect(statSync(join(directory, 'cluster-secret')).mode & 0o777).toBe(0o600)
    const fromSecret = keyOf('a secret of the environment', directory)
    expect(fromSecret).not.toEqual(fromFile)
    expect(keyOf('a secret of the environment', '/nowhere')).toEqual(fromSecret)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
