'use client'

import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import type { GroupMember, GroupPartition } from '../../contracts/groups.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { LagTimeFigure } from '../lag/lag-time-figure.tsx'
import { useLagWords } from '../lag/use-lag-words.ts'
import { VerdictMark } from '../lag/verdict-mark.tsx'
import { partitionColumn } from '../topics/partition-column.tsx'
import { CopyableId } from '../ui/copyable-id.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Figure } from '../ui/figure.tsx'
import { useMissingNow, useMissingReason } from '../ui/missing-reason.ts'

const SEVERITY = [null, 'OK', 'WARN', 'REWIND', 'STALL', 'STOP'] as const

export const GroupPartitionsTable = (props: {
  cluster: string
  partitions: readonly GroupPartition[]
}) => {
  const { cluster } = props
  const t = useTranslations('group')
  const links = useConsoleLinks()
  const reason = useMissingReason()
  const noCommit = useMissingNow(t('noCommit'))
  const lagText = useTranslations('lag')
  const words = useLagWords()
  const [sort, setSort] = useQueryState('partitionSort', parseAsString.withDefault('-lag'))
  const columns = useMemo<readonly DataColumn<GroupPartition>[]>(
    () => [
      partitionColumn({
        header: t('topicPartition'),
        href: (topic) => links.topic(cluster, topic),
      }),
      {
        id: 'committed',
        header: t('committed'),
        align: 'end',
        sortBy: (one) => one.committed,
        cell: (one) => <Figure value={one.committed} unit="offset" missing={noCommit} />,
      },
      {
        id: 'end',
        header: t('end'),
        align: 'end',
        phone: 'figure',
        sortBy: (one) => one.end,
        cell: (one) => <Figure value={one.end} unit="offset" missing={reason('not-collected')} />,
      },
      {
        id: 'lag',
        header: t('lag'),
        align: 'end',
        phone: 'figure',
        sortBy: (one) => one.lag,
        cell: (one) => (
          <Figure
            value={one.lag}
            unit="records"
            missing={noCommit}
            className={one.lag !== null && one.lag > 0 ? 'font-medium' : undefined}
          />
        ),
      },
      {
        id: 'lagTime',
        header: lagText('column'),
        align: 'end',
        phone: 'figure',
        sortBy: (one) => one.lagTime && (one.lagTime.estimateMs ?? one.lagTime.atLeastMs),
        cell: (one) => <LagTimeFigure time={one.lagTime} />,
      },
      {
        id: 'verdict',
        header: lagText('verdict'),
        phone: 'meta',
        sortBy: (one) => SEVERITY.indexOf(one.verdict?.verdict ?? null),
        cell: (one) => (
          <VerdictMark
            verdict={one.verdict?.verdict ?? null}
            reason={one.verdict ? words.reason(one.verdict) : words.noVerdict}
          />
        ),
      },
      ...(['producerRate', 'consumerRate'] as const).map((id) => ({
        id,
        header: lagText(id),
        align: 'end' as const,
        sortBy: (one: GroupPartition) => one[id],
        cell: (one: GroupPartition) => (
          <Figure value={one[id]} unit="recordsPerSecond" missing={reason('not-collected')} />
        ),
      })),
      {
        id: 'owner',
        header: t('owner'),
        phone: 'meta',
        sortBy: (one) => one.clientId,
        cell: (one) =>
          one.memberId === null ? (
            <span className="text-muted">{t('noOwner')}</span>
          ) : (
            <span title={one.memberId}>
              <span className="font-mono">{one.clientId ?? one.memberId}</span>
              {one.host ? <span className="pl-1.5 text-muted">{one.host}</span> : null}
            </span>
          ),
      },
      {
        id: 'metadata',
        header: t('metadata'),
        isHiddenByDefault: true,
        cell: (one) => <span className="font-mono text-xs">{one.metadata || '–'}</span>,
      },
    ],
    [cluster, links, reason, noCommit, t, lagText, words],
  )
  return (
    <DataTable
      id="group-partitions"
      label={t('partitions')}
      columns={columns}
      rows={props.partitions}
      rowId={(one) => `${one.topic}-${one.partition}`}
      sort={parseSort(sort)}
      onSortChange={(next) => setSort(serializeSort(next))}
      empty={<EmptyState title={t('noPartitions')}>{t('noPartitionsText')}</EmptyState>}
    />
  )
}

export const GroupMembersTable = ({ members }: { members: readonly GroupMember[] }) => {
  const t = useTranslations('group')
  const [sort, setSort] = useQueryState('memberSort', parseAsString.withDefault('clientId'))
  const columns = useMemo<readonly DataColumn<GroupMember>[]>(
    () => [
      {
        id: 'clientId',
        header: t('client'),
        phone: 'title',
        sortBy: (member) => member.clientId,
        cell: (member) => <span className="font-mono font-medium">{member.clientId}</span>,
      },
      {
        id: 'host',
        header: t('host'),
        phone: 'meta',
        sortBy: (member) => member.host,
        cell: (member) => <span className="font-mono">{member.host}</span>,
      },
      {
        id: 'memberId',
        header: t('memberId'),
        className: 'max-w-80',
        cell: (member) => <CopyableId value={member.memberId} className="text-xs" />,
      },
      {
        id: 'instance',
        header: t('instance'),
        isHiddenByDefault: true,
        cell: (member) => <span className="font-mono">{member.groupInstanceId ?? '–'}</span>,
      },
      {
        id: 'count',
        header: t('partitionCount'),
        align: 'end',
        phone: 'figure',
        sortBy: (member) => member.assignment.reduce((sum, one) => sum + one.partitions.length, 0),
        cell: (member) => (
          <Figure value={member.assignment.reduce((sum, one) => sum + one.partitions.length, 0)} />
        ),
      },
      {
        id: 'assignment',
        header: t('assignment'),
        phone: 'meta',
        cell: (member) =>
          member.assignment.length === 0 ? (
            <span className="text-muted">{t('idle')}</span>
          ) : (
            <span className="font-mono text-xs break-all">
              {member.assignment
                .map((one) => `${one.topic}: ${one.partitions.join(', ')}`)
                .join('; ')}
            </span>
          ),
      },
    ],
    [t],
  )
  return (
    <DataTable
      id="group-members"
      label={t('members')}
      columns={columns}
      rows={members}
      rowId={(member) => member.memberId}
      sort={parseSort(sort)}
      onSortChange={(next) => setSort(serializeSort(next))}
      empty={<EmptyState title={t('noMembers')}>{t('noMembersText')}</EmptyState>}
    />
  )
}
