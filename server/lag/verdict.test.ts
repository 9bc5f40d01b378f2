import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PartitionVerdict, WorstPartition } from '../../contracts/lag.ts'
import { groupVerdictOf, PartitionWatch, rankOf, verdictOfRank, worstOf } from './verdict.ts'

const CYCLE_MS = 10_000
type Sample = readonly [committed: number, end: number | null]

function judged(samples: readonly Sample[], isOwned = true, spacingMs = CYCLE_MS) {
  const watch = new PartitionWatch()
  for (const [i, [committed, end]] of samples.entries()) {
    watch.observe({ tMs: i * spacingMs, committed, end })
  }
  return watch.judge({ nowMs: (samples.length - 1) * spacingMs, isOwned })
}
/** `count` cycles: position and end of cycle i. */
const cycles = (count: number, at: (i: number) => Sample): Sample[] =>
  Array.from({ length: count }, (_, i) => at(i))

describe('transcripts', () => {
  test('OK: it has read everything', () => {
    expect(
      judged([
        [5, 9],
        [9, 9],
      ]),
    ).toMatchObject({ verdict: 'OK', reason: 'no-lag' })
  })

  test('OK: lag was zero within the window, however much it is now', () => {
    const samples = cycles(8, (i) => [100 * i, i === 3 ? 300 : 100 * i + 50 * i])
    expect(judged(samples)).toMatchObject({
      verdict: 'OK',
      reason: 'lag-was-zero',
      sinceMs: 30_000,
    })
  })

  test('OK: behind, and catching up', () => {
    const samples = cycles(12, (i) => [100 * i, 5_000 + 80 * i])
    expect(judged(samples)).toMatchObject({ verdict: 'OK', reason: 'lag-fell' })
  })

  test('WARN: ten commits, and lag fell after none of them', () => {
    const samples = cycles(12, (i) => [100 * i, 1_000 + 130 * i])
    expect(judged(samples)).toEqual({
      verdict: 'WARN',
      reason: 'lag-never-fell',
      sinceMs: 20_000,
      lag: 1_330,
      lagThen: 1_060,
      from: null,
      commits: 10,
    })
  })

  test('not known: it falls behind, but fewer than ten commits were seen', () => {
    const samples = cycles(6, (i) => [100 * i, 1_000 + 130 * i])
    expect(judged(samples)).toMatchObject({
      verdict: null,
      reason: 'too-few-commits',
      commits: 6,
    })
  })

  const stuck = [
    ...cycles(10, (i): Sample => [100 * i, 1_000 + 130 * i]),
    ...cycles(12, (i): Sample => [900, 2_300 + 130 * i]),
  ]

  test('STALL: the position stands though a member owns the partition', () => {
    expect(judged(stuck)).toMatchObject({
      verdict: 'STALL',
      reason: 'no-commit-owned',
      sinceMs: 90_000,
      lag: 2_830,
    })
  })

  test('STOP: no commit for longer than the last ten took, and nobody owns it', () => {
    expect(judged(stuck, false)).toMatchObject({
      verdict: 'STOP',
      reason: 'no-commit',
      sinceMs: 90_000,
    })
    expect(judged(stuck.slice(0, 18), false).verdict).toBe('WARN')
  })

  test('STOP: left alone with lag since before we looked', () => {
    expect(
      judged(
        cycles(10, () => [5, 50]),
        false,
      ).verdict,
    ).toBeNull()
    expect(
      judged(
        cycles(11, () => [5, 50]),
        false,
      ).verdict,
    ).toBe('STOP')
  })

  test('a slow committer is given its own rhythm: a pause as long as the others is none', () => {
    const every = (i: number): Sample => [1_000 * Math.floor(i / 12), 20_000 + 100 * i]
    expect(judged(cycles(12 * 10 + 11, every), false)).toMatchObject({ commits: 10 })
    expect(judged(cycles(12 * 10 + 11, every), false).verdict).not.toBe('STOP')
  })

  test('idle for hours, then one record: waiting counts from that record', () => {
    const idle = [
      ...cycles(15, (i): Sample => [100 * i, 100 * i + 10]),
      ...cycles(700, (): Sample => [1_410, 1_410]),
      [1_410, 1_411] as Sample,
    ]
    expect(judged(idle, false).verdict).toBe('OK')
    const waited = [...idle, ...cycles(20, (): Sample => [1_410, 1_411])]
    expect(judged(waited, false).verdict).toBe('STOP')
  })

  test('idle time is no part of the rhythm', () => {
    const rare = cycles(2_000, (i): Sample => {
      const read = Math.floor(i / 200)
      return [read, i % 200 === 199 ? read + 1 : read]
    })
    const stopped = cycles(25, (): Sample => [9, 40])
    expect(judged([...rare, ...stopped], false).verdict).toBe('STOP')
  })

  test('REWIND: it went back and has not been where it was since', () => {
    const samples = [
      ...cycles(8, (i): Sample => [100 * i, 1_000]),
      [200, 1_000] as Sample,
      [300, 1_000] as Sample,
    ]
    expect(judged(samples)).toMatchObject({
      verdict: 'REWIND',
      reason: 'went-back',
      from: 700,
      sinceMs: 80_000,
    })
    expect(judged([...samples, [700, 1_000]]).verdict).toBe('OK')
  })

  test('REWIND comes before STALL, STOP before REWIND', () => {
    const back = [
      ...cycles(5, (i): Sample => [100 * i, 1_000]),
      ...cycles(20, (): Sample => [50, 1_000]),
    ]
    expect(judged(back, true).verdict).toBe('REWIND')
    expect(judged(back, false).verdict).toBe('STOP')
  })

  test('not known: the leader does not answer', () => {
    expect(
      judged([
        [5, 9],
        [6, null],
      ]),
    ).toMatchObject({ verdict: null, reason: 'no-end' })
  })

  test('a truncated topic is no lag', () => {
    expect(
      judged([
        [500, 600],
        [500, 100],
      ]),
    ).toMatchObject({ verdict: 'OK', reason: 'no-lag' })
  })
})

