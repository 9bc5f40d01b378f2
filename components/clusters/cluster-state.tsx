'use client'

import { useTranslations } from 'next-intl'
import type { ClusterItem } from '../../contracts/clusters.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { type State, StateMark } from '../ui/state-mark.tsx'

type Connection = NonNullable<ClusterItem['connection']>

const STATES: Readonly<Record<Connection['state'], State>> = {
  reachable: 'healthy',
  partial: 'attention',
  unreachable: 'critical',
}

/** How reading a cluster goes, and since when. */
export const ClusterState = ({ connection }: { connection: Connection | null }) => {
  const t = useTranslations('clusters')
  const formats = useFormats()
  if (connection === null) return <StateMark state="unknown">{t('state.untried')}</StateMark>
  const { state, sinceMs, silentBrokers } = connection
  return (
    <span className="flex flex-col">
      <StateMark state={STATES[state]}>{t(`state.${state}`)}</StateMark>
      <span className="text-xs text-muted" title={formats.dateTime(sinceMs)}>
        {t('since', { time: formats.dateTime(sinceMs) })}
        {state === 'partial'
          ? ` · ${t('silent', { brokers: silentBrokers.map(({ broker }) => broker).join(', ') })}`
          : ''}
      </span>
    </span>
  )
}
