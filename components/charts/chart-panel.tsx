'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useMemo, useRef } from 'react'
import { useFormats } from '../../hooks/use-formats.ts'
import { useZoom } from '../../hooks/use-time-range.ts'
import { cn } from '../ui/cn.ts'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { ChartMenu, useLogScale } from './chart-menu.tsx'
import { lastValue, limitSeries } from './limit-series.ts'
import type { Bounds } from './rows.ts'
import { TimeChart } from './time-chart.tsx'
import type { ChartMark, ChartSeries, ChartUnit } from './types.ts'

type ChartPanelProps = {
  title: string
  note?: ReactNode
  actions?: ReactNode
  unit: ChartUnit
  /** Undefined while loading. */
  series: readonly ChartSeries[] | undefined
  bounds: Bounds | undefined
  stepMs?: number
  isStacked?: boolean
  height?: number
  marks?: readonly ChartMark[]
  /** Why there is nothing to draw. */
  missing?: string | null
  className?: string
}

/** What a chart says to who cannot see it. */
export const useSentence = (
  props: Pick<ChartPanelProps, 'title' | 'unit' | 'bounds'>,
  series: readonly ChartSeries[],
): string => {
  const t = useTranslations('chart')
  const formats = useFormats()
  const first = series[0]
  const value = first ? lastValue(first.points) : null
  if (!first || value === null || !props.bounds) return t('sentenceEmpty', { title: props.title })
  const known = first.points.flatMap((point) => (point.value === null ? [] : [point.value]))
  return t('sentence', {
    title: props.title,
    count: series.length,
    name: first.label ?? first.name,
    last: formats.unit(value, props.unit).text,
    low: formats.unit(Math.min(...known), props.unit).text,
    high: formats.unit(Math.max(...known), props.unit).text,
    from: formats.dateTime(props.bounds.fromMs),
    to: formats.dateTime(props.bounds.toMs),
  })
}

/** The one frame of every chart: title, drawing, legend, a sentence for screen readers, CSV and PNG. */
export const ChartPanel = (props: ChartPanelProps) => {
  const t = useTranslations('chart')
  const { zoomTo } = useZoom()
  const [isLog] = useLogScale()
  const frame = useRef<HTMLDivElement>(null)
  const { height = 200, bounds } = props
  const given = props.series
  const series = useMemo(() => limitSeries(given ?? [], t('others')), [given, t])
  const hasPoints = series.some((one) => lastValue(one.points) !== null)
  const sentence = useSentence(props, series)
  return (
    <Panel
      title={props.title}
      note={props.note}
      className={cn('flex flex-col', props.className)}
      bodyClassName="flex-1 px-2 py-2"
      actions={
        <>
          {props.actions}
          {hasPoints ? (
            <ChartMenu
              title={props.title}
              canBeLog={props.isStacked !== true}
              series={series}
              frame={frame}
            />
          ) : null}
        </>
      }
    >
      {given === undefined || bounds === undefined ? (
        <div style={{ height }}>
          <Skeleton className="h-full w-full" />
        </div>
      ) : !hasPoints ? (
        <div className="grid place-items-center text-sm text-muted" style={{ height }}>
          <p className="max-w-90 text-center">{props.missing ?? t('empty')}</p>
        </div>
      ) : (
        <figure>
          <figcaption className="sr-only">{sentence}</figcaption>
          <TimeChart
            series={series}
            bounds={bounds}
            stepMs={props.stepMs ?? 10_000}
            unit={props.unit}
            height={height}
            frameRef={frame}
            isLog={isLog}
            onZoom={zoomTo}
            {...(props.isStacked ? { isStacked: true } : {})}
            {...(props.marks ? { marks: props.marks } : {})}
          />
        </figure>
      )}
    </Panel>
  )
}
