'use client'

import { Vote } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import type { TopicDetail, TopicPartitionDetail } from '../../contracts/topics.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useReplicaMap } from '../../hooks/use-replica-map.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { serializeScope } from '../elections/election-scope.ts'
import { PartitionMap } from '../replica-map/partition-map.tsx'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Figure } from '../ui/figure.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { Panel } from '../ui/panel.tsx'
import { type State, StateMark, StateShape } from '../ui/state-mark.tsx'

const partitionState = (partition: TopicPartitionDetail): State => {
  if (partition.leader === null) return 'critical'
  if (partition.isr.length < partition.replicas.length) return 'attention'
  return 'healthy'
}

const ReplicaIds = (props: { ids: readonly number[]; missing?: readonly number[] }) => (
  <span className="tabular whitespace-nowrap">
    {props.ids.join(', ') || '–'}
    {props.missing && props.missing.length > 0 ? (
      <span className="text-warn"> ({props.missing.map((id) => `−${id}`).join(', ')})</span>
    ) : null}
  </span>
)

type Column = DataColumn<TopicPartitionDetail>

const usePartitionColumns = (
  cluster: string,
  topic: string,
  hasIdlePreferred: boolean,
): readonly Column[] => {
  const t = useTranslations('topic')
  const links = useConsoleLinks()
  const reason = useMissingReason()
  const { open } = useSheet()
  const isAdministrator = useIsAdministrator()
  return useMemo(() => {
    const offset = (
      id: 'logStart' | 'highWatermark' | 'logEnd',
      more: Partial<Column> = {},
    ): Column => ({
      id,
      header: t(id),
      align: 'end',
      sortBy: (one) => one[id],
      cell: (one) => (
        <Figure
          value={one[id]}
          unit="offset"
          missing={reason('not-collected', id === 'logEnd' ? 'not-kept' : undefined)}
        />
      ),
      ...more,
    })
    const columns: Column[] = [
      {
        id: 'partition',
        header: t('partition'),
        sortBy: (one) => one.partition,
        phone: 'title',
        cell: (one) => (
          <span className="inline-flex items-center gap-2">
            <StateShape state={partitionState(one)} label={t(`state.${partitionState(one)}`)} />
            <span className="tabular">
              <span className="sm:hidden">{`${t('partition')} `}</span>
              {one.partition}
            </span>
          </span>
        ),
      },
      {
        id: 'leader',
        header: t('leader'),
        sortBy: (one) => one.leader,
        phone: 'meta',
        isNamedOnPhone: true,
        cell: (one) =>
          one.leader === null ? (
            <StateMark state="critical">{t('noLeader')}</StateMark>
          ) : (
            <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
              <Link
                href={links.broker(cluster, one.leader)}
                className="underline-offset-2 hover:underline"
              >
                {t('broker', { id: one.leader })}
              </Link>
              {one.leader === one.preferred ? null : (
                <span className="text-info" title={t('notPreferredHint', { id: one.preferred })}>
                  • {t('notPreferred', { id: one.preferred })}
                </span>
              )}
            </span>
          ),
      },
      {
        id: 'replicas',
        header: t('replicas'),
        cell: (one) => <ReplicaIds ids={one.replicas} />,
      },
      {
        id: 'isr',
        header: t('isr'),
        phone: 'meta',
        isNamedOnPhone: true,
        sortBy: (one) => one.isr.length,
        cell: (one) => (
          <ReplicaIds ids={one.isr} missing={one.replicas.filter((id) => !one.isr.includes(id))} />
        ),
      },
      offset('logStart'),
      offset('highWatermark', { phone: 'figure' }),
      offset('logEnd'),
      {
        id: 'sizeBytes',
        header: t('size'),
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
      {
        id: 'leaderEpoch',
        header: t('epoch'),
        align: 'end',
        sortBy: (one) => one.leaderEpoch,
        cell: (one) => (
          <Figure value={one.leaderEpoch} missing={reason('not-collected', 'not-kept')} />
        ),
      },
    ]
    if (!isAdministrator || !hasIdlePreferred) return columns
    const act: Column = {
      id: 'act',
      header: t('act'),
      isFixed: true,
      cell: (one) =>
        one.leader === one.preferred ? null : (
          <Button
            size="sm"
            onClick={() =>
              open(
                serializeScope({
                  partitions: [{ topic, partition: one.partition }],
                  topic: null,
                  broker: null,
                }),
              )
            }
          >
            <Vote aria-hidden />
            {t('elect')}
          </Button>
        ),
    }
    return [...columns, act]
  }, [cluster, topic, hasIdlePreferred, isAdministrator, links, open, reason, t])
}

const PartitionExtra = ({ detail, broker }: { detail: TopicPartitionDetail; broker: number }) => {
  const t = useTranslations('topic')
  const lag = detail.replicaLags.find((one) => one.broker === broker)
  const reason = useMissingReason()
  const [sampled, notKept] = [reason('not-collected'), reason('not-collected', 'not-kept')]
  const lines = [
    [t('epoch'), detail.leaderEpoch, notKept],
    [t('logStart'), detail.logStart, sampled],
    [t('highWatermark'), detail.highWatermark, sampled],
    [t('replicaLag'), lag?.lagRecords ?? null, notKept],
  ] as const
  return (
    <dl className="grid grid-cols-[auto_auto] gap-x-3">
      {lines.map(([label, value, missing]) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className="text-right">
            <Figure value={value} unit="offset" missing={missing} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

export const PartitionsTab = ({ cluster, topic }: { cluster: string; topic: TopicDetail }) => {
  const t = useTranslations('topic')
  const map = useTranslations('replicaMap')
  const [sort, setSort] = useQueryState('partitionSort', parseAsString.withDefault('partition'))
  const columns = usePartitionColumns(cluster, topic.name, topic.isr.partitionsNotPreferred > 0)
  const replicaMap = useReplicaMap(cluster, { topic: topic.name })
  const details = topic.partitionDetails
  const brokers = useMemo(() => {
    const known = replicaMap.data?.brokers
    if (known) return known
    const ids = new Set(details.flatMap((one) => one.replicas))
    const offline = new Set(details.flatMap((one) => one.offline))
    return [...ids]
      .sort((a, b) => a - b)
      .map((broker) => ({ broker, isOnline: !offline.has(broker) }))
  }, [replicaMap.data, details])
  return (
    <div className="flex flex-col gap-4">
      <Panel title={map('title')}>
        <PartitionMap
          partitions={details}
          brokers={brokers}
          extra={(partition, broker) => {
            const detail = details.find((one) => one.partition === partition)
            return detail ? <PartitionExtra detail={detail} broker={broker} /> : null
          }}
        />
      </Panel>
      <DataTable
        id="partitions"
        label={t('partitions')}
        columns={columns}
        rows={details}
        rowId={(one) => String(one.partition)}
        sort={parseSort(sort)}
        onSortChange={(next) => setSort(serializeSort(next))}
        empty={<EmptyState title={t('noPartitions')} />}
      />
    </div>
  )
}
