'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { BrokerShare } from '../../contracts/overview.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { Badge } from '../ui/badge.tsx'
import { Figure } from '../ui/figure.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateShape } from '../ui/state-mark.tsx'

const Bar = ({ share, className }: { share: number; className: string }) => (
  <span
    aria-hidden
    className={`block h-1.5 rounded-xs ${className}`}
    style={{ width: `${Math.max(share > 0 ? 1 : 0, share * 100)}%` }}
  />
)

const ShareRow = (props: { cluster: string; share: BrokerShare; most: number }) => {
  const t = useTranslations('overview')
  const links = useConsoleLinks()
  const { share, most } = props
  return (
    <li className="col-span-3 grid grid-cols-subgrid items-center py-1.5">
      <span className="flex items-center gap-1.5">
        <StateShape
          state={share.isOnline ? 'healthy' : 'critical'}
          label={share.isOnline ? t('online') : t('offline')}
        />
        <Link
          href={links.broker(props.cluster, share.broker)}
          className="truncate underline-offset-2 hover:underline"
        >
          {t('broker', { id: share.broker })}
        </Link>
        {share.isController ? <Badge tone="accent">{t('controllerBadge')}</Badge> : null}
      </span>
      <span className="flex flex-col gap-1">
        <Bar share={share.leaders / most} className="bg-accent" />
        <Bar share={share.replicas / most} className="bg-line-strong/45" />
      </span>
      <span className="tabular text-right text-xs">
        {t.rich('share', {
          leaders: share.leaders,
          replicas: share.replicas,
          strong: (text) => <strong className="font-semibold">{text}</strong>,
        })}
        {share.sizeBytes === null ? null : (
          <span className="block text-muted">
            <Figure value={share.sizeBytes} unit="bytes" />
          </span>
        )}
      </span>
    </li>
  )
}

export const BrokerShares = (props: {
  cluster: string
  shares: readonly BrokerShare[] | undefined
}) => {
  const t = useTranslations('overview')
  const { shares } = props
  const most = Math.max(1, ...(shares ?? []).map((share) => share.replicas))
  return (
    <Panel title={t('shares')} bodyClassName="px-3 py-1.5">
      {shares === undefined ? (
        <div className="flex flex-col gap-4 py-2">
          <Skeleton className="w-full" />
          <Skeleton className="w-full" />
          <Skeleton className="w-full" />
        </div>
      ) : (
        <ul className="grid grid-cols-[max-content_minmax(0,1fr)_max-content] gap-x-3 divide-y divide-line">
          {shares.map((share) => (
            <ShareRow key={share.broker} cluster={props.cluster} share={share} most={most} />
          ))}
        </ul>
      )}
    </Panel>
  )
}
