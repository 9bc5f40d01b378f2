'use client'

import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { ChartItem, ListChartsOutput, PinItem } from '../../contracts/charts.ts'
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

/** A chart as the page knows it: one of the catalogue, or pinned attributes. */
export type KnownChart = Pick<ChartItem, 'id' | 'section' | 'isStacked' | 'scopes' | 'lines'> & {
  readonly title: string
  readonly isOwn: boolean
  readonly lineOf: (line: string) => string
}

const slotsOf = (id: string): string[] =>
  /^p\d/.test(id)
    ? id
        .slice(1)
        .split('.')
        .map((slot) => `p${slot}`)
    : []

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
      return { ...chart, title, isOwn: false, lineOf }
    })
    const pins = new Map((list?.pins ?? []).map((pin) => [pin.id, pin]))
    const ofPins = (id: string): KnownChart | null => {
      const own = slotsOf(id).flatMap((slot) => pins.get(slot) ?? [])
      const [first] = own
      if (!first) return null
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
        isOwn: true,
        lineOf: (line) => {
          const pin = pins.get(line)
          return pin ? pinTitle(pin) : line
        },
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
