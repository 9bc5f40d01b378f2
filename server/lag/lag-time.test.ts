import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { historyOf, lagMsOf, lagTimeOf, longestOf } from './lag-time.ts'

const at = (samples: readonly (readonly [t: number, end: number])[]) =>
  historyOf(
    samples.map(([t]) => t),
    samples.map(([, end]) => end),
  )

/** A log that only grows: times and end offsets, both from zero. */
const growing = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 500 })), {
    minLength: 2,
    maxLength: 60,
  })
  .map((steps) => {
    let [t, end] = [0, 0]
    const times = [t]
    const ends = [end]
    for (const [dt, records] of steps) {
      t += dt
      end += records
      times.push(t)
      ends.push(end)
    }
    return { times, ends, last: end, nowMs: t }
  })

describe('by hand', () => {
  const history = at([
    [0, 100],
    [10_000, 200],
    [20_000, 200],
    [30_000, 400],
  ])
  const now = { end: 400, nowMs: 30_000 }

  test('without lag it is zero', () => {
    expect(lagTimeOf(history, { ...now, committed: 400 })?.estimateMs).toBe(0)
    expect(lagTimeOf(history, { ...now, committed: 500 })?.estimateMs).toBe(0)
  })

  test('between two samples it is interpolated, and both are its bounds', () => {
    expect(lagTimeOf(history, { ...now, committed: 150 })).toEqual({
      estimateMs: 25_000,
      atLeastMs: 20_000,
      atMostMs: 30_000,
    })
  })

  test('while nothing was written the record that came next is what waits', () => {
    const time = lagTimeOf(history, { ...now, committed: 200 })
    expect(time).toEqual({ estimateMs: 10_000, atLeastMs: 0, atMostMs: 10_000 })
  })

  test('before the first sample there is a lower bound and no estimate', () => {
    const time = lagTimeOf(history, { ...now, committed: 50 })
    expect(time).toEqual({ estimateMs: null, atLeastMs: 30_000, atMostMs: null })
  })

  test('without any sample nothing is known', () => {
    expect(lagTimeOf(at([]), { committed: 1, end: 5, nowMs: 9 })).toBeNull()
  })

  test('a truncated log: what was before says nothing of the offsets since', () => {
    const cut = at([
      [0, 100],
      [10_000, 500],
      [20_000, 50],
      [30_000, 300],
    ])
    const read = (committed: number) => lagTimeOf(cut, { committed, end: 300, nowMs: 30_000 })
    expect(read(175)).toEqual({ estimateMs: 5_000, atLeastMs: 0, atMostMs: 10_000 })
    expect(read(20)).toEqual({ estimateMs: null, atLeastMs: 10_000, atMostMs: null })
  })

  test('a cycle without an answer widens the bounds, it moves nothing', () => {
    const holed = at([
      [0, 100],
      [10_000, Number.NaN],
      [20_000, 300],
    ])
    const time = lagTimeOf(holed, { committed: 200, end: 300, nowMs: 20_000 })
    expect(time).toEqual({ estimateMs: 10_000, atLeastMs: 0, atMostMs: 20_000 })
  })

  test('the longest of several, unknown ones left out', () => {
    const short = { estimateMs: 5, atLeastMs: 4, atMostMs: 6 }
    const open = { estimateMs: null, atLeastMs: 7, atMostMs: null }
    expect(longestOf([null, short, open])).toBe(open)
    expect(longestOf([null])).toBeNull()
    expect(lagMsOf(open)).toBe(7)
  })
})

describe('for every history', () => {
  test('the estimate lies between the two samples next to it', () => {
    fc.assert(
      fc.property(growing, fc.nat(), ({ times, ends, last, nowMs }, pick) => {
        if (last === 0) return
        const committed = pick % last
        const time = lagTimeOf(historyOf(times, ends), { committed, end: last, nowMs })
        const after = ends.findIndex((end) => end > committed)
        expect(time?.atLeastMs).toBe(nowMs - (times[after] ?? 0))
        expect(time?.atMostMs).toBe(nowMs - (times[after - 1] ?? 0))
        expect(time?.estimateMs).toBeGreaterThanOrEqual(time?.atLeastMs ?? 0)
        expect(time?.estimateMs).toBeLessThanOrEqual((time?.atMostMs ?? 0) + 1e-6)
      }),
    )
  })

  test('who has read more waits no longer', () => {
    fc.assert(
      fc.property(growing, fc.nat(), fc.nat(), ({ times, ends, last, nowMs }, a, b) => {
        const history = historyOf(times, ends)
        const [low, high] = [a % (last + 1), b % (last + 1)].sort((x, y) => x - y)
        const read = (committed = 0) =>
          lagTimeOf(history, { committed, end: last, nowMs })?.estimateMs ?? Number.NaN
        expect(read(high)).toBeLessThanOrEqual(read(low) + 1e-6)
      }),
    )
  })

  test('on a sample it is exact, and time passing adds itself', () => {
    fc.assert(
      fc.property(growing, fc.nat(), fc.nat(100_000), ({ times, ends, last, nowMs }, i, later) => {
        const committed = ends[i % ends.length] ?? 0
        if (committed === last) return
        const sampled = times[ends.lastIndexOf(committed)] ?? 0
        const read = (ms: number) =>
          lagTimeOf(historyOf(times, ends), { committed, end: last, nowMs: ms })?.estimateMs
        expect(read(nowMs)).toBeCloseTo(nowMs - sampled, 6)
        expect(read(nowMs + later)).toBeCloseTo(nowMs + later - sampled, 6)
      }),
    )
  })

  test('nothing before a fall of the end offset changes the answer', () => {
    fc.assert(
      fc.property(growing, growing, fc.nat(), (old, young, pick) => {
        if (young.last === 0) return
        const shift = old.nowMs + 1
        const base = young.ends.map((end) => end + 1)
        const times = [...old.times, ...young.times.map((t) => t + shift)]
        const ends = [...old.ends.map((end) => end + young.last + 2), ...base]
        const query = {
          committed: pick % young.last,
          end: young.last + 1,
          nowMs: times.at(-1) ?? 0,
        }
        const whole = lagTimeOf(historyOf(times, ends), query)
        const alone = lagTimeOf(historyOf(times.slice(old.times.length), base), query)
        expect(whole).toEqual(alone)
      }),
    )
  })
})
