import { expect, test } from 'vitest'
import { countExpired, type RetentionPolicy } from './retention.ts'

const segments = [0, 10, 20, 30].map((baseOffset, index) => ({
  baseOffset,
  endOffset: baseOffset + 10,
  sizeBytes: 100,
  largestTimestampMs: 1000 + index * 100,
}))

const policy: RetentionPolicy = {
  nowMs: 2000,
  retentionMs: -1,
  retentionBytes: -1,
  cleanupDelete: true,
  logStartOffset: 0,
  highWatermark: 40,
}

const count = (change: Partial<RetentionPolicy>, list = segments) =>
  countExpired(list, { ...policy, ...change })

test('nothing goes without a reason', () => {
  expect(count({})).toBe(0)
  expect(countExpired([], policy)).toBe(0)
})

test('segments go whose largest timestamp is older than retention.ms, the active one too', () => {
  expect(count({ retentionMs: 1000 })).toBe(0)
  expect(count({ retentionMs: 999 })).toBe(1)
  expect(count({ retentionMs: 850 })).toBe(2)
  expect(count({ retentionMs: 0 })).toBe(4)
  // A young segment keeps the older-stamped ones behind it.
  const mixed = segments.map((s, i) => (i === 1 ? { ...s, largestTimestampMs: 5000 } : s))
  expect(count({ retentionMs: 0 }, mixed)).toBe(1)
})

test('the oldest go while the rest is still at least retention.bytes', () => {
  expect(count({ retentionBytes: 400 })).toBe(0)
  expect(count({ retentionBytes: 301 })).toBe(0)
  expect(count({ retentionBytes: 300 })).toBe(1)
  expect(count({ retentionBytes: 150 })).toBe(2)
  expect(count({ retentionBytes: 0 })).toBe(4)
})

test('nothing above the high watermark goes, nor an empty active segment', () => {
  expect(count({ retentionMs: 0, highWatermark: 25 })).toBe(2)
  const empty = segments.map((s, i) => (i === 3 ? { ...s, sizeBytes: 0 } : s))
  expect(count({ retentionMs: 0 }, empty)).toBe(3)
})

test('segments wholly below the log start go, whatever the policy', () => {
  expect(count({ logStartOffset: 20, cleanupDelete: false })).toBe(2)
  expect(count({ logStartOffset: 19, cleanupDelete: false })).toBe(1)
  expect(count({ logStartOffset: 40, cleanupDelete: false })).toBe(3)
})

test('a compacted topic without delete keeps what is old', () => {
  expect(count({ retentionMs: 0, retentionBytes: 0, cleanupDelete: false })).toBe(0)
})
