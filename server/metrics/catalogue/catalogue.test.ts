import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import en from '../../../messages/en.json' with { type: 'json' }
import { CATALOGUE, catalogueSeries } from './catalogue.ts'
import { isStored } from './types.ts'

/** Apache Kafka's MBeans: names with `{…}` for what varies, and their attributes. */
const facts = readFileSync(new URL('../../../tests/facts/mbeans.tsv', import.meta.url), 'utf8')
  .split('\n')
  .slice(1)
  .filter((line) => line !== '')
  .map((line) => line.split('\t'))

const keysOf = (mbean: string): string => {
  const [domain = '', properties = ''] = mbean.split(/:(.*)/s)
  return `${domain}:${properties.split(',').sort().join(',')}`
}

/** `request={request}` stands for any request; `name=*` of ours for any name. */
const matches = (fact: string, ours: string): boolean => {
  const [left, right] = [keysOf(fact).split(','), keysOf(ours).split(',')]
  return (
    left.length === right.length &&
    left.every((part, i) => {
      const other = right[i] ?? ''
      if (part === other) return true
      const [key, value = ''] = part.split('=')
      const isOpen = value.startsWith('{') || other.endsWith('=*')
      return isOpen && other.startsWith(`${key}=`)
    })
  )
}

describe('the catalogue of charts', () => {
  test('names only MBeans and attributes that Apache Kafka has', () => {
    const unknown = catalogueSeries().filter(
      ({ mbean, attribute }) =>
        !facts.some(
          ([fact = '', attributes = '']) =>
            matches(fact, mbean) &&
            attributes.split(',').some((one) => one.startsWith(`${attribute}:`)),
        ),
    )
    expect(unknown.map(({ mbean, attribute }) => `${mbean} ${attribute}`)).toEqual([])
  })

  test('gives each attribute a number of its own within its family', () => {
    const places = new Map<string, string>()
    for (const { family, slot, mbean, attribute, path } of catalogueSeries()) {
      const name = `${mbean} ${attribute} ${path ?? ''}`
      const place = `${family} ${slot}`
      expect(places.get(place) ?? name, place).toBe(name)
      places.set(place, name)
      expect(slot).toBeLessThan(10_000)
    }
    const names = [...places.values()]
    expect(new Set(names).size).toBe(names.length)
  })

  test('never adds up shares of several brokers', () => {
    const added = CATALOGUE.filter(
      (chart) =>
        chart.unit === 'percent' &&
        !isStored(chart) &&
        chart.lines.some(({ over }) => over === 'sum'),
    )
    expect(added.map(({ id }) => id)).toEqual([])
  })

  test('has sixty charts and more, each with an id, a title and distinct lines', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(60)
    expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length)
    const titles: Readonly<Record<string, string>> = en.catalogue.title
    const lines: Readonly<Record<string, string>> = en.catalogue.line
    for (const chart of CATALOGUE) {
      expect(titles[chart.id], chart.id).toBeTruthy()
      if (isStored(chart)) continue
      const ids = chart.lines.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      if (ids.length === 1) expect(ids).toEqual([''])
      // An API or a percentile is its own name; all else is a word.
      else for (const id of ids) expect(lines[id] ?? /^[A-Z]/.exec(id), id).toBeTruthy()
    }
  })

  test('rates are taken of counters alone', () => {
    for (const chart of CATALOGUE) {
      if (isStored(chart)) continue
      for (const line of chart.lines) {
        if (line.show === 'rate') expect(line.series.stored, chart.id).toBe('counter')
        expect(line.over === 'weighted', chart.id).toBe(line.weight !== undefined)
      }
    }
  })
})
