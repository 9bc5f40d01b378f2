'use client'

import { useTranslations } from 'next-intl'
import type { GroupVerdictName, PartitionVerdictName } from '../../contracts/lag.ts'
import { type State, StateMark } from '../ui/state-mark.tsx'

type Name = GroupVerdictName | PartitionVerdictName

const stateOf: Record<Name, State> = {
  OK: 'healthy',
  WARN: 'attention',
  ERR: 'critical',
  REWIND: 'critical',
  STALL: 'critical',
  STOP: 'critical',
}

export const verdictState = (name: Name | null): State =>
  name === null ? 'unknown' : stateOf[name]

type VerdictMarkProps = {
  /** Null: not known. */
  verdict: Name | null
  /** Of a group in error: what the worst of its partitions is. */
  cause?: PartitionVerdictName | null
  /** The sentence behind it, on hover and read out. */
  reason: string
}

/** Burrow's name of it stays, with what it means beside it. */
export const VerdictMark = ({ verdict, cause = null, reason }: VerdictMarkProps) => {
  const t = useTranslations('lag')
  const shown = verdict === 'ERR' && cause !== null ? cause : verdict
  return (
    <span title={reason} className="whitespace-nowrap">
      <StateMark state={verdictState(verdict)}>
        {verdict === null || shown === null ? (
          <span className="text-muted" aria-hidden>
            –
          </span>
        ) : (
          <>
            <span className="font-medium">
              {shown === verdict
                ? t(`code.${verdict}`)
                : `${t(`code.${verdict}`)} · ${t(`code.${shown}`)}`}
            </span>
            <span className="pl-1.5 text-muted">{t(`meaning.${shown}`)}</span>
          </>
        )}
      </StateMark>
      <span className="sr-only"> {reason}</span>
    </span>
  )
}
