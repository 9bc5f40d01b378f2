import { expect, test } from 'vitest'
import { startsIn } from './restarts.ts'

const table = (uptimes: number[], drops?: number[]) => ({
  times: Float64Array.from(uptimes, (_, i) => 1_000_000 + i * 10_000),
  series: [
    {
      field: 'uptimeMs' as const,
      sub: -1,
      values: Float64Array.from(uptimes),
      ...(drops === undefined ? {} : { drops: Float64Array.from(drops) }),
    },
  ],
})

test('a shorter uptime than before is a start, at the time it tells', () => {
  const uptimes = [50_000, 60_000, 4_000, 14_000, 24_000, 1_000]
  expect(startsIn(table(uptimes), 'uptimeMs')).toEqual([1_016_000, 1_049_000])
})

test('a gap between samples hides no restart, and is none by itself', () => {
  expect(startsIn(table([50_000, Number.NaN, 70_000]), 'uptimeMs')).toEqual([])
  expect(startsIn(table([50_000, Number.NaN, 9_000]), 'uptimeMs')).toEqual([1_011_000])
})

test('in a rolled-up point the fall within it tells', () => {
  expect(startsIn(table([50_000, 55_000], [0, 58_000]), 'uptimeMs')).toEqual([955_000])
  expect(startsIn(undefined, 'uptimeMs')).toEqual([])
})
