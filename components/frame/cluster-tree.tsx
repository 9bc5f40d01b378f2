'use client'

import {
  Activity,
  Boxes,
  ChartLine,
  Gauge,
  History,
  Hourglass,
  Layers,
  Network,
  Server,
  Settings2,
  UserCog,
  Users,
} from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ComponentType, ReactNode } from 'react'
import type { ClusterItem } from '../../contracts/clusters.ts'
import { useHasAdministratorRole } from '../../hooks/use-account.ts'
import { useClusters } from '../../hooks/use-clusters.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { cn } from '../ui/cn.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { type State, StateShape } from '../ui/state-mark.tsx'
import { clusterColor } from './cluster-color.ts'
import { type Section, usePlace } from './use-place.ts'

type Entry = {
  readonly section: Section
  readonly href: string
  readonly icon: ComponentType<{ className?: string }>
  readonly count?: ReactNode
  readonly state?: State | null
}

const brokerState = (cluster: ClusterItem): State | null => {
  const { brokersOnline, brokersTotal } = cluster
  if (brokersOnline === null || brokersTotal === null) return null
  if (brokersOnline === brokersTotal) return null
  return brokersOnline * 2 > brokersTotal ? 'attention' : 'critical'
}

const TreeLink = ({ entry, isCurrent }: { entry: Entry; isCurrent: boolean }) => {
  const t = useTranslations('nav')
  const tState = useTranslations('state')
  const Icon = entry.icon
  return (
    <Link
      href={entry.href}
      aria-current={isCurrent ? 'page' : undefined}
      className={cn(
        'flex h-7.5 items-center gap-2 rounded-md px-2 text-sm transition-colors hover:bg-hover',
        isCurrent && 'bg-accent-soft font-medium text-accent hover:bg-accent-soft',
      )}
    >
      <Icon aria-hidden className={cn('size-4 shrink-0', !isCurrent && 'text-muted')} />
      <span className="flex-1 truncate">{t(entry.section)}</span>
      {entry.state ? <StateShape state={entry.state} label={tState(entry.state)} /> : null}
      {entry.count === undefined ? null : (
        <span className="tabular text-xs text-muted">{entry.count}</span>
      )}
    </Link>
  )
}

const ClusterBranch = ({ cluster }: { cluster: ClusterItem }) => {
  const t = useTranslations('state')
  const links = useConsoleLinks()
  const formats = useFormats()
  const place = usePlace()
  const isHere = place.cluster === cluster.id
  const count = (value: number | null) => (value === null ? '–' : formats.unit(value, 'count').text)
  const brokers =
    cluster.brokersOnline === null || cluster.brokersTotal === null
      ? '–'
      : `${cluster.brokersOnline}/${cluster.brokersTotal}`
  const id = cluster.id
  const entries: Entry[] = [
    { section: 'overview', href: links.overview(id), icon: Gauge },
    { section: 'topics', href: links.topics(id), icon: Layers, count: count(cluster.topics) },
    { section: 'groups', href: links.groups(id), icon: Users, count: count(cluster.groups) },
    { section: 'lag', href: links.lag(id), icon: Hourglass },
    {
      section: 'brokers',
      href: links.brokers(id),
      icon: Server,
      count: brokers,
      state: brokerState(cluster),
    },
    { section: 'quorum', href: links.quorum(id), icon: Network },
    { section: 'events', href: links.events(id), icon: History },
    { section: 'metrics', href: links.metrics(id), icon: ChartLine },
    { section: 'config', href: links.config(id), icon: Settings2 },
  ]
  return (
    <li>
      <Link
        href={links.overview(id)}
        className="flex h-8 items-center gap-2 rounded-md px-2 font-medium hover:bg-hover"
      >
        <span
          aria-hidden
          className="size-2.5 shrink-0 rounded-xs"
          style={{ background: clusterColor(id, cluster.color) }}
        />
        <span className="flex-1 truncate">{cluster.name}</span>
        <StateShape state={cluster.verdict} label={t(cluster.verdict)} />
      </Link>
      {isHere ? (
        <ul className="flex flex-col gap-px py-1 pl-3">
          {entries.map((entry) => (
            <li key={entry.section}>
              <TreeLink entry={entry} isCurrent={place.section === entry.section} />
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  )
}

/** Clusters with their pages, and under them what belongs to the console itself. */
export const ClusterTree = () => {
  const t = useTranslations('nav')
  const links = useConsoleLinks()
  const place = usePlace()
  const clusters = useClusters()
  const isAdministrator = useHasAdministratorRole()
  const own: Entry[] = [
    { section: 'clusters', href: links.clusters(), icon: Boxes },
    { section: 'activity', href: links.activity(), icon: Activity },
    ...(isAdministrator ? [{ section: 'users' as const, href: links.users(), icon: UserCog }] : []),
  ]
  return (
    <nav aria-label={t('label')} className="flex h-full flex-col gap-4 overflow-y-auto p-2">
      <ul className="flex flex-col gap-1">
        {clusters.data ? (
          clusters.data.items.map((cluster) => <ClusterBranch key={cluster.id} cluster={cluster} />)
        ) : (
          <li className="flex flex-col gap-3 p-2">
            {['w-28', 'w-20', 'w-24', 'w-24'].map((width, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
              <Skeleton key={index} className={width} />
            ))}
          </li>
        )}
      </ul>
      <ul className="mt-auto flex flex-col gap-px border-t border-line pt-2">
        {own.map((entry) => (
          <li key={entry.section}>
            <TreeLink entry={entry} isCurrent={place.section === entry.section} />
          </li>
        ))}
      </ul>
    </nav>
  )
}
