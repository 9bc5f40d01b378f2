import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withLagTimes } from './lag-history.ts'
import { historyOf, lagMsOf, lagTimeOf } from './lag-time.ts'

/** A log that grows and now and then is truncated; a cycle without an answer is NaN. */
const samples = fc
  .array(
    fc.record({
      written: fc.integer({ min: 0, max: 100 }),
      fate: fc.constantFrom('', '', '', '', '', '', 'cut', 'silent'),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let end = 1_000
    const ends = steps.map(({ written, fate }) => {
      end = fate === 'cut' ? Math.floor(end / 2) : end + written
      return fate === 'silent' ? Number.NaN : end
    })
    return { times: ends.map((_, i) => i * 10_000), ends }
  })

test('at every point it is what the samples up to that point say', () => {
  fc.assert(
    fc.property(samples, fc.nat(), ({ times, ends }, seed) => {
      const committedAt = (i: number): number => (seed * (i + 7)) % 1_400
      const points = times.flatMap((t, i) => {
        const end = ends[i]!
        if (Number.isNaN(end)) return []
        const lag = Math.max(0, end - committedAt(i))
        return [{ t, lag, committed: committedAt(i), end, lagMs: null, isAtLeast: false }]
      })
      const [found] = withLagTimes([{ partition: 0, points }], () => historyOf(times, ends))
      for (const point of found!.points) {
        const i = times.indexOf(point.t)
        const until = historyOf(times.slice(0, i + 1), ends.slice(0, i + 1))
        const { committed, end } = point
        const time = lagTimeOf(until, { committed: committed!, end: end!, nowMs: point.t })!
        expect(point.lagMs).toBe(Math.round(lagMsOf(time)))
        expect(point.isAtLeast).toBe(time.estimateMs === null)
      }
    }),
  )
})

test('the topic’s is the longest of its partitions; without samples there is none', () => {
  const point = (t: number, committed: number) => ({
    ...{ t, lag: 1, committed, end: 30, lagMs: null, isAtLeast: false },
  })
  const histories = [
    { partition: null, points: [point(20_000, 0)] },
    { partition: 0, points: [point(20_000, 10)] },
    { partition: 1, points: [point(20_000, 20)] },
    { partition: 2, points: [point(20_000, 0)] },
  ]
  const ends = historyOf([0, 10_000, 20_000], [10, 20, 30])
  const found = withLagTimes(histories, (partition) => (partition === 2 ? null : ends))
  expect(found.map(({ points }) => points[0]?.lagMs)).toEqual([20_000, 20_000, 10_000, null])
})
