'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { TopicItem } from '../../contracts/topics.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { Badge } from '../ui/badge.tsx'
import type { DataColumn } from '../ui/data-table-types.ts'
import { Figure } from '../ui/figure.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { IsrMark } from './isr-mark.tsx'

export const useTopicColumns = (cluster: string): readonly DataColumn<TopicItem>[] => {
  const t = useTranslations('topics')
  const links = useConsoleLinks()
  const reason = useMissingReason()
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('name'),
        sortBy: 'server',
        phone: 'title',
        cell: (topic) => (
          <span className="inline-flex max-w-full items-center gap-2">
            <Link
              href={links.topic(cluster, topic.name)}
              className="font-mono font-medium break-all underline-offset-2 hover:underline"
            >
              {topic.name}
            </Link>
            {topic.isInternal ? <Badge>{t('internalBadge')}</Badge> : null}
          </span>
        ),
      },
      {
        id: 'partitions',
        header: t('partitions'),
        sortBy: 'server',
        align: 'end',
        cell: (topic) => <Figure value={topic.partitions} />,
      },
      {
        id: 'replicationFactor',
        header: t('replication'),
        sortBy: 'server',
        align: 'end',
        cell: (topic) => <Figure value={topic.replicationFactor} />,
      },
      {
        id: 'isr',
        header: t('health'),
        sortBy: 'server',
        phone: 'meta',
        cell: (topic) => <IsrMark isr={topic.isr} />,
      },
      {
        id: 'offsetSpan',
        header: t('offsetSpan'),
        sortBy: 'server',
        align: 'end',
        phone: 'figure',
        cell: (topic) => (
          <Figure value={topic.offsetSpan} unit="records" missing={reason('not-collected')} />
        ),
      },
      {
        id: 'sizeBytes',
        header: t('size'),
        sortBy: 'server',
        align: 'end',
        cell: (topic) => (
          <Figure value={topic.sizeBytes} unit="bytes" missing={reason('not-collected')} />
        ),
      },
      {
        id: 'messagesInRate',
        header: t('messagesIn'),
        sortBy: 'server',
        align: 'end',
        phone: 'figure',
        cell: (topic) => (
          <Figure
            value={topic.messagesInRate}
            unit="recordsPerSecond"
            missing={reason('not-collected')}
          />
        ),
      },
      {
        id: 'bytesInRate',
        header: t('bytesIn'),
        sortBy: 'server',
        align: 'end',
        cell: (topic) => (
          <Figure value={topic.bytesInRate} unit="bytesPerSecond" missing={reason('no-jmx')} />
        ),
      },
      {
        id: 'bytesOutRate',
        header: t('bytesOut'),
        align: 'end',
        isHiddenByDefault: true,
        cell: (topic) => (
          <Figure value={topic.bytesOutRate} unit="bytesPerSecond" missing={reason('no-jmx')} />
        ),
      },
      {
        id: 'id',
        header: t('id'),
        isHiddenByDefault: true,
        cell: (topic) => <span className="font-mono text-xs">{topic.id ?? '–'}</span>,
      },
    ],
    [cluster, links, reason, t],
  )
}
