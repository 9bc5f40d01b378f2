import { useTranslations } from 'next-intl'
import { useCallback } from 'react'
import { useAt } from '../../hooks/use-at.ts'

const KNOWN = [
  'no-jmx',
  'no-answer',
  'offline',
  'not-collected',
  'not-exposed',
  'other-scope',
  'no-samples',
  'no-commits',
  'unknown',
  'not-kept',
  'no-sample-then',
  'cluster-unreachable',
] as const
type Known = (typeof KNOWN)[number]

const isKnown = (code: string): code is Known => (KNOWN as readonly string[]).includes(code)

type Reason = (code: string | null | undefined, then?: 'no-sample-then' | 'not-kept') => string

/**
 * Why a figure is missing, in words; a code that has none is shown as it is. `then`: on a page that shows the past, where
 * a figure is missing for want of a sample, or because there are none of its kind.
 */
export const useMissingReason = (): Reason => {
  const t = useTranslations('missing')
  const { atMs } = useAt()
  return useCallback(
    (code, then = 'no-sample-then') => {
      if (atMs !== null) return t(code === 'offline' ? code : then)
      if (code === null || code === undefined) return t('not-collected')
      return isKnown(code) ? t(code) : code
    },
    [t, atMs],
  )
}

/** What is missing for a reason of the present, in its words; on a page that shows the past there is no sample of it. */
export const useMissingNow = (now: string): string => {
  const reason = useMissingReason()
  const { atMs } = useAt()
  return atMs === null ? now : reason(null)
}
