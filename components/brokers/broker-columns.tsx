'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { BrokerItem } from '../../contracts/brokers.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import type { Unit } from '../../lib/format-number.ts'
import { Badge } from '../ui/badge.tsx'
import type { DataColumn } from '../ui/data-table-types.ts'
import { Figure } from '../ui/figure.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { BrokerActions } from './broker-actions.tsx'
import { BrokerStateMark } from './broker-state.tsx'

type Column = DataColumn<BrokerItem>
type NumberField =
  | 'sizeBytes'
  | 'messagesInRate'
  | 'bytesInRate'
  | 'bytesOutRate'
  | 'produceP99Ms'
  | 'fetchP99Ms'
  | 'memoryUsedBytes'

export const useBrokerColumns = (cluster: string): readonly Column[] => {
  const t = useTranslations('brokers')
  const links = useConsoleLinks()
  const formats = useFormats()
  const reason = useMissingReason()
  const isAdministrator = useIsAdministrator()
  return useMemo(() => {
    const figure = (id: NumberField, unit: Unit, more: Partial<Column> = {}): Column => ({
      id,
      header: t(id),
      align: 'end',
      sortBy: (broker) => broker[id],
      cell: (broker) => (
        <Figure value={broker[id]} unit={unit} missing={reason(broker.metricsMissing)} />
      ),
      ...more,
    })
    const columns: Column[] = [
      {
        id: 'id',
        header: t('broker'),
        phone: 'title',
        sortBy: (broker) => broker.id,
        cell: (broker) => (
          <span className="inline-flex items-center gap-2 whitespace-nowrap">
            <Link
              href={links.broker(cluster, broker.id)}
              className="font-medium underline-offset-2 hover:underline"
            >
              {t('name', { id: broker.id })}
            </Link>
            {broker.isController ? <Badge tone="accent">{t('controller')}</Badge> : null}
          </span>
        ),
      },
      {
        id: 'state',
        header: t('state'),
        phone: 'meta',
        sortBy: (broker) => (broker.isOnline ? broker.replicasOutOfSync : -1),
        cell: (broker) => <BrokerStateMark broker={broker} />,
      },
      {
        id: 'host',
        header: t('address'),
        sortBy: (broker) => `${broker.host}:${broker.port}`,
        cell: (broker) => (
          <span className="font-mono">
            {broker.host}:{broker.port}
          </span>
        ),
      },
      {
        id: 'rack',
        header: t('rack'),
        isHiddenByDefault: true,
        cell: (broker) => <span className="font-mono">{broker.rack ?? '–'}</span>,
      },
      {
        id: 'leaders',
        header: t('leaders'),
        align: 'end',
        phone: 'figure',
        sortBy: (broker) => broker.leaders,
        cell: (broker) => (
          <span title={t('preferredLeaders', { count: broker.preferredLeaders })}>
            <Figure value={broker.leaders} />
            {broker.leaders === broker.preferredLeaders ? null : (
              <span className="text-info"> / {formats.exact(broker.preferredLeaders)}</span>
            )}
          </span>
        ),
      },
      {
        id: 'replicas',
        header: t('replicas'),
        align: 'end',
        sortBy: (broker) => broker.replicas,
        cell: (broker) => <Figure value={broker.replicas} />,
      },
      figure('sizeBytes', 'bytes'),
      figure('messagesInRate', 'recordsPerSecond'),
      figure('bytesInRate', 'bytesPerSecond', { phone: 'figure' }),
      figure('bytesOutRate', 'bytesPerSecond'),
      figure('produceP99Ms', 'ms'),
      figure('fetchP99Ms', 'ms', { isHiddenByDefault: true }),
      figure('memoryUsedBytes', 'bytes', { isHiddenByDefault: true }),
      {
        id: 'version',
        header: t('version'),
        cell: (broker) => <span className="whitespace-nowrap">{broker.version ?? '–'}</span>,
      },
      {
        id: 'uptime',
        header: t('uptime'),
        align: 'end',
        sortBy: (broker) => broker.uptimeMs,
        cell: (broker) =>
          broker.uptimeMs === null ? (
            <Figure value={null} missing={reason(broker.metricsMissing)} />
          ) : (
            <span className="whitespace-nowrap">{formats.duration(broker.uptimeMs)}</span>
          ),
      },
    ]
    if (!isAdministrator) return columns
    const act: Column = {
      id: 'act',
      header: t('actions'),
      isFixed: true,
      align: 'end',
      phone: 'meta',
      cell: (broker) => <BrokerActions broker={broker} />,
    }
    return [...columns, act]
  }, [cluster, formats, isAdministrator, links, reason, t])
}
