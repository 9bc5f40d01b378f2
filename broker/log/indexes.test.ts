import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OffsetIndex } from './offset-index.ts'
import { TimeIndex } from './time-index.ts'
import { TransactionIndex } from './transaction-index.ts'

test('offset index entries are relative offset and position, big endian', () => {
  const index = new OffsetIndex(1000)
  index.append(1007, 300)
  expect(index.unsaved()).toEqual({ bytes: Buffer.from('000000070000012c', 'hex'), position: 0 })
})

test('a lookup gives the last entry at or before the offset, as a walk over the entries does', () => {
  const steps = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 999 })),
  )
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 3000 }), (deltas, offset) => {
      const index = new OffsetIndex(10)
      const entries: { offset: number; position: number }[] = []
      let [last, position] = [10, 0]
      for (const [offsetDelta, positionDelta] of deltas) {
        last += offsetDelta
        position += positionDelta
        index.append(last, position)
        entries.push({ offset: last, position })
      }
      expect(index.lookup(offset)).toBe(entries.findLast((e) => e.offset <= offset)?.position ?? 0)
      const saved = new OffsetIndex(10, index.unsaved().bytes)
      expect(saved.count).toBe(entries.length)
      expect(saved.last()).toEqual(entries.at(-1) ?? null)
      index.truncate(offset, Number.POSITIVE_INFINITY)
      expect(index.count).toBe(entries.filter((e) => e.offset < offset).length)
    }),
  )
})

test('entries saved once are not saved again, truncated ones are forgotten', () => {
  const index = new OffsetIndex(0)
  index.append(5, 100)
  index.append(9, 200)
  index.markSaved(0, 16)
  expect(index.unsavedCount).toBe(0)
  index.truncate(6, 1000)
  index.append(7, 150)
  expect(index.unsaved()).toMatchObject({ position: 8 })
  expect(index.unsaved().bytes.toString('hex')).toBe('0000000700000096')
})

test('zeros that Apache Kafka leaves behind the last entry are not entries', () => {
  const filled = Buffer.alloc(80)
  filled.writeInt32BE(3, 0)
  filled.writeInt32BE(77, 4)
  expect(new OffsetIndex(0, filled).count).toBe(1)
  expect(new OffsetIndex(0, Buffer.alloc(80)).count).toBe(0)
  const times = Buffer.alloc(120)
  times.writeBigInt64BE(1700000000000n, 0)
  times.writeInt32BE(3, 8)
  expect(new TimeIndex(0, times).last()).toEqual({ timestampMs: 1700000000000, offset: 3 })
  expect(new TimeIndex(0, Buffer.alloc(120)).count).toBe(0)
})

test('an offset index that points behind its log is not sane', () => {
  const index = new OffsetIndex(100)
  expect(index.isSane(0)).toBe(true)
  index.append(120, 500)
  expect(index.isSane(501)).toBe(true)
  expect(index.isSane(500)).toBe(false)
})

test('the time index keeps strictly larger timestamps only', () => {
  const index = new TimeIndex(50)
  index.append({ timestampMs: -1, offset: 51 })
  index.append({ timestampMs: 1000, offset: 55 })
  index.append({ timestampMs: 1000, offset: 60 })
  index.append({ timestampMs: 900, offset: 61 })
  index.append({ timestampMs: 2000, offset: 70 })
  expect(index.count).toBe(2)
  expect(index.unsaved().bytes.toString('hex')).toBe(
    '00000000000003e80000000500000000000007d000000014',
  )
  expect([999, 1000, 1999, 2000, 9999].map((ms) => index.lookup(ms))).toEqual([50, 55, 55, 70, 70])
  index.truncate(70)
  expect(index.last()).toEqual({ timestampMs: 1000, offset: 55 })
})

test('aborted transactions are 34 bytes each and found by range', () => {
  const index = new TransactionIndex(0)
  index.append({ producerId: 7, firstOffset: 10, lastOffset: 20, lastStableOffset: 5 })
  index.append({ producerId: 8, firstOffset: 5, lastOffset: 40, lastStableOffset: 41 })
  const { bytes } = index.unsaved()
  expect(bytes.subarray(0, 34).toString('hex')).toBe(
    '0000' + '0000000000000007' + '000000000000000a' + '0000000000000014' + '0000000000000005',
  )
  const read = new TransactionIndex(0, bytes)
  expect([read.isSane(68), read.isSane(70), read.count]).toEqual([true, false, 2])
  const touching = (from: number, to: number) => {
    const found: { producerId: number }[] = []
    const isComplete = read.collect(from, to, found as never)
    return { ids: found.map(({ producerId }) => producerId), isComplete }
  }
  expect(touching(15, 25)).toEqual({ ids: [7, 8], isComplete: true })
  expect(touching(21, 41)).toEqual({ ids: [8], isComplete: true })
  expect(touching(41, 42)).toEqual({ ids: [], isComplete: false })
  read.truncate(40)
  expect([read.count, read.unsavedCount]).toEqual([1, 0])
})

test('a transaction index out of order, or of another version, is not sane', () => {
  const index = new TransactionIndex(100)
  index.append({ producerId: 1, firstOffset: 90, lastOffset: 99, lastStableOffset: 100 })
  expect(new TransactionIndex(100, index.unsaved().bytes).isSane(34)).toBe(false)
  const { bytes } = index.unsaved()
  bytes.writeInt16BE(1, 0)
  expect(new TransactionIndex(0, bytes).isSane(34)).toBe(false)
})
