'use client'

import { useTranslations } from 'next-intl'
import { groupState } from '../../contracts/groups.ts'
import { type State, StateMark } from '../ui/state-mark.tsx'

const stateOf: Record<string, State> = {
  Stable: 'healthy',
  PreparingRebalance: 'attention',
  CompletingRebalance: 'attention',
  Assigning: 'attention',
  Reconciling: 'attention',
  NotReady: 'attention',
  Empty: 'unknown',
  Dead: 'unknown',
  Unknown: 'unknown',
}

/** Kafka's own name of the state stays; what it means shows on hover. */
export const GroupStateMark = ({ state }: { state: string }) => {
  const t = useTranslations('groupState')
  const known = groupState.safeParse(state).data
  return (
    <span title={known ? t(`hint.${known}`) : undefined}>
      <StateMark state={stateOf[state] ?? 'unknown'}>{known ? t(known) : state}</StateMark>
    </span>
  )
}
