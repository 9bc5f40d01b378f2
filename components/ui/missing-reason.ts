import { useTranslations } from 'next-intl'

const KNOWN = ['no-jmx', 'offline', 'not-collected', 'no-samples', 'unreachable'] as const
type Known = (typeof KNOWN)[number]

const isKnown = (code: string): code is Known => (KNOWN as readonly string[]).includes(code)

/** Why a figure is missing, in words; a code that has none is shown as it is. */
export const useMissingReason = () => {
  const t = useTranslations('missing')
  return (code: string | null | undefined): string => {
    if (code === null || code === undefined) return t('not-collected')
    return isKnown(code) ? t(code) : code
  }
}
