'use client'

import { HardDrive } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useClusters } from '../../hooks/use-clusters.ts'
import { useFormats } from '../../hooks/use-formats.ts'

/** On every page while nothing is collected because the database's disk is full. */
export const CollectionStop = () => {
  const t = useTranslations('collectionStop')
  const formats = useFormats()
  const stop = useClusters().data?.collectionStop ?? null
  if (stop === null) return null
  const free = stop.freeBytes === null ? null : formats.unit(stop.freeBytes, 'bytes')
  return (
    <div
      role="status"
      className="mb-3 flex items-start gap-2 rounded-md bg-crit-soft px-3 py-2 text-crit"
    >
      <HardDrive aria-hidden className="mt-0.5 size-4 shrink-0" />
      <p>
        {t('stopped', { since: formats.dateTime(stop.sinceMs) })}{' '}
        {free === null ? null : t('free', { free: free.text })} {t('resumes')}
      </p>
    </div>
  )
}
