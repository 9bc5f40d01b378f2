'use client'

import { Pencil, Plus, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo, useState } from 'react'
import type { ClusterItem } from '../../contracts/clusters.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useClusters } from '../../hooks/use-clusters.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { clusterColor } from '../frame/cluster-color.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { TimeAgo } from '../ui/age.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { AddClusterSheet, EditClusterSheet } from './cluster-sheet.tsx'
import { ClusterState } from './cluster-state.tsx'
import { RemoveClusterDialog } from './remove-cluster-dialog.tsx'

const EDIT = 'edit-cluster:'

const NameCell = ({ cluster }: { cluster: ClusterItem }) => {
  const t = useTranslations('clusters')
  const links = useConsoleLinks()
  return (
    <span className="flex flex-wrap items-center gap-2">
      <span
        aria-hidden
        className="size-2.5 shrink-0 rounded-xs"
        style={{ background: clusterColor(cluster.id, cluster.color) }}
      />
      <Link href={links.overview(cluster.id)} className="font-medium break-all hover:underline">
        {cluster.name}
      </Link>
      {cluster.isProduction ? <Badge tone="warn">{t('production')}</Badge> : null}
    </span>
  )
}

const ActCell = (props: { cluster: ClusterItem; onEdit: () => void; onRemove: () => void }) => {
  const { cluster, onEdit, onRemove } = props
  const t = useTranslations('clusters')
  const isAdministrator = useIsAdministrator()
  if (cluster.origin !== 'console') {
    return <span className="text-xs text-muted">{t(`readOnly.${cluster.origin}`)}</span>
  }
  if (!isAdministrator) return null
  const { name } = cluster
  return (
    <span className="flex gap-1">
      <Button variant="ghost" size="iconSm" aria-label={t('editOf', { name })} onClick={onEdit}>
        <Pencil aria-hidden />
      </Button>
      <Button variant="ghost" size="iconSm" aria-label={t('removeOf', { name })} onClick={onRemove}>
        <Trash2 aria-hidden />
      </Button>
    </span>
  )
}

const useClusterColumns = (acts: {
  onEdit: (cluster: ClusterItem) => void
  onRemove: (cluster: ClusterItem) => void
}): readonly DataColumn<ClusterItem>[] => {
  const t = useTranslations('clusters')
  const { onEdit, onRemove } = acts
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('name'),
        phone: 'title',
        sortBy: (cluster) => cluster.name,
        cell: (cluster) => <NameCell cluster={cluster} />,
      },
      {
        id: 'state',
        header: t('stateHeader'),
        phone: 'meta',
        sortBy: (cluster) => cluster.connection?.state ?? '',
        cell: (cluster) => <ClusterState connection={cluster.connection} />,
      },
      {
        id: 'brokers',
        header: t('brokers'),
        phone: 'figure',
        align: 'end',
        sortBy: (cluster) => cluster.brokersTotal,
        cell: (cluster) =>
          cluster.brokersTotal === null
            ? '–'
            : `${cluster.brokersOnline ?? '–'}/${cluster.brokersTotal}`,
      },
      {
        id: 'bootstrap',
        header: t('bootstrap'),
        cell: (cluster) => (
          <span className="font-mono text-xs break-all">{cluster.bootstrapServers.join(' ')}</span>
        ),
      },
      {
        id: 'metrics',
        header: t('metrics'),
        sortBy: (cluster) => cluster.metricsFrom,
        cell: (cluster) => t(`metricsKind.${cluster.metricsFrom}`),
      },
      {
        id: 'asOf',
        header: t('lastRead'),
        sortBy: (cluster) => cluster.asOf,
        cell: (cluster) => (cluster.asOf === null ? '–' : <TimeAgo timeMs={cluster.asOf} />),
      },
      {
        id: 'act',
        header: t('actions'),
        isFixed: true,
        phone: 'meta',
        cell: (cluster) => (
          <ActCell
            cluster={cluster}
            onEdit={() => onEdit(cluster)}
            onRemove={() => onRemove(cluster)}
          />
        ),
      },
    ],
    [onEdit, onRemove, t],
  )
}

export const ClustersPage = () => {
  const t = useTranslations('clusters')
  const clusters = useClusters()
  const isAdministrator = useIsAdministrator()
  const { sheet, open, close, isOpen } = useSheet()
  const [sort, setSort] = useQueryState('sort', parseAsString.withDefault('name'))
  const [removing, setRemoving] = useState<ClusterItem | null>(null)
  const onEdit = (cluster: ClusterItem) => void open(`${EDIT}${cluster.id}`)
  const columns = useClusterColumns({ onEdit, onRemove: setRemoving })
  const items = clusters.data?.items ?? []
  const troubled = items.filter((one) => one.connection && one.connection.state !== 'reachable')
  return (
    <>
      <PageHeader
        title={t('title')}
        verdict={
          items.length === 0 ? null : (
            <StateMark state={troubled.length === 0 ? 'healthy' : 'attention'}>
              {t('verdict', { count: items.length, troubled: troubled.length })}
            </StateMark>
          )
        }
        actions={
          isAdministrator ? (
            <Button variant="primary" onClick={() => open('add-cluster')}>
              <Plus aria-hidden />
              {t('add')}
            </Button>
          ) : null
        }
      />
      {clusters.error ? (
        <ProblemNote error={clusters.error} onRetry={() => clusters.refetch()} className="mb-3" />
      ) : null}
      <DataTable
        id="clusters"
        label={t('title')}
        columns={columns}
        rows={clusters.error && !clusters.data ? [] : clusters.data?.items}
        rowId={(cluster) => cluster.id}
        sort={parseSort(sort)}
        onSortChange={(next) => setSort(serializeSort(next))}
        skeletonRows={3}
        empty={<EmptyState title={t('emptyTitle')}>{t('emptyText')}</EmptyState>}
      />
      {items
        .filter((one) => one.error !== null)
        .map((one) => (
          <p key={one.id} className="mt-3 text-sm">
            <span className="font-medium">{one.name}</span>{' '}
            <code className="font-mono text-xs break-words text-muted">{one.error}</code>
          </p>
        ))}
      {isAdministrator && isOpen('add-cluster') ? <AddClusterSheet onClose={close} /> : null}
      {isAdministrator && sheet?.startsWith(EDIT) ? (
        <EditClusterSheet key={sheet} cluster={sheet.slice(EDIT.length)} onClose={close} />
      ) : null}
      {removing ? (
        <RemoveClusterDialog cluster={removing} onClose={() => setRemoving(null)} />
      ) : null}
    </>
  )
}
