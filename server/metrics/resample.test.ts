import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lagHistory } from './lag.ts'
import type { SampleTable } from './read.ts'
import { chooseStepMs, makeGrid, onGrid, POINTS_MAX, ratesOf, toPoints } from './resample.ts'

const times = (...seconds: number[]): Float64Array => Float64Array.from(seconds, (s) => s * 1000)

test('a range never gives more points than a chart takes', () => {
  const span = fc.integer({ min: 1, max: 48 * 3_600_000 })
  const step = fc.option(fc.integer({ min: 1000, max: 600_000 }), { nil: undefined })
  fc.assert(
    fc.property(span, step, (toMs, stepMs) => {
      const chosen = chooseStepMs({ fromMs: 0, toMs, stepMs })
      expect(toMs / chosen).toBeLessThanOrEqual(POINTS_MAX)
    }),
  )
  expect(chooseStepMs({ fromMs: 0, toMs: 15 * 60_000, stepMs: 10_000 })).toBe(10_000)
})

test('a rate is per second between samples, and unknown where a counter restarts', () => {
  const t = times(0, 10, 20, 30, 40)
  const grid = makeGrid(t, 5_000)
  const values = [100, 200, 400, 50, 150]
  expect([...ratesOf(grid, { times: t, values })]).toEqual([Number.NaN, 10, 20, Number.NaN, 10])
})

test('coarse points take the last sample of their step', () => {
  const t = times(10, 20, 30, 40, 50, 60)
  const grid = makeGrid(t, 30_000)
  expect(grid.points.map((p) => p.t / 1000)).toEqual([30, 60])
  expect([...onGrid(grid, Float64Array.from([1, 2, 3, 4, 5, 6]), 'last')]).toEqual([3, 6])
  expect([...onGrid(grid, Float64Array.from([1, 2, 3, 4, 5, 6]), 'max')]).toEqual([3, 6])
  expect([...onGrid(grid, Float64Array.from([1, 2, 3, 4, 5, 6]), 'mean')]).toEqual([2, 5])
})

test('a gap is a gap: a point without value, and no rate across it', () => {
  const t = times(0, 10, 20, 300, 310)
  const grid = makeGrid(t, 5_000)
  const values = Float64Array.from([0, 10, 20, 300, 310])
  expect(toPoints(grid, values).map((p) => p.value)).toEqual([0, 10, 20, null, 300, 310])
  expect([...ratesOf(grid, { times: t, values })]).toEqual([Number.NaN, 1, 1, Number.NaN, 1])
})

function table(
  t: Float64Array,
  field: 'committedOffset' | 'logEndOffset',
  bySub: Record<number, number[]>,
): SampleTable {
  const series = Object.entries(bySub).map(([sub, values]) => ({
    field,
    sub: Number(sub),
    values: Float64Array.from(values),
  }))
  return { times: t, series }
}

test('lag is per partition and in total; no commit has no lag, a lost leader keeps its end', () => {
  const t = times(0, 10, 20)
  const nan = Number.NaN
  const group = table(t, 'committedOffset', { 0: [5, 6, 7], 1: [nan, 10, 10] })
  const topic = table(t, 'logEndOffset', { 0: [10, 10, 10], 1: [20, 20, nan], 2: [9, 9, 9] })
  const [total, first, second] = lagHistory(group, topic, 5_000)
  expect(total?.points.map((p) => p.lag)).toEqual([5, 14, 13])
  expect(first?.points.map((p) => p.lag)).toEqual([5, 4, 3])
  expect(second?.points.map((p) => [p.lag, p.committed, p.end])).toEqual([
    [null, null, null],
    [10, 10, 20],
    [10, 10, 20],
  ])
})

test('lag is never negative, whatever was committed', () => {
  const offset = fc.nat(1000)
  const row = fc.array(offset, { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(row, row, (committed, end) => {
      const t = times(0, 10, 20, 30, 40)
      const group = table(t, 'committedOffset', { 0: committed })
      const topic = table(t, 'logEndOffset', { 0: end })
      for (const { points } of lagHistory(group, topic, 5_000)) {
        for (const point of points) expect(point.lag).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})
