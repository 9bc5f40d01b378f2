'use client'

import { useTranslations } from 'next-intl'
import type { GroupItem } from '../../contracts/groups.ts'
import { useAt } from '../../hooks/use-at.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useMissingNow } from '../ui/missing-reason.ts'
import { type State, StateMark } from '../ui/state-mark.tsx'

type TrendGroup = Pick<GroupItem, 'totalLag' | 'flow' | 'forecast'>

/** The forecast is of the last sample; what was written since is no lag yet. */
const isCaughtUp = ({ totalLag, forecast }: TrendGroup): boolean =>
  totalLag === 0 || (totalLag !== null && forecast.kind === 'caught-up')

const trendState = (group: TrendGroup): State => {
  const { totalLag, forecast } = group
  if (isCaughtUp(group)) return 'healthy'
  if (totalLag === null || forecast.kind === 'unknown') return 'unknown'
  return forecast.kind === 'never' ? 'attention' : 'healthy'
}

/** Does it keep up, and when will it have caught up. */
const useTrendWords = (): ((group: TrendGroup) => string) => {
  const t = useTranslations('groups')
  const noCommit = useMissingNow(t('noCommit'))
  const { atMs } = useAt()
  const formats = useFormats()
  return (group) => {
    const { totalLag, flow, forecast } = group
    if (totalLag === null) return noCommit
    if (isCaughtUp(group)) return t('caughtUp')
    const growth = (flow.producerRate ?? 0) - (flow.consumerRate ?? 0)
    const rate = formats.unit(Math.abs(growth), 'recordsPerSecond').text
    const { kind, atLeastMs, atMostMs } = forecast
    if (kind === 'never') return growth > 0 ? t('grows', { rate }) : t('idle')
    if (kind === 'steady') return t('stands')
    if (kind !== 'drains' || atLeastMs === null) {
      return atMs === null ? t('trendUnknown') : t('behind', { count: totalLag })
    }
    const soonest = formats.duration(atLeastMs)
    if (atMostMs === null) return t('shrinks', { rate, duration: soonest })
    const latest = formats.duration(atMostMs)
    const duration = soonest === latest ? soonest : `${soonest}–${latest}`
    return t('drains', { rate, duration })
  }
}

export const GroupTrend = ({ group }: { group: TrendGroup }) => {
  const words = useTrendWords()
  return <StateMark state={trendState(group)}>{words(group)}</StateMark>
}
