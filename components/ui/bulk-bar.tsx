'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'

/** What can be done with the rows that are selected. */
export const BulkBar = (props: { count: number; onClear: () => void; children: ReactNode }) => {
  const t = useTranslations('table')
  if (props.count === 0) return null
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-md bg-accent-soft px-2 py-1">
      <span className="text-sm font-medium">{t('selected', { count: props.count })}</span>
      {props.children}
      <Button size="sm" variant="ghost" onClick={props.onClear}>
        {t('clearSelection')}
      </Button>
    </div>
  )
}
