import { describe, expect, test } from 'vitest'
import { chartRows, isLonePoint, nearestRow, topValue } from './rows.ts'
import type { ChartSeries } from './types.ts'

const bounds = { fromMs: 0, toMs: 100_000 }

const series = (name: string, values: readonly (number | null)[], stepMs = 100): ChartSeries => ({
  name,
  points: values.map((value, index) => ({ t: index * stepMs, value })),
})

describe('chartRows', () => {
  test('few points are drawn as they are', () => {
    const rows = chartRows({ series: [series('a', [1, 2, 3])], bounds, stepMs: 100, pixels: 50 })
    expect(rows).toEqual([
      { t: 0, s0: 1 },
      { t: 100, s0: 2 },
      { t: 200, s0: 3 },
    ])
  })

  test('never gives more than two rows a pixel', () => {
    const many = Array.from({ length: 1000 }, (_, index) => Math.sin(index))
    const rows = chartRows({ series: [series('a', many)], bounds, stepMs: 100, pixels: 100 })
    expect(rows.length).toBeLessThanOrEqual(200)
  })

  test('keeps the highest and the lowest value of every column', () => {
    const values = Array.from({ length: 1000 }, () => 5)
    values[333] = 900
    values[777] = -20
    const rows = chartRows({ series: [series('a', values)], bounds, stepMs: 100, pixels: 100 })
    const drawn = rows.map((row) => row.s0)
    expect(Math.max(...drawn.map((value) => value ?? 0))).toBe(900)
    expect(Math.min(...drawn.map((value) => value ?? 0))).toBe(-20)
  })

  test('a spike that rises and falls again is drawn in the order in which it came', () => {
    const values = Array.from({ length: 1000 }, () => 0)
    values[331] = 50
    const rows = chartRows({ series: [series('a', values)], bounds, stepMs: 100, pixels: 100 })
    const at = rows.findIndex((row) => row.s0 === 50)
    expect(rows[at - 1]?.s0).toBe(0)
    expect(rows[at + 1]?.s0).toBe(0)
  })

  test('a gap stays a gap, whether it is said or samples are missing', () => {
    const said = chartRows({
      series: [series('a', [1, null, 3])],
      bounds,
      stepMs: 100,
      pixels: 50,
    })
    expect(said[1]?.s0).toBeNull()
    const silent = chartRows({
      series: [
        {
          name: 'a',
          points: [
            { t: 0, value: 1 },
            { t: 1000, value: 2 },
          ],
        },
      ],
      bounds,
      stepMs: 100,
      pixels: 50,
    })
    expect(silent.map((row) => row.s0)).toEqual([1, null, 2])
  })

  test('series of one chart share their times, so that they can be stacked', () => {
    const a = series(
      'a',
      Array.from({ length: 1000 }, (_, index) => index),
    )
    const b = series(
      'b',
      Array.from({ length: 1000 }, (_, index) => 1000 - index),
    )
    const rows = chartRows({ series: [a, b], bounds, stepMs: 100, pixels: 100 })
    for (const row of rows)
      expect(typeof row.s0 === 'number' && typeof row.s1 === 'number').toBe(true)
  })

  test('points outside the range are not drawn', () => {
    const rows = chartRows({
      series: [
        {
          name: 'a',
          points: [
            { t: -5, value: 1 },
            { t: 5, value: 2 },
          ],
        },
      ],
      bounds,
      stepMs: 100,
      pixels: 50,
    })
    expect(rows).toEqual([{ t: 5, s0: 2 }])
  })

  test('eight series of a thousand points are reduced within a frame', () => {
    const all = Array.from({ length: 8 }, (_, at) =>
      series(
        String(at),
        Array.from({ length: 1000 }, (_, index) => index % (at + 2)),
      ),
    )
    const rows = chartRows({ series: all, bounds, stepMs: 100, pixels: 600 })
    expect(rows.length).toBeLessThanOrEqual(1200)
  })
})

test('the top is that of the sum where series are stacked', () => {
  const rows = [{ t: 0, s0: 2, s1: 3 }]
  expect(topValue(rows, 2, true)).toBe(5)
  expect(topValue(rows, 2, false)).toBe(3)
})

test('the nearest row is found from either side', () => {
  const rows = [{ t: 0 }, { t: 10 }, { t: 20 }]
  expect(nearestRow(rows, 4)?.t).toBe(0)
  expect(nearestRow(rows, 6)?.t).toBe(10)
  expect(nearestRow(rows, 99)?.t).toBe(20)
  expect(nearestRow([], 4)).toBeNull()
})

test('a value between two gaps stands alone, as does the only one', () => {
  const values = [1, null, 2, null, 3, 4]
  const rows = chartRows({ series: [series('a', values)], bounds, stepMs: 100, pixels: 50 })
  const lone = rows.flatMap((row, index) => (isLonePoint(rows, 0, index) ? [row.s0] : []))
  expect(lone).toEqual([1, 2])
  expect(isLonePoint([{ t: 0, s0: 7 }], 0, 0)).toBe(true)
  expect(isLonePoint([{ t: 0, s0: null }], 0, 0)).toBe(false)
})
