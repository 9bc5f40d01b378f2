'use client'

import { useTranslations } from 'next-intl'
import { useAt } from '../../hooks/use-at.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import type { Unit } from '../../lib/format-number.ts'
import { cn } from './cn.ts'

type FigureProps = {
  value: number | null | undefined
  unit?: Unit
  /** Why there is no value: shown on hover and read out. */
  missing?: string | null
  isStale?: boolean
  className?: string
}

/**
 * Short on screen; the exact value on hover, to screen readers, and in what is copied: the short text
 * cannot be selected and the exact one, clipped from sight, can.
 */
export const Figure = ({ value, unit = 'count', isStale, className, ...given }: FigureProps) => {
  const t = useTranslations('missing')
  const { atMs } = useAt()
  const formats = useFormats()
  const classes = cn('tabular whitespace-nowrap', isStale && 'text-stale', className)
  if (value === null || value === undefined) {
    const missing = given.missing ?? (atMs === null ? null : t('no-sample-then'))
    return (
      <span className={cn(classes, 'text-muted')} title={missing ?? undefined}>
        <span aria-hidden={Boolean(missing)}>–</span>
        {missing ? <span className="sr-only">{missing}</span> : null}
      </span>
    )
  }
  const { text, exact } = formats.unit(value, unit)
  if (text === exact) return <span className={classes}>{text}</span>
  return (
    <span className={cn(classes, 'relative')} title={exact}>
      <span aria-hidden className="select-none">
        {text}
      </span>
      <span className="sr-only select-text">{exact}</span>
    </span>
  )
}
