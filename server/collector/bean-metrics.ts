import type { JolokiaRead } from '../kafka/jolokia.ts'
import type { BeanSeries } from '../metrics/catalogue/types.ts'
import type { BeanFamily } from '../metrics/fields.ts'

/** Figures by slot, per family; what a broker does not expose is not in it. */
export type BeanValues = ReadonlyMap<BeanFamily, ReadonlyMap<number, BeanFigure>>

interface BeanFigure {
  readonly value: number
  readonly stored: BeanSeries['stored']
}

/** Histograms have all of these or none, so that one read may ask for several. */
const OF_HISTOGRAMS = new Set(['Count', 'Mean', 'Max', 'Min', 'StdDev'])
const isOfHistogram = (attribute: string): boolean =>
  OF_HISTOGRAMS.has(attribute) || attribute.endsWith('thPercentile')

/** The fewest reads that give every series, in a fixed order. */
export function beanReads(series: readonly BeanSeries[]): JolokiaRead[] {
  const reads = new Map<string, Set<string>>()
  for (const { mbean, attribute } of series) {
    // Elsewhere one attribute that an older broker lacks would lose the others of its MBean.
    const key = isOfHistogram(attribute) ? mbean : `${mbean} ${attribute}`
    const known = reads.get(key) ?? new Set()
    reads.set(key, known.add(attribute))
  }
  return [...reads].map(([key, attributes]) => {
    const names = [...attributes]
    const [first = ''] = names
    const mbean = isOfHistogram(first) ? key : key.slice(0, -first.length - 1)
    return { mbean, attribute: names.length === 1 ? first : names }
  })
}

/** `answers` in the order of `reads`, undefined where there is none. */
export function beanValues(
  series: readonly BeanSeries[],
  reads: readonly JolokiaRead[],
  answers: readonly unknown[],
): BeanValues {
  const found = new Map<string, unknown>()
  for (const [index, { mbean, attribute }] of reads.entries()) {
    const answer = answers[index]
    if (answer === undefined) continue
    const names = typeof attribute === 'string' ? [attribute] : attribute
    for (const name of names) {
      const isBare = typeof attribute === 'string' && !mbean.includes('*')
      found.set(`${mbean} ${name}`, isBare ? answer : valuesNamed(answer, name, mbean))
    }
  }
  const values = new Map<BeanFamily, Map<number, BeanFigure>>()
  for (const one of series) {
    const value = figureOf(found.get(`${one.mbean} ${one.attribute}`), one)
    if (value === null) continue
    const family = values.get(one.family) ?? new Map()
    values.set(one.family, family.set(one.slot, { value, stored: one.stored }))
  }
  return values
}

/** Of `{attribute: value}`, or of a pattern's `{"…name=x": {attribute: value}}` all of them. */
function valuesNamed(answer: unknown, attribute: string, mbean: string): unknown {
  if (!mbean.includes('*')) return member(answer, attribute)
  if (typeof answer !== 'object' || answer === null) return undefined
  return new Many(Object.values(answer).map((attributes) => member(attributes, attribute)))
}

class Many {
  readonly values: readonly unknown[]
  constructor(values: readonly unknown[]) {
    this.values = values
  }
}

function figureOf(value: unknown, series: BeanSeries): number | null {
  if (!(value instanceof Many)) return numberOf(at(value, series.path))
  const known = value.values
    .map((one) => numberOf(at(one, series.path)))
    .filter((one) => one !== null)
  if (known.length === 0) return null
  return series.join === 'max' ? Math.max(...known) : known.reduce((a, b) => a + b, 0)
}

function at(value: unknown, path: string | undefined): unknown {
  if (path === undefined) return value
  return path.split('/').reduce(member, value)
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  // Safe because it is an object that has the member, looked at as unknown.
  return (value as Record<string, unknown>)[key]
}

/** Kafka says "none yet" with NaN, which Jolokia writes as text, and "no limit" with −1. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
