'use client'

import { useTranslations } from 'next-intl'
import type { GroupItem } from '../../contracts/groups.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { type State, StateMark } from '../ui/state-mark.tsx'

/** Below this many records a second lag is said to stand still. */
const STILL_RATE = 0.05

export const trendState = (group: Pick<GroupItem, 'totalLag' | 'lagGrowthRate'>): State => {
  if (group.totalLag === null || group.lagGrowthRate === null) return 'unknown'
  return group.lagGrowthRate > STILL_RATE && group.totalLag > 0 ? 'attention' : 'healthy'
}

type TrendGroup = Pick<GroupItem, 'totalLag' | 'lagGrowthRate' | 'drainMs' | 'members'>

/** Does it keep up, and when will it have caught up. */
export const useTrendWords = (): ((group: TrendGroup) => string) => {
  const t = useTranslations('groups')
  const formats = useFormats()
  return (group) => {
    const { totalLag, lagGrowthRate, drainMs } = group
    if (totalLag === null) return t('noCommit')
    if (totalLag === 0) return t('caughtUp')
    if (lagGrowthRate === null) return t('trendUnknown')
    const rate = formats.unit(Math.abs(lagGrowthRate), 'recordsPerSecond').text
    if (lagGrowthRate > STILL_RATE) return t('grows', { rate })
    if (lagGrowthRate > -STILL_RATE) return t('stands')
    return drainMs === null
      ? t('shrinks', { rate })
      : t('drains', { rate, duration: formats.duration(drainMs) })
  }
}

export const GroupTrend = ({ group }: { group: TrendGroup }) => {
  const words = useTrendWords()
  return (
    <StateMark state={trendState(group)} className="whitespace-nowrap">
      {words(group)}
    </StateMark>
  )
}
