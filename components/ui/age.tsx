'use client'

import { useTranslations } from 'next-intl'
import { useFormats } from '../../hooks/use-formats.ts'
import { useNow } from '../../hooks/use-now.ts'
import { cn } from './cn.ts'
import { StateShape } from './state-mark.tsx'

export const STALE_AFTER_MS = 45_000

export const isStaleAt = (asOf: number | null | undefined, nowMs: number): boolean =>
  typeof asOf === 'number' && nowMs > 0 && nowMs - asOf > STALE_AFTER_MS

/** When the figures beside it were read; marked once they are older than a few collections. */
export const AsOf = ({
  asOf,
  className,
}: {
  asOf: number | null | undefined
  className?: string
}) => {
  const t = useTranslations('common')
  const formats = useFormats()
  const nowMs = useNow()
  if (nowMs === 0 || asOf === undefined) return null
  if (asOf === null) {
    return <span className={cn('text-xs text-muted', className)}>{t('notReadYet')}</span>
  }
  const time = formats.clockSeconds(asOf)
  if (isStaleAt(asOf, nowMs)) {
    return (
      <span className={cn('inline-flex items-center gap-1 text-xs text-warn', className)}>
        <StateShape state="attention" />
        {t('staleAsOf', { time, age: formats.duration(nowMs - asOf) })}
      </span>
    )
  }
  return (
    <span className={cn('tabular text-xs text-muted', className)} title={formats.dateTime(asOf)}>
      {t('asOf', { time })}
    </span>
  )
}

/** "12 min ago", with the full time on hover. */
export const TimeAgo = ({ timeMs, className }: { timeMs: number; className?: string }) => {
  const t = useTranslations('common')
  const formats = useFormats()
  const nowMs = useNow()
  if (nowMs === 0) return null
  return (
    <time
      dateTime={new Date(timeMs).toISOString()}
      title={formats.dateTime(timeMs)}
      className={cn('tabular whitespace-nowrap', className)}
    >
      {t('ago', { age: formats.duration(Math.max(0, nowMs - timeMs)) })}
    </time>
  )
}
