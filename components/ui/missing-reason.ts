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
  'cluster-unreachable',
] as const
type Known = (typeof KNOWN)[number]

const isKnown = (code: string): code is Known => (KNOWN as readonly string[]).includes(code)

/** Why a figure is missing, in words; a code that has none is shown as it is. */
export const useMissingReason = (): ((code: string | null | undefined) => string) => {
  const t = useTranslations('missing')
  const { atMs } = useAt()
  return useCallback(
    (code) => {
      if (atMs !== null) return t('not-kept')
      if (code === null || code === undefined) return t('not-collected')
      return isKnown(code) ? t(code) : code
    },
    [t, atMs],
  )
}
