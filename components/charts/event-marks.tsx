'use client'

import { useMemo } from 'react'
import { type MarksAbout, useEventMarks } from '../../hooks/use-events.ts'
import { useMarkWords } from '../events/use-event-words.ts'
import { type Place, usePlace } from '../frame/use-place.ts'
import { type Geometry, MARGIN_TOP_PX, xOf } from './geometry.ts'
import type { ChartMark } from './types.ts'

const NO_MARKS: readonly ChartMark[] = []
/** What is only worth knowing stands on the axis, what went wrong goes through the chart. */
const TICK_PX = 7

const aboutOf = ({ section, subject }: Place): MarksAbout => {
  if (subject === null) return {}
  if (section === 'topics') return { topic: subject }
  if (section === 'groups') return { group: subject }
  const broker = Number(subject)
  return section === 'brokers' && Number.isInteger(broker) ? { broker } : {}
}

/** Events of the page's range that concern what the page is about, in words for a tooltip. */
export const useChartEvents = (): readonly ChartMark[] => {
  const place = usePlace()
  const words = useMarkWords()
  const { data } = useEventMarks(place.cluster, aboutOf(place))
  return useMemo(
    () =>
      data === undefined || data.items.length === 0
        ? NO_MARKS
        : data.items.map((mark) => ({ t: mark.t, label: words(mark), tone: mark.level })),
    [data, words],
  )
}

const STROKE = { critical: 'var(--crit)', attention: 'var(--warn)', info: 'var(--info)' } as const

/** One path for all marks of a colour. */
const markPath = (marks: readonly ChartMark[], geometry: Geometry): string =>
  marks
    .filter(({ t }) => t >= geometry.bounds.fromMs && t <= geometry.bounds.toMs)
    .map(({ t, tone }) => {
      const x = Math.round(xOf(geometry, t) * 10) / 10
      if (tone !== 'info') return `M${x} ${MARGIN_TOP_PX}v${geometry.plotHeight}`
      return `M${x} ${MARGIN_TOP_PX + geometry.plotHeight}v${-TICK_PX}`
    })
    .join('')

export const Marks = (props: { marks: readonly ChartMark[]; geometry: Geometry }) =>
  ([undefined, 'info', 'attention', 'critical'] as const).map((tone) => {
    const path = markPath(
      props.marks.filter((mark) => mark.tone === tone),
      props.geometry,
    )
    if (path === '') return null
    return (
      <path
        key={tone ?? 'line'}
        className="chart-marks"
        d={path}
        fill="none"
        stroke={STROKE[tone ?? 'info']}
        strokeWidth={tone === 'info' ? 1.5 : 1}
        {...(tone === 'info' ? {} : { strokeDasharray: '2 3' })}
      />
    )
  })
