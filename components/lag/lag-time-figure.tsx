'use client'

import { useTranslations } from 'next-intl'
import type { LagTime } from '../../contracts/lag.ts'
import { cn } from '../ui/cn.ts'
import { useMissingNow } from '../ui/missing-reason.ts'
import { useLagWords } from './use-lag-words.ts'

/** How long the oldest unread record waits; how exactly that is known shows on hover and is read out. */
export const LagTimeFigure = (props: { time: LagTime | null; className?: string }) => {
  const t = useTranslations('lag')
  const words = useLagWords()
  const { time } = props
  const missing = useMissingNow(t('time.missing'))
  const hint = time === null ? missing : words.precision(time)
  return (
    <span
      className={cn('tabular whitespace-nowrap', time === null && 'text-muted', props.className)}
      title={hint}
    >
      <span aria-hidden={time === null}>{time === null ? '–' : words.time(time)}</span>
      <span className="sr-only">{time === null ? hint : ` (${hint})`}</span>
    </span>
  )
}
