import { expect, test } from 'vitest'
import { catalogueSeries } from '../metrics/catalogue/catalogue.ts'
import type { BeanSeries } from '../metrics/catalogue/types.ts'
import { beanReads, beanValues } from './bean-metrics.ts'

const series = (slot: number, mbean: string, attribute: string, path?: string): BeanSeries => ({
  family: 'server',
  slot,
  mbean,
  attribute,
  stored: 'gauge',
  ...(path === undefined ? {} : { path }),
})

test('attributes of a histogram are one read, all others each their own', () => {
  const wanted = [
    series(1, 'd:type=T', 'Mean'),
    series(2, 'd:type=T', '99thPercentile'),
    series(3, 'd:type=Raft', 'a'),
    series(4, 'd:type=Raft', 'b'),
    series(5, 'd:type=Raft', 'a'),
  ]
  expect(beanReads(wanted)).toEqual([
    { mbean: 'd:type=T', attribute: ['Mean', '99thPercentile'] },
    { mbean: 'd:type=Raft', attribute: 'a' },
    { mbean: 'd:type=Raft', attribute: 'b' },
  ])
})

test('one bulk request reads the whole catalogue', () => {
  const reads = beanReads(catalogueSeries())
  const asked = reads.flatMap(({ mbean, attribute }) =>
    [attribute].flat().map((name) => `${mbean} ${name}`),
  )
  for (const { mbean, attribute } of catalogueSeries()) {
    expect(asked).toContain(`${mbean} ${attribute}`)
  }
  expect(new Set(asked).size).toBe(asked.length)
  expect(reads.length).toBeLessThan(250)
})

test('an answer becomes figures; what is missing or no number is left out, never 0', () => {
  const wanted = [
    series(1, 'd:type=T', 'Mean'),
    series(2, 'd:type=T', '99thPercentile'),
    series(3, 'd:type=M', 'Heap', 'used'),
    series(4, 'd:type=N', 'Value'),
    series(5, 'd:type=S,p=*', 'count'),
    series(6, 'd:type=Gone', 'Value'),
    series(7, 'd:type=Text', 'Value'),
    series(8, 'd:type=Flag', 'Value'),
  ]
  const reads = beanReads(wanted)
  const answers = [
    { Mean: 1.5, '99thPercentile': 'NaN' },
    { used: 7, max: -1 },
    3,
    { 'd:type=S,p=1': { count: 2 }, 'd:type=S,p=2': { count: 5 }, 'd:type=S,p=3': {} },
    undefined,
    'STANDBY',
    true,
  ]
  const values = beanValues(wanted, reads, answers).get('server')
  expect(Object.fromEntries([...(values ?? [])].map(([slot, { value }]) => [slot, value]))).toEqual(
    {
      1: 1.5,
      3: 7,
      4: 3,
      5: 7,
      8: 1,
    },
  )
})
