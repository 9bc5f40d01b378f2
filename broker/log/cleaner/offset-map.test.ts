import { expect, test } from 'vitest'
import { SeededRandom } from '../../../tests/support/memory-runtime.ts'
import { MAP_ENTRY_BYTES, OffsetMap } from './offset-map.ts'

const secret = Uint8Array.from({ length: 16 }, (_, index) => index)
const options = { secret, memoryBytes: 10_000 * MAP_ENTRY_BYTES, loadFactor: 0.9 }

test('gives the last offset put for each key, as a plain map does', () => {
  const random = new SeededRandom('offset map')
  const map = new OffsetMap(options)
  const model = new Map<string, number>()
  for (let offset = 0; offset < 20_000; offset++) {
    const key = `key-${random.int(6000)}`
    map.put(offset, Buffer.from(key))
    model.set(key, offset)
  }
  expect(map.count).toBe(model.size)
  for (const [key, offset] of model) expect(map.get(Buffer.from(key))).toBe(offset)
  expect(map.get(Buffer.from('never put'))).toBe(-1)
  expect(map.get(Buffer.alloc(0))).toBe(-1)
})

test('is full at its load factor, and not before', () => {
  const map = new OffsetMap(options)
  let count = 0
  while (!map.isFull) map.put(count, Buffer.from(String(count++)))
  expect(count).toBe(9000)
  expect(map.utilization).toBe(0.9)
  expect(map.get(Buffer.from('17'))).toBe(17)
})

test('refuses a bound that holds no key', () => {
  expect(() => new OffsetMap({ ...options, memoryBytes: 10 })).toThrow('offset map is too small')
})
