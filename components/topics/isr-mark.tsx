'use client'

import { useTranslations } from 'next-intl'
import type { IsrHealth } from '../../contracts/topics.ts'
import { StateMark } from '../ui/state-mark.tsx'

/** The worst first, in words; "All in sync" when there is nothing. */
export const useIsrWords = (): ((isr: IsrHealth) => string) => {
  const t = useTranslations('isr')
  return (isr) => {
    if (isr.partitionsOffline > 0) return t('offline', { count: isr.partitionsOffline })
    if (isr.partitionsUnderMinIsr > 0) return t('underMinIsr', { count: isr.partitionsUnderMinIsr })
    if (isr.partitionsUnderReplicated > 0) {
      return t('under', { count: isr.partitionsUnderReplicated })
    }
    return isr.level === 'unknown' ? t('unknown') : t('inSync')
  }
}

export const IsrMark = ({ isr }: { isr: IsrHealth }) => {
  const words = useIsrWords()
  return <StateMark state={isr.level}>{words(isr)}</StateMark>
}
