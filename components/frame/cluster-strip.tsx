'use client'

import { useTranslations } from 'next-intl'
import type { ClusterItem } from '../../contracts/clusters.ts'
import { cn } from '../ui/cn.ts'
import { clusterColor } from './cluster-color.ts'

/** Which cluster this is: on phones always, where the breadcrumb has no room; elsewhere for production. */
export const ClusterStrip = ({ cluster }: { cluster: ClusterItem }) => {
  const t = useTranslations('clusters')
  return (
    <div
      className={cn(
        'flex h-6 items-center gap-2 border-t border-line px-3 text-xs sm:px-4',
        !cluster.isProduction && 'sm:hidden',
      )}
    >
      <span
        aria-hidden
        className="size-2.5 shrink-0 rounded-xs"
        style={{ background: clusterColor(cluster.id, cluster.color) }}
      />
      <span className="truncate font-medium">{cluster.name}</span>
      {cluster.isProduction ? (
        <span className="rounded-sm bg-warn-soft px-1.5 font-medium text-warn">
          {t('production')}
        </span>
      ) : null}
    </div>
  )
}
