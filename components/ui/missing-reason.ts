import { useTranslations } from 'next-intl'
import { useCallback } from 'react'

const KNOWN = [
  'no-jmx',
  'offline',
  'not-collected',
  'not-exposed',
  'no-samples',
  'no-commits',
  'unknown',
  'cluster-unreachable',
] as const
type Known = (typeof KNOWN)[number]

const isKnown = (code: string): code is Known => (KNOWN as readonly string[]).includes(code)

/** Why a figure is missing, in words; a code that has none is shown as it is. */
export const useMissingReason = (): ((code: string | null | undefined) => string) => {
  const t = useTranslations('missing')
  return useCallback(
    (code) => {
      if (code === null || code === undefined) return t('not-collected')
      return isKnown(code) ? t(code) : code
    },
    [t],
  )
}