/**
 * The published rules over a whole transcript, with nothing remembered: the last ten commits,
 * each with its lag and how long records had waited for it.
 */
function byTheRules(samples: readonly Sample[], isOwned: boolean): PartitionVerdict['verdict'] {
  const time = (i: number): number => i * CYCLE_MS
  const lagAt = (i: number): number | null => {
    const [committed, end] = samples[i]!
    return end === null ? null : Math.max(0, end - committed)
  }
  const known = (i: number): number => lagAt(i) ?? (i === 0 ? 0 : (lagAt(i - 1) ?? 0))
  const indexes = samples.map((_, i) => i)
  const changes = indexes.filter((i) => i === 0 || samples[i]![0] !== samples[i - 1]![0])
  const zeros = indexes.filter((i) => lagAt(i) === 0)
  const lastBefore = (list: readonly number[], i: number): number =>
    list.filter((j) => j < i).at(-1) ?? -1
  const waited = (i: number): number =>
    time(i) - time(Math.max(lastBefore(changes, i), lastBefore(zeros, i)))
  const window = changes.slice(-10)
  const now = samples.length - 1
  const lag = lagAt(now)
  if (lag === null) return null
  if (lag === 0) return 'OK'
  const since = Math.max(window.at(-1)!, zeros.at(-1) ?? -1)
  const windowMs = window.slice(1).reduce((sum, i) => sum + waited(i), 0)
  const isSilent = now - since >= 10 && time(now) - time(since) > windowMs
  if (isSilent && !isOwned) return 'STOP'
  const offsets = window.map((i) => samples[i]![0])
  for (let i = 1; i < offsets.length; i++) {
    const before = offsets[i - 1]!
    if (offsets[i]! < before && !offsets.slice(i).some((offset) => offset >= before)) {
      return 'REWIND'
    }
  }
  if (isSilent) return 'STALL'
  if (zeros.some((i) => i >= window[0]!)) return 'OK'
  const lags = window.map(known)
  if (lags.some((value, i) => i > 0 && value < lags[i - 1]!)) return 'OK'
  return window.length < 10 ? null : 'WARN'
}

test('for every transcript the same as the rules say', () => {
  const step = fc.record({
    read: fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 30 }) },
      { weight: 1, arbitrary: fc.integer({ min: -60, max: -1 }) },
    ),
    written: fc.integer({ min: 0, max: 30 }),
    stays: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) },
    ),
    isAnswered: fc.boolean(),
  })
  const transcript = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 25 }),
    isSlow: fc.boolean(),
  })
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(transcript, fc.boolean(), ({ steps, isSlow }, isOwned) => {
      let [committed, end] = [100, 150]
      const samples: Sample[] = []
      for (const { read, written, stays, isAnswered } of steps) {
        end += isSlow ? Math.abs(read) + written : written
        committed = Math.max(0, Math.min(end, committed + read))
        // Two cycles without an answer in a row leave nothing to compare by.
        const isKnown = isAnswered || samples.at(-1)?.[1] === null || samples.length === 0
        samples.push([committed, isKnown ? end : null])
        for (let i = 0; i < stays; i++) samples.push([committed, end])
      }
      const verdict = judged(samples, isOwned).verdict
      seen.set(String(verdict), (seen.get(String(verdict)) ?? 0) + 1)
      expect(verdict).toBe(byTheRules(samples, isOwned))
    }),
    { numRuns: 3_000, seed: 5 },
  )
  expect([...seen.keys()].sort()).toEqual(['OK', 'REWIND', 'STALL', 'STOP', 'WARN', 'null'])
})

describe('a group', () => {
  const of = (verdict: PartitionVerdict['verdict'], lag: number): WorstPartition => ({
    topic: 't',
    partition: lag,
    verdict,
    reason: 'no-lag',
    sinceMs: null,
    lag,
    lagThen: null,
    from: null,
    commits: 1,
  })

  test('is as its worst partition, the larger lag first', () => {
    const worst = worstOf([of('OK', 9), of('STALL', 1), of('STALL', 5), of(null, 100)])
    expect(worst).toMatchObject({ verdict: 'STALL', lag: 5 })
    expect(worstOf([of('OK', 9), of(null, 1)])?.verdict).toBeNull()
    expect(worstOf([])).toBeNull()
  })

  test('is in error when any partition stopped, stalls or went back', () => {
    const all = [null, 'OK', 'WARN', 'REWIND', 'STALL', 'STOP'] as const
    expect(all.map(groupVerdictOf)).toEqual([null, 'OK', 'WARN', 'ERR', 'ERR', 'ERR'])
    expect(all.map((one) => verdictOfRank(rankOf(one)))).toEqual([...all])
  })
})
