import { expect, test } from 'vitest'
import { HASH_WORDS, KeyHash } from './key-hash.ts'

const secret = Uint8Array.from({ length: 16 }, (_, index) => index)

function hex(key: Uint8Array): string {
  const out = new Int32Array(HASH_WORDS)
  // Anywhere in a larger buffer.
  const bytes = Buffer.concat([Buffer.from('before'), key, Buffer.from('behind')])
  new KeyHash(secret).digest(bytes, 6, 6 + key.length, out)
  const words = Buffer.alloc(16)
  for (const [index, word] of out.entries()) words.writeInt32LE(word, index * 4)
  return words.toString('hex')
}

test.each([
  [0, 'a3817f04ba25a8e66df67214c7550293'],
  [1, 'da87c1d86b99af44347659119b22fc45'],
  [2, '8177228da4a45dc7fca38bdef60affe4'],
  [7, 'a1f1ebbed8dbc153c0b84aa61ff08239'],
  [8, '3b62a9ba6258f5610f83e264f31497b4'],
  [15, '5493e99933b0a8117e08ec0f97cfc3d9'],
])('hashes %i bytes as the reference vectors of SipHash-2-4-128 say', (length, expected) => {
  expect(hex(Uint8Array.from({ length }, (_, index) => index))).toBe(expected)
})
