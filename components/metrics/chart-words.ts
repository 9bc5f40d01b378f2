'use client'

import { useTranslations } from 'next-intl'
import { useCallback, useMemo } from 'react'
import type { ChartItem, ListChartsOutput, PinItem } from '../../contracts/charts.ts'
import type { MetricUnit } from '../../contracts/metrics.ts'
import { pinsOf } from '../../lib/chart-layout.ts'
import { unitOfPin } from '../../lib/pin-unit.ts'
import type en from '../../messages/en.json'

type Words = (typeof en)['catalogue']

/** Safe because `has` is asked before a key that was made is used. */
const titleKey = (id: string) => `title.${id}` as `title.${keyof Words['title']}`
const lineKey = (line: string) => `line.${line}` as `line.${keyof Words['line']}`

/** `RequestMetrics TotalTimeMs Produce · Max` of a full name. */
export const pinTitle = ({
  mbean,
  attribute,
  path,
}: Pick<PinItem, 'mbean' | 'attribute' | 'path'>) => {
  const values = mbean
    .slice(mbean.indexOf(':') + 1)
    .split(',')
    .map((part) => part.slice(part.indexOf('=') + 1))
  return `${values.join(' ')} · ${attribute}${path === '' ? '' : `.${path}`}`
}

/** Units in words, and the sentence about lines that share an axis but no unit. */
export const useUnits = () => {
  const t = useTranslations('metrics')
  const unitOf = useCallback((unit: MetricUnit): string => t(`unit.${unit}`), [t])
  const clashOf = (pins: readonly PinItem[]): string | null => {
    const units = [...new Set(pins.map(unitOfPin))]
    return units.length < 2 ? null : t('unitClash', { units: units.map(unitOf).join(', ') })
  }
  return { unitOf, clashOf }
}

/** A chart as the page knows it: one of the catalogue, or pinned attributes. */
export type KnownChart = Pick<ChartItem, 'id' | 'section' | 'isStacked' | 'scopes' | 'lines'> & {
  readonly title: string
  /** What a chart of one's own draws; none of the catalogue's. */
  readonly pins: readonly PinItem[]
  readonly lineOf: (line: string) => string
}

/** Each by what tells it from the others: words that all begin with are left out. */
const apart = (titles: readonly string[]): string[] => {
  const words = titles.map((title) => title.split(' '))
  const [first = [], ...others] = words
  const differAt = first.findIndex((word, at) => others.some((other) => other[at] !== word))
  return others.length === 0 || differAt < 1
    ? [...titles]
    : words.map((one) => one.slice(differAt).join(' ').replace(/^· /, ''))
}

/** Finds charts by id and gives them their words; null: there is none of that id. */
export const useKnownCharts = (list: ListChartsOutput | undefined) => {
  const t = useTranslations('catalogue')
  return useMemo(() => {
    const lineOf = (line: string): string => {
      const key = lineKey(line)
      return line !== '' && t.has(key) ? t(key) : line
    }
    const catalogue = (list?.charts ?? []).map((chart): KnownChart => {
      const key = titleKey(chart.id)
      const title = t.has(key) ? t(key) : chart.id
      return { ...chart, title, pins: [], lineOf }
    })
    const pins = new Map((list?.pins ?? []).map((pin) => [pin.id, pin]))
    const ofPins = (id: string): KnownChart | null => {
      const own = pinsOf(id).flatMap((slot) => pins.get(slot) ?? [])
      const [first] = own
      if (!first) return null
      const words = apart(own.map(pinTitle))
      const names = new Map(own.map((pin, at) => [pin.id, words[at] ?? pin.id]))
      return {
        id,
        section: 'process',
        isStacked: false,
        scopes: ['cluster', 'broker'],
        lines: own.map((pin) => ({
          id: pin.id,
          from: `${pin.mbean} ${pin.attribute} ${pin.path}`,
        })),
        title: own.length === 1 ? pinTitle(first) : own.map((pin) => pin.attribute).join(', '),
        pins: own,
        lineOf: (line) => names.get(line) ?? line,
      }
    }
    const byId = new Map(catalogue.map((chart) => [chart.id, chart]))
    return {
      catalogue,
      own: [...pins.keys()].flatMap((id) => ofPins(id) ?? []),
      find: (id: string): KnownChart | null => byId.get(id) ?? ofPins(id),
    }
  }, [list, t])
}
