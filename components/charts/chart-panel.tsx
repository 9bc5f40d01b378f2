'use client'

import { Ellipsis } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { type ReactNode, useMemo, useRef } from 'react'
import { useFormats } from '../../hooks/use-formats.ts'
import { useTimeRange } from '../../hooks/use-time-range.ts'
import { Button } from '../ui/button.tsx'
import { cn } from '../ui/cn.ts'
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { chartCsv, chartPng, saveAs } from './export.ts'
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

const fileName = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

const useSentence = (props: ChartPanelProps, series: readonly ChartSeries[]): string => {
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

/** One choice for all charts of a page, in its address. */
const useLogScale = () => useQueryState('log', parseAsBoolean.withDefault(false))

const ChartMenu = (props: {
  title: string
  canBeLog: boolean
  onCsv: () => void
  onPng: () => void
}) => {
  const t = useTranslations('chart')
  const [isLog, setIsLog] = useLogScale()
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="iconSm" aria-label={t('menu', { title: props.title })}>
          <Ellipsis aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {props.canBeLog ? (
          <>
            <DropdownMenuCheckboxItem
              checked={isLog}
              onCheckedChange={(checked) => setIsLog(checked === true)}
            >
              {t('logScale')}
            </DropdownMenuCheckboxItem>
            <DropdownMenuSeparator />
          </>
        ) : null}
        <DropdownMenuItem onSelect={props.onCsv}>{t('csv')}</DropdownMenuItem>
        <DropdownMenuItem onSelect={props.onPng}>{t('png')}</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

/** The one frame of every chart: title, drawing, legend, a sentence for screen readers, CSV and PNG. */
export const ChartPanel = (props: ChartPanelProps) => {
  const t = useTranslations('chart')
  const [, setRange] = useTimeRange()
  const [isLog] = useLogScale()
  const frame = useRef<HTMLDivElement>(null)
  const { height = 200, bounds } = props
  const given = props.series
  const series = useMemo(() => limitSeries(given ?? [], t('others')), [given, t])
  const hasPoints = series.some((one) => lastValue(one.points) !== null)
  const sentence = useSentence(props, series)
  const savePng = async () => {
    const svg = frame.current?.querySelector('svg.recharts-surface')
    if (svg instanceof SVGSVGElement) {
      saveAs(`${fileName(props.title)}.png`, await chartPng(svg, props.title))
    }
  }
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
              onCsv={() =>
                saveAs(
                  `${fileName(props.title)}.csv`,
                  new Blob([chartCsv(series)], { type: 'text/csv' }),
                )
              }
              onPng={savePng}
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
            onZoom={(zoomed) => setRange({ kind: 'fixed', ...zoomed })}
            {...(props.isStacked ? { isStacked: true } : {})}
            {...(props.marks ? { marks: props.marks } : {})}
          />
        </figure>
      )}
    </Panel>
  )
}
