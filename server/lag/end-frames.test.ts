import { expect, test } from 'vitest'
import { EndFrames, keptIndexes } from './end-frames.ts'
import { lagTimeOf } from './lag-time.ts'

const MINUTE_MS = 60_000
const topic = (...ends: number[]) => new Map(ends.map((end, partition) => [partition, end]))

test('two days of ten-second cycles fit some hundreds of frames, and bounds stay near', () => {
  const frames = new EndFrames()
  const cycles = 2 * 24 * 360
  for (let i = 0; i <= cycles; i++) frames.append(i * 10_000, new Map([['a', topic(i * 100)]]))
  expect(frames.length).toBeLessThan(400)
  const nowMs = cycles * 10_000
  for (const ageMs of [30_000, 10 * MINUTE_MS, 60 * MINUTE_MS, 47 * 60 * MINUTE_MS]) {
    const committed = ((nowMs - ageMs) / 10_000) * 100
    const at = { committed, end: cycles * 100, nowMs }
    const time = lagTimeOf(frames.historyOf('a', 0), at)
    expect(time?.estimateMs).toBeCloseTo(ageMs)
    expect((time?.atMostMs ?? 0) - (time?.atLeastMs ?? 0)).toBeLessThanOrEqual(
      Math.max(20_000, ageMs / 20),
    )
  }
})

test('a topic that comes later, and partitions that are added, have no history before', () => {
  const frames = new EndFrames()
  frames.append(0, new Map([['a', topic(10)]]))
  frames.append(
    10_000,
    new Map([
      ['a', topic(20, 5)],
      ['b', topic(7)],
    ]),
  )
  const ends = (key: string, partition: number) => {
    const history = frames.historyOf(key, partition)
    return Array.from({ length: history.length }, (_, i) => history.endAt(i))
  }
  expect(ends('a', 0)).toEqual([10, 20])
  expect(ends('a', 1)).toEqual([Number.NaN, 5])
  expect(ends('b', 0)).toEqual([Number.NaN, 7])
  expect(ends('none', 0)).toEqual([])
})

test('what a forgotten topic leaves is not taken for another one’s', () => {
  const frames = new EndFrames()
  frames.append(0, new Map([['a', topic(10)]]))
  frames.append(10_000, new Map([['b', topic(900)]]))
  const history = frames.historyOf('b', 0)
  expect(history.endAt(0)).toBeNaN()
  expect(frames.historyOf('a', 0).length).toBe(0)
})

test('a list of times is thinned alike: dense near now, the first and last always there', () => {
  const times = Array.from({ length: 3_000 }, (_, i) => i * MINUTE_MS)
  const nowMs = 3_000 * MINUTE_MS
  const kept = keptIndexes(times, nowMs)
  expect([kept[0], kept.at(-1)]).toEqual([0, 2_999])
  expect(kept.length).toBeLessThan(200)
  for (const [i, index] of kept.entries()) {
    const gapMs = (times[index] ?? 0) - (times[kept[i - 1] ?? 0] ?? 0)
    expect(gapMs).toBeLessThanOrEqual(Math.max(MINUTE_MS, (nowMs - (times[index] ?? 0)) / 12))
  }
})
