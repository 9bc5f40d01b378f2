import type { BeanFamily } from '../fields.ts'
import type { BeanChart, BeanLine, BeanSeries } from './types.ts'

type Row = readonly [slot: number, mbean: string, attribute: string, more?: Partial<BeanSeries>]

/** A family's table: rows of slot, MBean and attribute; gauges unless told otherwise. */
export function seriesOf<K extends string>(
  family: BeanFamily,
  rows: Readonly<Record<K, Row>>,
): Readonly<Record<K, BeanSeries>> {
  const made = Object.entries<Row>(rows).map(([name, [slot, mbean, attribute, more]]) => [
    name,
    { family, slot, mbean, attribute, stored: 'gauge', ...more } satisfies BeanSeries,
  ])
  // Safe because the entries are those of `rows`.
  return Object.fromEntries(made) as Record<K, BeanSeries>
}

export const COUNTER = { stored: 'counter' } as const

/** A counter's change a second; of all brokers the sum. */
export function rate(id: string, series: BeanSeries, scale?: number): BeanLine {
  return { id, series, show: 'rate', over: 'sum', ...(scale === undefined ? {} : { scale }) }
}

export function level(
  id: string,
  series: BeanSeries,
  over: BeanLine['over'],
  scale?: number,
): BeanLine {
  return { id, series, show: 'level', over, ...(scale === undefined ? {} : { scale }) }
}

type Shape = Pick<BeanChart, 'section' | 'unit'> & Partial<Pick<BeanChart, 'isStacked'>>

export function chart(id: string, shape: Shape, ...lines: readonly BeanLine[]): BeanChart {
  return { id, ...shape, lines }
}
