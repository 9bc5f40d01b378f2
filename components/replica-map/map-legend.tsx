'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { mapLayout } from './layout.ts'
import type { CellKind, MapCell } from './model.ts'
import { mapPaths } from './paths.ts'

const SIZE = 12

const sample = (kind: CellKind, extra: Partial<MapCell> = {}): MapCell => ({
  kind,
  leaderShare: kind === 'leader' ? 1 : 0,
  isPreferredIdle: false,
  isChanged: false,
  ...extra,
})

const Glyph = ({ cell }: { cell: MapCell }) => {
  const layout = {
    ...mapLayout({ width: 100, columns: 1, brokers: 1, hasAxis: false }),
    cellPx: SIZE,
  }
  const paths = mapPaths([{ key: 'sample', label: '', cells: [cell] }], layout)
  return (
    <svg aria-hidden="true" viewBox="74 -2 16 16" className="size-4 shrink-0">
      <path d={paths.fills} fill="var(--ink)" fillOpacity={0.82} />
      <path d={paths.boxes} fill="none" stroke="var(--line-strong)" />
      <path d={paths.hatchBoxes + paths.hatches} fill="none" stroke="var(--warn)" />
      <path d={paths.crosses} fill="none" stroke="var(--crit)" strokeWidth={1.8} />
      <path d={paths.dots} fill="var(--info)" />
      <path d={paths.changes} fill="none" stroke="var(--accent)" strokeWidth={1.8} />
    </svg>
  )
}

const Entry = ({ cell, children }: { cell: MapCell; children: ReactNode }) => (
  <li className="inline-flex items-center gap-1">
    <Glyph cell={cell} />
    {children}
  </li>
)

export const MapLegend = ({ hasChanges = false }: { hasChanges?: boolean }) => {
  const t = useTranslations('replicaMap')
  return (
    <ul aria-label={t('legend')} className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-muted">
      <Entry cell={sample('leader')}>{t('leader')}</Entry>
      <Entry cell={sample('in-sync')}>{t('inSync')}</Entry>
      <Entry cell={sample('out-of-sync')}>{t('outOfSync')}</Entry>
      <Entry cell={sample('offline')}>{t('offline')}</Entry>
      <Entry cell={sample('in-sync', { isPreferredIdle: true })}>{t('preferredIdle')}</Entry>
      {hasChanges ? (
        <Entry cell={sample('in-sync', { isChanged: true })}>{t('changed')}</Entry>
      ) : null}
    </ul>
  )
}
