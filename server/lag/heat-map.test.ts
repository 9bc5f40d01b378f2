import { describe, expect, test } from 'vitest'
import { intervalMsOf } from '../collector/interval.ts'
import { roundGauge } from '../metrics/series-codec.ts'
import { heatCells, ofTwiceSeconds, twiceSeconds } from './heat-cells.ts'
import { heatGrid } from './heat-map.ts'

const HOUR_MS = 3_600_000

describe('the columns', () => {
  test('are round, cover the whole range, and are about as many as asked for', () => {
    for (const spanMs of [HOUR_MS, 24 * HOUR_MS, 30 * 24 * HOUR_MS, 730 * 24 * HOUR_MS]) {
      const toMs = Date.UTC(2026, 3, 5, 6, 7, 8)
      const grid = heatGrid({ fromMs: toMs - spanMs, toMs, columns: 120 })
      expect(grid.columns).toBeLessThanOrEqual(121)
      expect(grid.columns).toBeGreaterThan(20)
      expect(grid.firstMs % grid.stepMs).toBe(0)
      expect(grid.firstMs - grid.stepMs).toBeLessThanOrEqual(toMs - spanMs)
      const lastMs = grid.firstMs + (grid.columns - 1) * grid.stepMs
      expect([lastMs >= toMs, lastMs - grid.stepMs < toMs]).toEqual([true, true])
    }
  })

  test('are never so narrow that a cycle leaves one of them empty', () => {
    const range = { fromMs: 0, toMs: HOUR_MS, columns: 120 }
    const stepOf = (partitions: number): number =>
      heatGrid({ ...range, stepMsMin: intervalMsOf(partitions, false) }).stepMs / 1_000
    expect([stepOf(300), stepOf(6_000), stepOf(40_000)]).toEqual([30, 30, 60])
  })
})

describe('a cell', () => {
  const grid = { firstMs: 10_000, stepMs: 10_000, columns: 4 }
  const numbers = (...values: number[]) => Float64Array.from(values)

  test('is the worst of its samples; one that ends a column belongs to it', () => {
    const cells = heatCells(
      {
        times: numbers(1_000, 10_000, 10_001, 20_000, 40_000, 40_001),
        values: numbers(5, 9, 7, Number.NaN, 3, 100),
        ranks: numbers(1, 2, 1, 5, 1, 4),
        isTime: false,
      },
      grid,
    )
    expect(cells).toEqual({ cells: [9, 7, null, 3], atLeast: [], verdicts: 'WS.O' })
  })

  test('tells a lower bound from an estimate', () => {
    const known = twiceSeconds({ estimateMs: 90_400, atLeastMs: 80_000, atMostMs: 95_000 })
    const open = twiceSeconds({ estimateMs: null, atLeastMs: 7_200_000, atMostMs: null })
    expect(ofTwiceSeconds(known)).toEqual({ ms: 90_000, isAtLeast: false })
    expect(ofTwiceSeconds(open)).toEqual({ ms: 7_200_000, isAtLeast: true })
    const samples = { times: numbers(10_000, 20_000), ranks: numbers(), isTime: true }
    expect(heatCells({ ...samples, values: numbers(known, open) }, grid)).toEqual({
      cells: [90_000, 7_200_000, null, null],
      atLeast: [1],
      verdicts: '....',
    })
  })

  test('is still a lower bound, or none, once it was stored, however long the lag', () => {
    for (let seconds = 1; seconds < 2 * 365 * 86_400; seconds = Math.ceil(seconds * 1.07)) {
      const atLeastMs = seconds * 1_000
      for (const estimateMs of [null, atLeastMs]) {
        const stored = roundGauge(twiceSeconds({ estimateMs, atLeastMs, atMostMs: null }))
        const { ms, isAtLeast } = ofTwiceSeconds(stored)
        expect(isAtLeast, `${seconds} s`).toBe(estimateMs === null)
        expect(ms).toBeLessThanOrEqual(atLeastMs)
        expect(ms).toBeGreaterThanOrEqual(atLeastMs * 0.998)
      }
    }
  })

  test('without any samples is empty', () => {
    const none = { times: numbers(), values: numbers(), ranks: numbers(), isTime: true }
    expect(heatCells(none, grid).cells).toEqual([null, null, null, null])
  })
})
