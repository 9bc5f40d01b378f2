import { describe, expect, test } from 'vitest'
import { formatExact, formatUnit, logTicks, niceTicks } from './format-number.ts'

const NB = ' '

describe('formatUnit', () => {
  test('keeps counts below ten thousand exact', () => {
    expect(formatUnit(1203, 'count', 'en').text).toBe('1,203')
    expect(formatUnit(9999, 'records', 'en').text).toBe('9,999')
  })

  test('shortens larger counts and keeps the exact value beside', () => {
    expect(formatUnit(12_412, 'count', 'en')).toEqual({ text: `12.4${NB}k`, exact: '12,412' })
    expect(formatUnit(3_000_000, 'count', 'en').text).toBe(`3${NB}M`)
  })

  test('does not write 1,000 k for almost a million', () => {
    expect(formatUnit(999_990, 'count', 'en').text).toBe(`1${NB}M`)
  })

  test('counts bytes in powers of 1024', () => {
    expect(formatUnit(1536, 'bytes', 'en').text).toBe(`1.5${NB}KB`)
    expect(formatUnit(8.1 * 1024 ** 2, 'bytesPerSecond', 'en').text).toBe(`8.1${NB}MB/s`)
    expect(formatUnit(512, 'bytes', 'en').text).toBe(`512${NB}B`)
  })

  test('writes rates with what they are over', () => {
    expect(formatUnit(120.4, 'recordsPerSecond', 'en').text).toBe('120/s')
    expect(formatUnit(0.25, 'recordsPerSecond', 'en').text).toBe('0.25/s')
  })

  test('writes milliseconds up to a second, then seconds', () => {
    expect(formatUnit(4.25, 'ms', 'en').text).toBe(`4.25${NB}ms`)
    expect(formatUnit(950, 'ms', 'en').text).toBe(`950${NB}ms`)
    expect(formatUnit(12_000, 'ms', 'en').text).toBe(`12${NB}s`)
  })

  test('offsets are always written in full', () => {
    expect(formatUnit(1_234_567, 'offset', 'en').text).toBe('1,234,567')
  })

  test('zero is zero, in every unit', () => {
    expect(formatUnit(0, 'bytes', 'en').text).toBe(`0${NB}B`)
    expect(formatUnit(0, 'ms', 'en').text).toBe(`0${NB}ms`)
    expect(formatUnit(0, 'count', 'en').text).toBe('0')
  })

  test('offsets beyond 2^31 keep every digit in the exact text', () => {
    expect(formatExact(9_007_199_254_740_991, 'en')).toBe('9,007,199,254,740,991')
  })
})

describe('niceTicks', () => {
  test('starts at 0 and reaches over the top', () => {
    for (const top of [0.003, 1, 7, 99, 1203, 5e6]) {
      const ticks = niceTicks(top, 'recordsPerSecond')
      expect(ticks[0]).toBe(0)
      expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(top * 0.9999)
      expect(ticks.length).toBeLessThanOrEqual(7)
    }
  })

  test('steps of bytes are round in powers of 1024', () => {
    expect(niceTicks(8 * 1024 ** 2, 'bytes')[1]).toBe(2 * 1024 ** 2)
  })

  test('no step of bytes needs more than a half in the unit that it is named by', () => {
    for (let top = 1; top < 5 * 1024 ** 4; top *= 1.07) {
      for (const tick of niceTicks(top, 'bytes')) {
        expect(formatUnit(tick, 'bytes', 'en').text).toMatch(/^(\d{1,3}|\d\.5)\s[KMGT]?B$|^0\.\d/)
      }
    }
    expect(niceTicks(2.6 * 1024 ** 2, 'bytes')).toEqual([0, 1, 2, 3].map((mb) => mb * 1024 ** 2))
  })

  test('records are never cut in halves', () => {
    expect(niceTicks(2, 'records')).toEqual([0, 1, 2])
  })

  test('nothing to draw still gives an axis', () => {
    expect(niceTicks(0, 'ms').length).toBeGreaterThan(1)
    expect(niceTicks(Number.NaN, 'ms')[0]).toBe(0)
  })
})

test('ticks of a log scale are whole powers around the values, six at most', () => {
  expect(logTicks(3, 4_000, 'records')).toEqual([1, 10, 100, 1_000, 10_000])
  expect(logTicks(100, 1_000, 'ms')).toEqual([100, 1_000])
  expect(logTicks(0.02, 0.5, 'ms')).toEqual([0.01, 0.1, 1])
  expect(logTicks(1e-9, 1e6, 'records')).toEqual([10, 100, 1_000, 10_000, 100_000, 1_000_000])
  expect(logTicks(2_000, 2_000_000, 'bytes')).toEqual([1_024, 32_768, 1_048_576, 33_554_432])
  expect(logTicks(Number.POSITIVE_INFINITY, 0, 'records')).toEqual([1, 10])
})
