import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FlowPoint, FORECAST_MAX_MS, flowOf, forecastOf } from './forecast.ts'

/** Ten seconds apart: `written` and `read` records a second from `lag` on. */
function run(count: number, shape: { lag: number; written: number; read: number }): FlowPoint[] {
  return Array.from({ length: count }, (_, i) => {
    const produced = shape.written * 10 * i
    const consumed = Math.min(shape.read * 10 * i, shape.lag + produced)
    return { tMs: i * 10_000, produced, consumed, lag: shape.lag + produced - consumed }
  })
}

describe('rates', () => {
  test('are over the points there are, and their window is told', () => {
    expect(flowOf(run(31, { lag: 500, written: 12, read: 10 }))).toEqual({
      producerRate: 12,
      consumerRate: 10,
      windowMs: 300_000,
    })
  })

  test('are not known from one point', () => {
    expect(flowOf(run(1, { lag: 0, written: 1, read: 1 })).producerRate).toBeNull()
    expect(flowOf([]).consumerRate).toBeNull()
  })
})

describe('the forecast', () => {
  test('says when it drains if the rate is even', () => {
    const points = run(31, { lag: 10_000, written: 10, read: 30 })
    // 4,000 records are left, 20 a second fewer each.
    expect(forecastOf(points)).toEqual({ kind: 'drains', atLeastMs: 200_000, atMostMs: 200_000 })
  })

  test('is a range when it is not', () => {
    const slow = run(16, { lag: 10_000, written: 10, read: 20 })
    const at = slow.at(-1)!
    const fast = run(16, { lag: at.lag, written: 10, read: 40 }).slice(1)
    const points = [
      ...slow,
      ...fast.map((p) => ({
        tMs: at.tMs + p.tMs,
        produced: at.produced + p.produced,
        consumed: at.consumed + p.consumed,
        lag: p.lag,
      })),
    ]
    const { atLeastMs, atMostMs, kind } = forecastOf(points)
    const left = points.at(-1)!.lag
    expect([kind, atLeastMs, atMostMs]).toEqual([
      'drains',
      Math.round((left / 30) * 1_000),
      Math.round((left / 10) * 1_000),
    ])
  })

  test('is never when lag grows, or nothing is read', () => {
    expect(forecastOf(run(31, { lag: 100, written: 30, read: 20 })).kind).toBe('never')
    expect(forecastOf(run(31, { lag: 100, written: 0, read: 0 })).kind).toBe('never')
  })

  test('is steady when lag only moves within what is written between two samples', () => {
    const points = run(31, { lag: 0, written: 24, read: 24 }).map((point, i) => {
      const waiting = [0, 90, 15, 200, 40][i % 5] ?? 0
      return { ...point, consumed: point.consumed - waiting, lag: waiting }
    })
    expect(forecastOf(points.slice(0, 30)).kind).toBe('steady')
    expect(forecastOf(points.slice(1, 29)).kind).toBe('steady')
  })

  test('is steady when the lag stands, and caught-up without any', () => {
    expect(forecastOf(run(31, { lag: 100_000, written: 20, read: 20 })).kind).toBe('steady')
    expect(forecastOf(run(31, { lag: 100, written: 20, read: 40 })).kind).toBe('caught-up')
  })

  test('is not known from a few points', () => {
    expect(forecastOf(run(5, { lag: 1_000, written: 0, read: 9 })).kind).toBe('unknown')
  })

  test('is never a giant number, and its bounds are in order', () => {
    const point = fc.record({
      written: fc.integer({ min: 0, max: 1_000 }),
      read: fc.integer({ min: 0, max: 1_000 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000_000 }),
        fc.array(point, { minLength: 1, maxLength: 40 }),
        (lag, steps) => {
          const points: FlowPoint[] = [{ tMs: 0, produced: 0, consumed: 0, lag }]
          for (const { written, read } of steps) {
            const last = points.at(-1)!
            const taken = Math.min(read, last.lag + written)
            points.push({
              tMs: last.tMs + 10_000,
              produced: last.produced + written,
              consumed: last.consumed + taken,
              lag: last.lag + written - taken,
            })
          }
          const { kind, atLeastMs, atMostMs } = forecastOf(points)
          expect(kind === 'drains').toBe(atLeastMs !== null)
          expect(atLeastMs ?? 0).toBeLessThanOrEqual(FORECAST_MAX_MS)
          expect(atMostMs ?? FORECAST_MAX_MS).toBeLessThanOrEqual(FORECAST_MAX_MS)
          expect(atLeastMs ?? 0).toBeLessThanOrEqual(atMostMs ?? FORECAST_MAX_MS)
          if (kind === 'drains') expect(points.at(-1)!.lag).toBeLessThan(points[0]!.lag)
        },
      ),
    )
  })
})
