'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useClusters } from '../../hooks/use-clusters.ts'
import { type ConsoleLinks, useConsoleLinks } from '../../hooks/use-console-links.ts'
import { cn } from '../ui/cn.ts'
import { type Place, usePlace } from './use-place.ts'

type Crumb = { readonly label: string; readonly href: string; readonly isMono?: boolean }

const sectionHref = (links: ConsoleLinks, cluster: string, place: Place): string => {
  switch (place.section) {
    case 'topics':
      return links.topics(cluster)
    case 'groups':
      return links.groups(cluster)
    case 'lag':
      return links.lag(cluster)
    case 'brokers':
      return links.brokers(cluster)
    case 'quorum':
      return links.quorum(cluster)
    case 'events':
      return links.events(cluster)
    case 'metrics':
      return links.metrics(cluster)
    case 'config':
      return links.config(cluster)
    default:
      return links.overview(cluster)
  }
}

export const Breadcrumb = () => {
  const t = useTranslations('nav')
  const links = useConsoleLinks()
  const place = usePlace()
  const clusters = useClusters()
  const crumbs: Crumb[] = []
  const { cluster } = place
  if (cluster === null) crumbs.push({ label: t(place.section), href: '#' })
  else {
    const name = clusters.data?.items.find((one) => one.id === cluster)?.name ?? cluster
    crumbs.push({ label: name, href: links.overview(cluster) })
    crumbs.push({ label: t(place.section), href: sectionHref(links, cluster, place) })
    if (place.subject !== null) {
      const isBroker = place.section === 'brokers'
      const label = isBroker ? t('broker', { id: place.subject }) : place.subject
      crumbs.push({ label, href: '#', isMono: !isBroker })
    }
  }
  return (
    <nav aria-label={t('breadcrumb')} className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1.5 text-sm">
        {crumbs.map((crumb, index) => {
          const isLast = index === crumbs.length - 1
          return (
            <li
              key={crumb.label}
              className={cn(
                'flex min-w-0 items-center gap-1.5',
                !isLast && 'shrink-0 max-sm:hidden',
              )}
            >
              {isLast ? (
                <span
                  aria-current="page"
                  className={cn('truncate font-medium', crumb.isMono && 'font-mono')}
                >
                  {crumb.label}
                </span>
              ) : (
                <>
                  <Link href={crumb.href} className="text-muted hover:text-ink">
                    {crumb.label}
                  </Link>
                  <span aria-hidden className="text-muted">
                    /
                  </span>
                </>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
