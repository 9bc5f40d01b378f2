import { expect, test } from 'vitest'
import { parseTimeRange, resolveTimeRange, serializeTimeRange, timeTicks } from './time-range.ts'

test('a range survives the URL', () => {
  for (const text of ['15m', '48h', '1763715600000-1763719200000']) {
    const range = parseTimeRange(text)
    expect(range && serializeTimeRange(range)).toBe(text)
  }
})

test('a range that makes no sense is refused', () => {
  for (const text of ['', '2h', '5-1', '1763719200000-1763715600000', 'a-b']) {
    expect(parseTimeRange(text)).toBeNull()
  }
})

test('a relative range ends at the next full step, so that queries settle', () => {
  const { fromMs, toMs, stepMs } = resolveTimeRange({ kind: 'relative', range: '1h' }, 1_234_567)
  expect(stepMs).toBe(10_000)
  expect(toMs).toBe(1_240_000)
  expect(toMs - fromMs).toBe(3_600_000)
})

test('two days are asked for in no more than 500 points', () => {
  const { fromMs, toMs, stepMs } = resolveTimeRange({ kind: 'relative', range: '48h' }, 1e12)
  expect((toMs - fromMs) / stepMs).toBeLessThanOrEqual(500)
})

test("ticks are round on the reader's wall clock", () => {
  const ticks = timeTicks({ fromMs: 0, toMs: 86_400_000 }, 6, 5.5 * 3_600_000)
  expect(ticks.length).toBeLessThanOrEqual(7)
  for (const tick of ticks) expect(((tick + 5.5 * 3_600_000) % 14_400_000) % 3_600_000).toBe(0)
})
