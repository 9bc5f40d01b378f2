import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import { entityOf } from '../metrics/fields.ts'
import { SampleStore } from '../metrics/store.ts'
import { openTestDatabase } from '../testing/database.ts'
import { LagPreparer } from './prepare.ts'
import { LagTracker, type TrackedGroup } from './tracker.ts'

const topicKeys = { t: 'key-of-t' }

/** One partition a pair of committed and end. */
function group(pairs: readonly (readonly [number | null, number])[], member = 0): TrackedGroup {
  const partitions = pairs.map(
    ([committed, end], i): PackedGroupPartition => ['t', i, committed, 0, end, member, null],
  )
  return { groupId: 'g', partitions, topicKeys }
}

function cycle(tracker: LagTracker, tMs: number, one: TrackedGroup) {
  const ends = new Map(one.partitions.map(([, partition, , , end]) => [partition, end ?? 0]))
  const lags = tracker.observe({ tMs, groups: [one], endsOf: () => ends })
  return lags.get('g')!
}

describe('from cycle to cycle', () => {
  test('a slow group: seconds of its worst partition, rates, a verdict, and no end in sight', () => {
    const tracker = new LagTracker()
    let last = cycle(
      tracker,
      0,
      group([
        [100, 100],
        [0, 0],
      ]),
    )
    expect(last.group).toMatchObject({ lagTime: { estimateMs: 0 }, verdict: 'OK' })
    for (let i = 1; i <= 30; i++) {
      last = cycle(
        tracker,
        i * 10_000,
        group([
          [100 + 10 * i, 100 + 20 * i],
          [5 * i, 5 * i],
        ]),
      )
    }
    // 100 + 300 was the end offset after half of the 300 s.
    expect(last.group).toMatchObject({
      lagTime: { estimateMs: 150_000 },
      verdict: 'WARN',
      worst: { topic: 't', partition: 0, verdict: 'WARN', lag: 300 },
      flow: { producerRate: 2.5, consumerRate: 1.5, windowMs: 300_000 },
      forecast: { kind: 'never' },
    })
    expect(last.partitions.map((one) => one?.verdict.verdict)).toEqual(['WARN', 'OK'])
  })

  test('its consumer gone: STOP, and the group is in error', () => {
    const tracker = new LagTracker()
    for (let i = 0; i <= 12; i++) cycle(tracker, i * 10_000, group([[10 * i, 50 + 20 * i]]))
    let last = cycle(tracker, 130_000, group([[120, 310]], -1))
    expect(last.group.verdict).toBe('WARN')
    for (let i = 14; i <= 30; i++) last = cycle(tracker, i * 10_000, group([[120, 310]], -1))
    expect(last.group).toMatchObject({
      verdict: 'ERR',
      worst: { verdict: 'STOP', reason: 'no-commit', sinceMs: 120_000, lag: 190 },
      forecast: { kind: 'never' },
    })
    expect(last.group.lagTime?.estimateMs).toBeGreaterThan(190_000)
  })

  test('a partition without a commit is in no figure', () => {
    const lag = cycle(new LagTracker(), 0, group([[null, 50]]))
    expect(lag.partitions).toEqual([null])
    expect(lag.group).toMatchObject({ lagTime: null, verdict: null, worst: null })
  })

  test('a rewind and a new partition are no rate', () => {
    const tracker = new LagTracker()
    for (let i = 0; i < 20; i++) cycle(tracker, i * 10_000, group([[1_000 + i, 2_000]]))
    const back = cycle(tracker, 200_000, group([[5, 2_000]]))
    expect(back.group.flow.consumerRate).toBeNull()
    expect(back.group.verdict).toBe('ERR')
    const more = cycle(
      tracker,
      210_000,
      group([
        [5, 2_000],
        [0, 9_000],
      ]),
    )
    expect(more.group.flow).toMatchObject({ producerRate: null, windowMs: 0 })
  })

  test('a re-created topic begins anew', () => {
    const tracker = new LagTracker()
    for (let i = 0; i < 20; i++) cycle(tracker, i * 10_000, group([[500 + i, 900]]))
    const other = { ...group([[1, 3]]), topicKeys: { t: 'another' } }
    const lag = cycle(tracker, 200_000, other)
    expect(lag.partitions[0]?.verdict).toMatchObject({ reason: 'too-few-commits', commits: 1 })
    expect(lag.group.lagTime).toEqual({ estimateMs: null, atLeastMs: 0, atMostMs: null })
  })
})

describe('after a restart', () => {
  let testing: Awaited<ReturnType<typeof openTestDatabase>>
  beforeEach(async () => {
    testing = await openTestDatabase()
  })
  afterEach(() => testing.close())

  test('verdict, rates and seconds are what they would be without it', async () => {
    const startMs = Date.UTC(2026, 0, 1)
    const store = await SampleStore.open(testing.db, 'c', startMs)
    const whole = new LagTracker()
    const at = (i: number) => group([[1_000 + 10 * i, 3_000 + 20 * i]])
    for (let i = 0; i < 60; i++) {
      const tMs = startMs + i * 10_000
      cycle(whole, tMs, at(i))
      const [, , committed, , end] = at(i).partitions[0]!
      await store.append({
        clusterId: 'c',
        tMs,
        entities: [
          {
            entity: entityOf.topic('key-of-t'),
            family: 'log',
            samples: [{ field: 'logEndOffset', sub: 0, value: end! }],
          },
          {
            entity: entityOf.groupTopic('g', 'key-of-t'),
            family: 'offsets',
            samples: [{ field: 'committedOffset', sub: 0, value: committed! }],
          },
        ],
      })
    }
    const fresh = new LagTracker()
    const preparer = new LagPreparer(testing.db, 'c', fresh)
    const next = async (i: number) => {
      const nowMs = startMs + i * 10_000
      await preparer.prepare(() => [at(i)], nowMs)
      return [cycle(fresh, nowMs, at(i)), cycle(whole, nowMs, at(i))]
    }
    const [first, same] = await next(60)
    expect(first?.group.verdict).toBe('WARN')
    expect(first?.group.worst).toEqual(same?.group.worst)
    expect(first?.group.flow).toEqual(same?.group.flow)
    // What is older than the process is asked for once it turns out to be needed.
    expect(first?.group.lagTime?.estimateMs).toBeNull()
    const [second, still] = await next(61)
    // Lag of 2,610 at 2 records a second: before the first sample.
    expect(second?.group.lagTime).toEqual(still?.group.lagTime)
    const caughtUp = (i: number) => group([[3_900 + i, 3_000 + 20 * i]])
    const tMs = startMs + 62 * 10_000
    const [a, b] = [cycle(fresh, tMs, caughtUp(62)), cycle(whole, tMs, caughtUp(62))]
    expect(a.group.lagTime?.estimateMs).toBeCloseTo(b.group.lagTime?.estimateMs ?? 0, -4)
    expect(a.group.lagTime?.atMostMs).not.toBeNull()
  })
})
