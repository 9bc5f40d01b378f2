import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchNextOffset } from '../../protocol/records/batch.ts'
import { testBatch } from '../../tests/support/log-fixtures.ts'
import { type TailCache, TailRing } from './tail-ring.ts'

function batch(baseOffset: number, valueBytes = 10): Buffer {
  return testBatch(['x'.repeat(valueBytes)], { baseOffset })
}

const all = { maxBytes: Number.MAX_SAFE_INTEGER, minOneBatch: true, endOffsetExclusive: 1e9 }

/** Reads on from `offset` until nothing more is held. */
function drain(cache: TailCache, offset: number): number {
  for (let next = offset; ; ) {
    const result = cache.read({ ...all, offset: next })
    if (result === null || result.nextOffset === next) return next
    next = result.nextOffset
  }
}

test('an idle ring holds no memory, a small writer little', () => {
  const ring = new TailRing()
  const cache = ring.openCache()
  expect(ring.heldBytes).toBe(0)
  cache.append(batch(0))
  expect(ring.heldBytes).toBe(16 * 1024)
})

test('adjacent batches are given as one view without a copy', () => {
  const cache = new TailRing().openCache()
  const given = [0, 1, 2].map((offset) => batch(offset))
  for (const records of given) cache.append(records)
  const result = cache.read({ ...all, offset: 1 })
  expect(result).toMatchObject({ baseOffset: 1, nextOffset: 3 })
  expect(result?.records).toEqual(Buffer.concat(given.slice(1)))
  const again = cache.read({ ...all, offset: 1 })
  expect(again?.records.buffer).toBe(result?.records.buffer)
})

test('never holds more than its capacity, whoever writes how much', () => {
  const writes = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 60_000 })),
    {
      maxLength: 40,
    },
  )
  fc.assert(
    fc.property(writes, (list) => {
      const ring = new TailRing(200_000)
      const caches = Array.from({ length: 5 }, () => ring.openCache())
      const ends = caches.map(() => 0)
      for (const [which, valueBytes] of list) {
        const records = batch(ends[which]!, valueBytes)
        caches[which]!.append(records)
        ends[which] = batchNextOffset(records, 0)
        expect(ring.heldBytes).toBeLessThanOrEqual(200_000)
        // What was written last is held, unless it alone would fill a quarter of the ring.
        const newest = caches[which]!.read({ ...all, offset: ends[which]! - 1 })
        if (records.length * 4 <= 200_000) expect(newest?.records.equals(records)).toBe(true)
        else expect(newest).toBeNull()
      }
      caches.forEach((cache, which) => {
        for (let offset = 0; offset < ends[which]!; offset++) {
          const held = cache.read({ ...all, offset })
          if (held !== null) expect(drain(cache, offset)).toBe(ends[which])
        }
      })
      for (const cache of caches) cache.clear()
      expect(ring.heldBytes).toBe(0)
    }),
    { numRuns: 40 },
  )
})

test('bytes handed out keep their content after their chunk was dropped', () => {
  const ring = new TailRing(64 * 1024)
  const cache = ring.openCache()
  const first = batch(0, 1000)
  cache.append(first)
  const held = cache.read({ ...all, offset: 0 })?.records
  for (let offset = 1; offset < 500; offset++) cache.append(batch(offset, 1000))
  expect(cache.read({ ...all, offset: 0 })).toBeNull()
  expect(held).toEqual(first)
})

test('a gap or a step back drops what is held', () => {
  const cache = new TailRing().openCache()
  cache.append(batch(0))
  cache.append(batch(5))
  expect(cache.read({ ...all, offset: 0 })).toBeNull()
  expect(cache.read({ ...all, offset: 5 })).toMatchObject({ nextOffset: 6 })
  cache.append(batch(3))
  expect(cache.read({ ...all, offset: 5 })).toBeNull()
})

test('limits hold across chunk borders', () => {
  const cache = new TailRing().openCache()
  const size = batch(0, 5000).length
  for (let offset = 0; offset < 20; offset++) cache.append(batch(offset, 5000))
  for (let count = 1; count <= 20; count++) {
    const result = cache.read({ ...all, offset: 0, maxBytes: count * size + 10 })
    expect(result).toMatchObject({ baseOffset: 0, nextOffset: count })
    expect(cache.read({ ...all, offset: 0, endOffsetExclusive: count })?.nextOffset).toBe(count)
  }
  expect(cache.read({ ...all, offset: 0, maxBytes: 1, minOneBatch: false })?.nextOffset).toBe(0)
  expect(cache.read({ ...all, offset: 0, maxBytes: 1 })?.nextOffset).toBe(1)
})
