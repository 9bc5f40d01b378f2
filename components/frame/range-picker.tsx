'use client'

import { Clock, ZoomOut } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { useFormats } from '../../hooks/use-formats.ts'
import { usePreferences } from '../../hooks/use-preferences.tsx'
import { useTimeRange, useZoom } from '../../hooks/use-time-range.ts'
import { fromInputDateTime, toInputDateTime } from '../../lib/format-time.ts'
import {
  RELATIVE_RANGES,
  type RelativeRange,
  resolveTimeRange,
  type TimeRange,
} from '../../lib/time-range.ts'
import { Button } from '../ui/button.tsx'
import { cn } from '../ui/cn.ts'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx'
import { Segmented } from '../ui/segmented.tsx'

const SPAN: Record<RelativeRange, { value: number; unit: 'min' | 'h' | 'd' }> = {
  '15m': { value: 15, unit: 'min' },
  '1h': { value: 1, unit: 'h' },
  '3h': { value: 3, unit: 'h' },
  '6h': { value: 6, unit: 'h' },
  '12h': { value: 12, unit: 'h' },
  '24h': { value: 24, unit: 'h' },
  '48h': { value: 48, unit: 'h' },
  '7d': { value: 7, unit: 'd' },
  '30d': { value: 30, unit: 'd' },
  '90d': { value: 90, unit: 'd' },
  '1y': { value: 365, unit: 'd' },
}

export const useRangeLabel = (): ((range: TimeRange) => string) => {
  const t = useTranslations('range')
  const formats = useFormats()
  return (range) => {
    if (range.kind === 'fixed') {
      const isSameDay = formats.day(range.fromMs) === formats.day(range.toMs)
      const from = isSameDay
        ? formats.clock(range.fromMs)
        : `${formats.day(range.fromMs)} ${formats.clock(range.fromMs)}`
      const to = isSameDay
        ? formats.clock(range.toMs)
        : `${formats.day(range.toMs)} ${formats.clock(range.toMs)}`
      return `${from} – ${to}`
    }
    const { value, unit } = SPAN[range.range]
    if (unit === 'min') return t('lastMinutes', { value })
    return unit === 'h' ? t('lastHours', { value }) : t('lastDays', { value })
  }
}

const CustomRange = (props: { range: TimeRange; onPick: (range: TimeRange) => void }) => {
  const t = useTranslations('range')
  const { timeZone } = usePreferences()
  const bounds = resolveTimeRange(props.range, Date.now())
  const [from, setFrom] = useState(toInputDateTime(bounds.fromMs, timeZone))
  const [to, setTo] = useState(toInputDateTime(bounds.toMs, timeZone))
  const [isWrong, setIsWrong] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const fromMs = fromInputDateTime(from, timeZone)
    const toMs = fromInputDateTime(to, timeZone)
    if (fromMs === null || toMs === null || fromMs >= toMs) setIsWrong(true)
    else props.onPick({ kind: 'fixed', fromMs, toMs })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <Field label={t('from')}>
        {(control) => (
          <Input
            {...control}
            type="datetime-local"
            step={1}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        )}
      </Field>
      <Field label={t('to')} error={isWrong ? t('order') : undefined}>
        {(control) => (
          <Input
            {...control}
            type="datetime-local"
            step={1}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" size="sm">
        {t('apply')}
      </Button>
    </form>
  )
}

export const RangePicker = () => {
  const t = useTranslations('range')
  const [range, setRange] = useTimeRange()
  const [isOpen, setIsOpen] = useState(false)
  const { timeZone, setTimeZone } = usePreferences()
  const label = useRangeLabel()
  const pick = (next: TimeRange) => {
    setRange(next)
    setIsOpen(false)
  }
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button variant="ghost" className="px-2" aria-label={`${t('label')}: ${label(range)}`}>
          <Clock aria-hidden />
          <span suppressHydrationWarning className="tabular max-sm:hidden">
            {label(range)}
          </span>
        </Button>
      </PopoverTrigger>
      <PopoverContent className="flex w-72 flex-col gap-3" aria-label={t('label')}>
        <ul className="grid grid-cols-2 gap-1">
          {RELATIVE_RANGES.map((one) => {
            const isCurrent = range.kind === 'relative' && range.range === one
            return (
              <li key={one}>
                <Button
                  variant="ghost"
                  size="sm"
                  aria-pressed={isCurrent}
                  className={cn('w-full justify-start', isCurrent && 'bg-accent-soft text-accent')}
                  onClick={() => pick({ kind: 'relative', range: one })}
                >
                  {label({ kind: 'relative', range: one })}
                </Button>
              </li>
            )
          })}
        </ul>
        <CustomRange key={timeZone} range={range} onPick={pick} />
        <div className="flex items-center justify-between gap-2">
          <span className="text-xs text-muted">
            {t('timeZone', {
              zone: timeZone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone,
            })}
          </span>
          <Segmented
            aria-label={t('zoneLabel')}
            className="h-7"
            value={timeZone}
            onValueChange={setTimeZone}
            options={[
              { value: 'local', label: t('local') },
              { value: 'utc', label: 'UTC' },
            ]}
          />
        </div>
      </PopoverContent>
    </Popover>
  )
}

/** There once charts were zoomed: leads back to the range before. */
export const ZoomBack = () => {
  const t = useTranslations('metrics')
  const { zoomBack } = useZoom()
  return zoomBack === null ? null : (
    <Button variant="ghost" className="px-2" aria-label={t('zoomBack')} onClick={zoomBack}>
      <ZoomOut aria-hidden />
      <span className="max-lg:hidden">{t('zoomBack')}</span>
    </Button>
  )
}
