'use client'

import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import { useAt } from '../../hooks/use-at.ts'
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

/**
 * Events of the page's range that concern what the page is about, in words for a tooltip, and the moment that it is of
 * where that is not the present.
 */
export const useChartEvents = (): readonly ChartMark[] => {
  const t = useTranslations('asItWas')
  const place = usePlace()
  const words = useMarkWords()
  const { atMs } = useAt()
  const { data } = useEventMarks(place.cluster, aboutOf(place))
  return useMemo(() => {
    const marks = (data?.items ?? []).map(
      (mark): ChartMark => ({ t: mark.t, label: words(mark), tone: mark.level }),
    )
    if (atMs !== null) marks.push({ t: atMs, label: t('shown'), tone: 'shown' })
    return marks.length === 0 ? NO_MARKS : marks
  }, [data, words, atMs, t])
}

const TONES = [undefined, 'info', 'attention', 'critical', 'shown'] as const
const STROKE = {
  critical: 'var(--crit)',
  attention: 'var(--warn)',
  info: 'var(--info)',
  shown: 'var(--accent)',
} as const
const WIDTH = { critical: 1, attention: 1, info: 1.5, shown: 2 } as const
const isDashed = (tone: ChartMark['tone']): boolean => tone !== 'info' && tone !== 'shown'

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
  TONES.map((tone) => {
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
        strokeWidth={WIDTH[tone ?? 'attention']}
        {...(isDashed(tone) ? { strokeDasharray: '2 3' } : {})}
      />
    )
  })
