'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import type { TopicReader } from '../../contracts/topics.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { GroupStateMark } from '../groups/group-state-mark.tsx'
import { LagTimeFigure } from '../lag/lag-time-figure.tsx'
import { useLagWords } from '../lag/use-lag-words.ts'
import { VerdictMark } from '../lag/verdict-mark.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Figure } from '../ui/figure.tsx'
import { useMissingNow } from '../ui/missing-reason.ts'

export const ReadersTab = (props: {
  cluster: string
  partitions: number
  readers: readonly TopicReader[]
}) => {
  const { cluster, partitions } = props
  const t = useTranslations('topic')
  const lagText = useTranslations('lag')
  const words = useLagWords()
  const links = useConsoleLinks()
  const noCommit = useMissingNow(t('noCommit'))
  const [sort, setSort] = useQueryState('readerSort', parseAsString.withDefault('-lag'))
  const columns = useMemo<readonly DataColumn<TopicReader>[]>(
    () => [
      {
        id: 'group',
        header: t('group'),
        phone: 'title',
        sortBy: (reader) => reader.group,
        cell: (reader) => (
          <Link
            href={links.group(cluster, reader.group)}
            className="font-mono font-medium break-all underline-offset-2 hover:underline"
          >
            {reader.group}
          </Link>
        ),
      },
      {
        id: 'state',
        header: t('groupState'),
        phone: 'meta',
        sortBy: (reader) => reader.state,
        cell: (reader) => <GroupStateMark state={reader.state} />,
      },
      {
        id: 'members',
        header: t('members'),
        align: 'end',
        phone: 'figure',
        sortBy: (reader) => reader.members,
        cell: (reader) => <Figure value={reader.members} />,
      },
      {
        id: 'partitionsRead',
        header: t('partitionsRead'),
        align: 'end',
        sortBy: (reader) => reader.partitionsRead,
        cell: (reader) => (
          <span className="tabular">
            {reader.partitionsRead} / {partitions}
          </span>
        ),
      },
      {
        id: 'lag',
        header: t('lag'),
        align: 'end',
        phone: 'figure',
        sortBy: (reader) => reader.lag,
        cell: (reader) => <Figure value={reader.lag} unit="records" missing={noCommit} />,
      },
      {
        id: 'lagTime',
        header: lagText('column'),
        align: 'end',
        phone: 'figure',
        sortBy: ({ lagTime }) => lagTime && (lagTime.estimateMs ?? lagTime.atLeastMs),
        cell: (reader) => <LagTimeFigure time={reader.lagTime} />,
      },
      {
        id: 'verdict',
        header: lagText('verdict'),
        phone: 'meta',
        cell: ({ worst }) => (
          <VerdictMark
            verdict={worst?.verdict ?? null}
            reason={worst ? words.worst(worst) : words.noVerdict}
          />
        ),
      },
    ],
    [cluster, links, noCommit, partitions, t, lagText, words],
  )
  return (
    <DataTable
      id="readers"
      label={t('readers')}
      columns={columns}
      rows={props.readers}
      rowId={(reader) => reader.group}
      rowHref={(reader) => links.group(cluster, reader.group)}
      isPrimary
      sort={parseSort(sort)}
      onSortChange={(next) => setSort(serializeSort(next))}
      empty={<EmptyState title={t('noReaders')}>{t('noReadersText')}</EmptyState>}
    />
  )
}
