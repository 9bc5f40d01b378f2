'use client'

import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import type { BrokerDetail } from '../../contracts/brokers.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { partitionColumn } from '../topics/partition-column.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Figure } from '../ui/figure.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { Panel } from '../ui/panel.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'

type Held = BrokerDetail['partitions'][number]

export const LogDirs = ({ broker }: { broker: BrokerDetail }) => {
  const t = useTranslations('brokers')
  if (broker.logDirs.length === 0) return null
  return (
    <Panel title={t('logDirs')} bodyClassName="p-0">
      <SimpleTable label={t('logDirs')}>
        <thead>
          <tr>
            <Th>{t('path')}</Th>
            <Th className="text-right max-sm:hidden">{t('replicas')}</Th>
            <Th className="text-right">{t('sizeBytes')}</Th>
            <Th className="text-right">{t('usable')}</Th>
            <Th className="text-right">{t('total')}</Th>
          </tr>
        </thead>
        <tbody>
          {broker.logDirs.map((dir) => (
            <tr key={dir.path}>
              <Td className="font-mono break-all">
                {dir.path}
                {dir.error ? (
                  <StateMark state="critical" className="ml-2 font-sans">
                    {dir.error}
                  </StateMark>
                ) : null}
              </Td>
              <Td className="text-right max-sm:hidden">
                <Figure value={dir.replicas} />
              </Td>
              <Td className="text-right">
                <Figure value={dir.sizeBytes} unit="bytes" />
              </Td>
              <Td className="text-right">
                <Figure value={dir.usableBytes} unit="bytes" missing={t('notTold')} />
              </Td>
              <Td className="text-right">
                <Figure value={dir.totalBytes} unit="bytes" missing={t('notTold')} />
              </Td>
            </tr>
          ))}
        </tbody>
      </SimpleTable>
    </Panel>
  )
}

export const BrokerPartitions = ({
  cluster,
  broker,
}: {
  cluster: string
  broker: BrokerDetail
}) => {
  const t = useTranslations('brokers')
  const links = useConsoleLinks()
  const reason = useMissingReason()
  const [sort, setSort] = useQueryState('partitionSort', parseAsString.withDefault('partition'))
  const columns = useMemo<readonly DataColumn<Held>[]>(
    () => [
      partitionColumn({ header: t('partition'), href: (topic) => links.topic(cluster, topic) }),
      {
        id: 'role',
        header: t('role'),
        phone: 'meta',
        sortBy: (one) => (one.isLeader ? 'a' : 'b'),
        cell: (one) => (one.isLeader ? t('isLeader') : t('isFollower')),
      },
      {
        id: 'preferred',
        header: t('preferred'),
        sortBy: (one) => (one.isPreferred ? 'a' : 'b'),
        cell: (one) =>
          one.isPreferred ? (
            one.isLeader ? (
              t('isPreferred')
            ) : (
              <span className="text-info">• {t('preferredIdle')}</span>
            )
          ) : (
            '–'
          ),
      },
      {
        id: 'inSync',
        header: t('inSync'),
        phone: 'meta',
        sortBy: (one) => (one.isInSync ? 'b' : 'a'),
        cell: (one) => (
          <StateMark state={one.isInSync ? 'healthy' : 'attention'}>
            {one.isInSync ? t('isInSync') : t('isOutOfSync')}
          </StateMark>
        ),
      },
      {
        id: 'sizeBytes',
        header: t('sizeBytes'),
        align: 'end',
        phone: 'figure',
        sortBy: (one) => one.sizeBytes,
        cell: (one) => (
          <Figure
            value={one.sizeBytes}
            unit="bytes"
            missing={reason('not-collected', 'not-kept')}
          />
        ),
      },
    ],
    [cluster, links, reason, t],
  )
  return (
    <DataTable
      id="broker-partitions"
      label={t('heldPartitions')}
      columns={columns}
      rows={broker.partitions}
      rowId={(one) => `${one.topic}-${one.partition}`}
      sort={parseSort(sort)}
      onSortChange={(next) => setSort(serializeSort(next))}
      empty={<EmptyState title={t('noPartitions')} />}
    />
  )
}
