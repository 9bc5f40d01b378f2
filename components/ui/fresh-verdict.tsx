'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useAt } from '../../hooks/use-at.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useNow } from '../../hooks/use-now.ts'
import { isStaleAt } from './age.tsx'
import { StateMark } from './state-mark.tsx'

type FreshVerdictProps = { asOf: number | null; children: ReactNode }

/** A verdict holds only while its data is fresh: afterwards nothing is known, and it says so. */
export const FreshVerdict = ({ asOf, children }: FreshVerdictProps) => {
  const t = useTranslations('common')
  const formats = useFormats()
  const nowMs = useNow()
  const { atMs } = useAt()
  if (asOf === null || !isStaleAt(asOf, nowMs)) return children
  return (
    <StateMark state="unknown">
      {t(atMs === null ? 'staleVerdict' : 'staleVerdictThen', { time: formats.clockSeconds(asOf) })}
    </StateMark>
  )
}
