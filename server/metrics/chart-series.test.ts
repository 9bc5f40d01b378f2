import { describe, expect, test } from 'vitest'
import { openTestDatabase } from '../testing/database.ts'
import type { BeanLine, BeanSeries } from './catalogue/types.ts'
import { overBrokers, readLines } from './chart-series.ts'
import { entityOf } from './fields.ts'
import { withoutSeams } from './resample.ts'
import { SampleStore } from './store.ts'

const series = (slot: number, stored: 'counter' | 'gauge'): BeanSeries => ({
  family: 'server',
  slot,
  mbean: 'd:type=T',
  attribute: 'a',
  stored,
})
const point = (t: number, value: number | null) => ({ t, value })
const line = (over: BeanLine['over']): BeanLine => ({
  id: 'x',
  series: series(1, 'gauge'),
  show: 'level',
  over,
})

describe('one figure of all brokers', () => {
  const byBroker = new Map([
    [1, [point(10, 4), point(20, 6)]],
    [2, [point(10, 8), point(20, null)]],
  ])

  test('is their sum, their largest or their mean, of those that have one', () => {
    const found = new Map([['x', byBroker]])
    expect(overBrokers(found, line('sum'), 10)).toEqual([point(10, 12), point(20, 6)])
    expect(overBrokers(found, line('max'), 10)).toEqual([point(10, 8), point(20, 6)])
    expect(overBrokers(found, line('mean'), 10)).toEqual([point(10, 6), point(20, 6)])
  })

  test('counts a latency as often as each broker was asked, and all alike where none was', () => {
    const weights = new Map([
      [1, [point(10, 3), point(20, 0)]],
      [2, [point(10, 1), point(20, 5)]],
    ])
    const found = new Map([
      ['x', byBroker],
      ['weight of x', weights],
    ])
    expect(overBrokers(found, line('weighted'), 10)).toEqual([point(10, 5), point(20, 6)])
  })

  test('a gap of one broker breaks no line while others were read; a gap of all does', () => {
    const points = [point(10, 1), point(15, null), point(20, 2), point(30, null), point(90, 3)]
    expect(withoutSeams(points, 10)).toEqual([
      point(10, 1),
      point(20, 2),
      point(30, null),
      point(90, 3),
    ])
  })
})

test('counters of brokers that restart give no negative and no giant rate, per broker or in all', async () => {
  const { db, close } = await openTestDatabase()
  const store = await SampleStore.open(db, 'c', 0)
  const startMs = 1_000_000_000
  // 100 a second; after the 20th cycle broker 1 counts from 0 again, after the 30th nothing is read for a while.
  for (let i = 0; i < 60; i++) {
    if (i >= 30 && i < 40) continue
    const entities = [1, 2].map((id) => ({
      entity: entityOf.broker(id),
      family: 'server' as const,
      samples: [
        {
          field: 'beanCounter' as const,
          sub: 7,
          value: id === 1 && i >= 20 ? (i - 20) * 1_000 : 5_000_000 + i * 1_000,
        },
      ],
    }))
    await store.append({ clusterId: 'c', tMs: startMs + i * 10_000, entities })
  }
  const rate: BeanLine = { id: '', series: series(7, 'counter'), show: 'rate', over: 'sum' }
  const range = {
    clusterId: 'c',
    fromMs: startMs,
    toMs: startMs + 600_000,
    stepMs: 10_000,
    brokerIds: [1, 2, 3],
  }
  const found = await readLines(db, [rate], range)
  expect([...(found.get('')?.keys() ?? [])]).toEqual([1, 2])
  for (const points of found.get('')?.values() ?? []) {
    const known = points.flatMap(({ value }) => (value === null ? [] : [value]))
    expect(known.length).toBeGreaterThan(40)
    for (const value of known) expect(value).toBeCloseTo(100)
  }
  const total = overBrokers(found, rate, 10_000)
  const values = total.map(({ value }) => value)
  for (const value of values) expect([null, 100, 200]).toContain(value)
  const gapFrom = startMs + 290_000
  const inGap = total.filter(({ t }) => t > gapFrom && t < startMs + 400_000)
  expect(inGap.map(({ value }) => value)).toEqual([null])
  await close()
})
