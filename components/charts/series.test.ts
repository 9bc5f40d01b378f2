import { expect, test } from 'vitest'
import { paletteIndex, seriesLooks } from './colors.ts'
import { chartCsv } from './export.ts'
import { limitSeries, presentValues } from './limit-series.ts'
import type { ChartSeries } from './types.ts'

const flat = (name: string, value: number) => ({
  name,
  points: [
    { t: 0, value },
    { t: 10, value },
  ],
})

test('the same key has the same colour in every chart', () => {
  const [alone] = seriesLooks([{ key: 'topic:orders' }])
  const [, second] = seriesLooks([{ key: 'topic:billing' }, { key: 'topic:orders' }])
  expect(second?.color).toBe(alone?.color)
})

test('eight brokers have eight colours', () => {
  const colors = new Set([1, 2, 3, 4, 5, 6, 7, 8].map((id) => paletteIndex(`broker:${id}`)))
  expect(colors.size).toBe(8)
})

test('two series that share a colour differ in their dashes', () => {
  const [first, ninth] = seriesLooks([{ key: 'broker:1' }, { key: 'broker:9' }])
  expect(ninth?.color).toBe(first?.color)
  expect(ninth?.dash).not.toBe(first?.dash)
})

test('the largest eight stay, the rest is added up as others and comes last', () => {
  const all = Array.from({ length: 12 }, (_, index) => flat(`t${index}`, index))
  const limited = limitSeries(all, 'others')
  expect(limited.map((one) => one.name)).toEqual([
    't11',
    't10',
    't9',
    't8',
    't7',
    't6',
    't5',
    't4',
    'others',
  ])
  expect(limited[8]?.points).toEqual([
    { t: 0, value: 6 },
    { t: 10, value: 6 },
  ])
})

test("the server's others and ours become one", () => {
  const given = { ...flat('others', 5), isOthers: true }
  const limited = limitSeries([flat('a', 1), given], 'others')
  expect(limited.map((one) => one.name)).toEqual(['a', 'others'])
})

test('CSV has a line a time, an empty cell for a gap and quotes where they are needed', () => {
  const csv = chartCsv([
    {
      name: 'a,b',
      points: [
        { t: 0, value: 1 },
        { t: 1000, value: null },
      ],
    },
    { name: 'c', points: [{ t: 1000, value: 2 }] },
  ])
  expect(csv).toBe('time,"a,b",c\n1970-01-01T00:00:00.000Z,1,\n1970-01-01T00:00:01.000Z,,2\n')
})

test('a series that ended before the others has no present value', () => {
  const of = (name: string, ends: number): ChartSeries => ({
    name,
    points: Array.from({ length: 100 }, (_, t) => ({ t, value: t <= ends ? t : null })),
  })
  expect(presentValues([of('a', 99), of('b', 96), of('c', 60), of('d', -1)])).toEqual([
    ...[99, 96, null, null],
  ])
  expect(presentValues([])).toEqual([])
})
