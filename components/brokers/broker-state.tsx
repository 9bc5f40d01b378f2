'use client'

import { useTranslations } from 'next-intl'
import type { BrokerItem } from '../../contracts/brokers.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { type State, StateMark } from '../ui/state-mark.tsx'

export const brokerStateOf = (broker: BrokerItem): State => {
  if (!broker.isOnline) return 'critical'
  if (broker.isFenced || broker.replicasOutOfSync > 0) return 'attention'
  return 'healthy'
}

/** Online, fenced or offline, with the state of the process where the brokers are ours. */
export const useBrokerWords = (): ((broker: BrokerItem) => string) => {
  const t = useTranslations('brokers')
  const formats = useFormats()
  return (broker) => {
    const { process } = broker
    const own = process && process.state !== 'running' ? t(`process.${process.state}`) : null
    if (!broker.isOnline) {
      const since = broker.offlineSince
      const base = since === null ? t('offline') : t('offlineSince', { time: formats.clock(since) })
      return own === null ? base : `${base}, ${own}`
    }
    if (own !== null) return own
    if (broker.isFenced) return t('fenced')
    return broker.replicasOutOfSync > 0
      ? t('outOfSync', { count: broker.replicasOutOfSync })
      : t('online')
  }
}

export const BrokerStateMark = ({ broker }: { broker: BrokerItem }) => {
  const words = useBrokerWords()
  return <StateMark state={brokerStateOf(broker)}>{words(broker)}</StateMark>
}
