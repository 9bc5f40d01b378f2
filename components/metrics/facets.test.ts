import { expect, test } from 'vitest'
import { facetsOf } from './facets.ts'

const bounds = { fromMs: 1_000, toMs: 2_000 }
const words = {
  title: 'Bytes in',
  others: 'others',
  before: 'before',
  now: 'now',
  nameOf: (name: string) => `broker ${name}`,
  lineOf: (line: string) => line,
}
const series = (name: string, line = '', t = 1_500) => ({
  name,
  line,
  isOthers: false,
  points: [{ t, value: 7 }],
})
const shared = {
  past: null,
  versusMs: 0,
  isSideBySide: false,
  scope: 'broker',
  bounds,
  words,
} as const

test('brokers lie over one another in their own colours, or stand side by side', () => {
  const now = [series('1'), series('2')]
  const [one, ...none] = facetsOf({ ...shared, now })
  expect(none).toEqual([])
  expect(one?.series.map(({ label, colorKey }) => [label, colorKey])).toEqual([
    ['broker 1', 'broker:1'],
    ['broker 2', 'broker:2'],
  ])
  const many = [series('10'), series('2'), series('1')]
  const facets = facetsOf({ ...shared, now: many, isSideBySide: true })
  expect(facets.map(({ title }) => title)).toEqual(['broker 1', 'broker 2', 'broker 10'])
})

test('several lines of several brokers are never mixed in one drawing', () => {
  const now = [series('1', 'local'), series('1', 'remote'), series('2', 'local')]
  const facets = facetsOf({ ...shared, now })
  expect(facets.map((facet) => facet.series.map(({ label }) => label))).toEqual([
    ['local', 'remote'],
    ['local'],
  ])
})

test('another time is drawn dashed over the present, at the present times', () => {
  const past = [series('', '', 500)]
  const options = { ...shared, scope: 'cluster', now: [series('')], past, versusMs: 1_000 } as const
  const [facet] = facetsOf(options)
  expect(facet?.series.map(({ isGhost, label }) => [isGhost, label])).toEqual([
    [undefined, 'Bytes in'],
    [true, 'Bytes in (before)'],
  ])
  expect(facet?.series[1]?.points).toEqual([{ t: 1_500, value: 7 }])
  expect(facet?.series[1]?.colorKey).toBe(facet?.series[0]?.colorKey)
})

test('side by side each time has an axis of its own', () => {
  const past = [series('', '', 500)]
  const options = { ...shared, now: [series('')], past, versusMs: 1_000, isSideBySide: true }
  const facets = facetsOf(options)
  expect(facets.map(({ key, bounds: own }) => [key, own.fromMs, own.toMs])).toEqual([
    ['before', 0, 1_000],
    ['now', 1_000, 2_000],
  ])
  expect(facets[0]?.series[0]?.points).toEqual([{ t: 500, value: 7 }])
})
