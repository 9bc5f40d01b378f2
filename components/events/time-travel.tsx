'use client'

import { ChevronFirst, ChevronLast, ChevronLeft, ChevronRight, History } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { EventMark } from '../../contracts/events.ts'
import { useAt } from '../../hooks/use-at.ts'
import { useEventMarks } from '../../hooks/use-events.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useTimeRange } from '../../hooks/use-time-range.ts'
import { resolveTimeRange } from '../../lib/time-range.ts'
import { Button } from '../ui/button.tsx'
import { cn } from '../ui/cn.ts'
import { useMarkWords } from './use-event-words.ts'

const MINUTE_MS = 60_000

type Place = {
  readonly cluster: string | null
  readonly section: string
  readonly subject: string | null
}

/** Pages whose services answer from the history. */
const canTravel = ({ cluster, section }: Place): boolean =>
  cluster !== null && ['topics', 'groups', 'brokers'].includes(section)

const minuteOf = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS) * MINUTE_MS

/** Opens the slider at the last full minute. */
export const TimeTravelButton = ({ place }: { place: Place }) => {
  const t = useTranslations('asItWas')
  const { atMs, setAtMs } = useAt()
  if (!canTravel(place)) return null
  return (
    <Button
      variant="ghost"
      className={cn('px-2', atMs !== null && 'bg-accent-soft text-accent')}
      aria-label={t('open')}
      title={t('open')}
      aria-pressed={atMs !== null}
      onClick={() => setAtMs(atMs === null ? minuteOf(Date.now()) : null)}
    >
      <History aria-hidden />
    </Button>
  )
}

const TICK: Record<EventMark['level'], string> = {
  critical: 'h-2.5 bg-crit',
  attention: 'h-2 bg-warn',
  info: 'h-1.5 bg-info',
}

const Ticks = (props: { marks: readonly EventMark[]; fromMs: number; toMs: number }) => {
  const formats = useFormats()
  const words = useMarkWords()
  const spanMs = Math.max(1, props.toMs - props.fromMs)
  return (
    // The thumb's middle never reaches the track's ends: neither do the ticks.
    <div className="pointer-events-none absolute inset-x-2 bottom-0 h-2.5" aria-hidden>
      {props.marks.map((mark) => (
        <span
          key={mark.t}
          title={`${formats.clockSeconds(mark.t)} ${words(mark)}`}
          className={cn(
            'pointer-events-auto absolute bottom-0 w-0.5 rounded-full',
            TICK[mark.level],
          )}
          style={{ left: `${((mark.t - props.fromMs) / spanMs) * 100}%` }}
        />
      ))}
    </div>
  )
}

type TravelProps = { cluster: string; atMs: number; setAtMs: (atMs: number | null) => void }

const Travel = ({ cluster, atMs, setAtMs }: TravelProps) => {
  const t = useTranslations('asItWas')
  const formats = useFormats()
  const [range] = useTimeRange()
  const query = useEventMarks(cluster, {})
  const bounds = resolveTimeRange(range, query.dataUpdatedAt || Date.now())
  const kept = query.data?.keptFrom ?? null
  const fromMs = minuteOf(Math.min(atMs, Math.max(bounds.fromMs, kept ?? bounds.fromMs)))
  const toMs = Math.max(atMs, Math.min(bounds.toMs, minuteOf(query.dataUpdatedAt || Date.now())))
  const marks = (query.data?.items ?? []).filter((mark) => mark.t >= fromMs && mark.t <= toMs)
  const previous = marks.findLast((mark) => mark.t <= atMs)
  const next = marks.find((mark) => mark.t > atMs)
  // The slider has whole minutes: its first one may begin before the history does.
  const travelTo = (to: number) => setAtMs(Math.max(to, Math.min(kept ?? to, atMs)))
  const step = (label: string, to: number | undefined, icon: ReactNode) => (
    <Button
      size="icon"
      aria-label={label}
      title={label}
      disabled={to === undefined}
      onClick={() => to !== undefined && travelTo(to)}
    >
      {icon}
    </Button>
  )
  return (
    <section
      aria-label={t('label')}
      className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border border-accent bg-accent-soft px-3 py-2"
    >
      <p role="status" className="min-w-0 basis-100 text-sm max-sm:basis-full">
        <strong className="tabular block">{t('banner', { time: formats.dateTime(atMs) })}</strong>
        <span className="text-xs text-muted">{t('figures')}</span>
      </p>
      <div className="flex min-w-0 flex-1 basis-80 items-center gap-1">
        {step(t('previous'), previous && previous.t - 1, <ChevronFirst aria-hidden />)}
        {step(
          t('earlier'),
          kept !== null && atMs <= kept ? undefined : atMs - MINUTE_MS,
          <ChevronLeft aria-hidden />,
        )}
        <div className="relative min-w-0 flex-1 pb-2.5">
          <input
            type="range"
            aria-label={t('slider')}
            aria-valuetext={formats.dateTime(atMs)}
            className="block w-full accent-accent"
            min={fromMs}
            max={Math.max(toMs, fromMs + MINUTE_MS)}
            step={MINUTE_MS}
            value={minuteOf(atMs)}
            onChange={(event) => travelTo(Number(event.target.value))}
          />
          <Ticks marks={marks} fromMs={fromMs} toMs={Math.max(toMs, fromMs + MINUTE_MS)} />
        </div>
        {step(
          t('later'),
          atMs + MINUTE_MS > toMs ? undefined : atMs + MINUTE_MS,
          <ChevronRight aria-hidden />,
        )}
        {step(t('next'), next?.t, <ChevronLast aria-hidden />)}
      </div>
      <Button variant="primary" onClick={() => setAtMs(null)}>
        {t('back')}
      </Button>
      {kept !== null && atMs < kept ? (
        <p className="w-full text-sm text-warn">
          {t('noHistory', { time: formats.dateTime(kept) })}
        </p>
      ) : null}
    </section>
  )
}

/** On pages that can show their cluster as it was: which minute, and the way to others and back. */
export const TimeTravelBar = ({ place }: { place: Place }) => {
  const { atMs, setAtMs } = useAt()
  if (atMs === null || !canTravel(place) || place.cluster === null) return null
  return <Travel cluster={place.cluster} atMs={atMs} setAtMs={setAtMs} />
}
