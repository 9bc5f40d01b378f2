'use client'

import { useTranslations } from 'next-intl'
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import type { AuditEntry } from '../../contracts/audit.ts'
import { useAudit } from '../../hooks/use-audit.ts'
import { useClusters } from '../../hooks/use-clusters.ts'
import { ListPage } from '../frame/list-page.tsx'
import { TimeAgo } from '../ui/age.tsx'
import type { DataColumn } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Select } from '../ui/select.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { useActionWords } from './use-action-words.ts'

const PAGE_SIZE = 50
const ALL = 'all'

const urlState = {
  cluster: parseAsString.withDefault(ALL),
  page: parseAsInteger.withDefault(1),
}

const detailText = (entry: AuditEntry): string => {
  if (entry.detail === null) return ''
  const parts = Object.entries(entry.detail)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return parts.join(', ')
}

const useActivityColumns = (): readonly DataColumn<AuditEntry>[] => {
  const t = useTranslations('activity')
  const words = useActionWords()
  return useMemo(
    () => [
      {
        id: 'at',
        header: t('when'),
        phone: 'figure',
        cell: (entry) => <TimeAgo timeMs={entry.at} />,
      },
      {
        id: 'actor',
        header: t('who'),
        phone: 'meta',
        cell: (entry) => <span className="break-all">{entry.actor}</span>,
      },
      {
        id: 'action',
        header: t('what'),
        phone: 'title',
        cell: (entry) => <span className="font-medium">{words(entry.action)}</span>,
      },
      {
        id: 'subject',
        header: t('on'),
        phone: 'meta',
        cell: (entry) => (
          <span className="font-mono break-all">
            {[entry.cluster, entry.subject].filter((part) => part !== null).join(' / ') || '–'}
          </span>
        ),
      },
      {
        id: 'outcome',
        header: t('outcome'),
        phone: 'meta',
        cell: (entry) => (
          <span>
            <StateMark state={entry.outcome === 'ok' ? 'healthy' : 'critical'}>
              {t(`result.${entry.outcome}`)}
            </StateMark>
            {entry.error ? <code className="block font-mono text-xs">{entry.error}</code> : null}
          </span>
        ),
      },
      {
        id: 'detail',
        header: t('detail'),
        cell: (entry) => {
          const text = detailText(entry)
          return (
            <span
              className="line-clamp-2 max-w-150 font-mono text-xs break-words text-muted"
              title={text}
            >
              {text || '–'}
            </span>
          )
        },
      },
    ],
    [t, words],
  )
}

/** Who did what when, newest first. */
export const ActivityPage = () => {
  const t = useTranslations('activity')
  const [state, setState] = useQueryStates(urlState)
  const clusters = useClusters()
  const columns = useActivityColumns()
  const query = useAudit({
    ...(state.cluster === ALL ? {} : { cluster: state.cluster }),
    page: state.page,
    pageSize: PAGE_SIZE,
  })
  const items = clusters.data?.items ?? []
  return (
    <ListPage
      title={t('title')}
      verdict={<span className="text-sm text-muted">{t('intro')}</span>}
      query={query}
      isAgeless
      table={{
        id: 'activity',
        columns,
        rowId: (entry) => entry.id,
        skeletonRows: 8,
        toolbar:
          items.length > 1 ? (
            <Select
              aria-label={t('cluster')}
              className="w-48"
              value={state.cluster}
              onValueChange={(cluster) => setState({ cluster, page: 1 })}
              options={[
                { value: ALL, label: t('allClusters') },
                ...items.map((one) => ({ value: one.id, label: one.name })),
              ]}
            />
          ) : null,
        empty: <EmptyState title={t('emptyTitle')}>{t('emptyText')}</EmptyState>,
      }}
      page={state.page}
      pageSize={PAGE_SIZE}
      onPage={(page) => setState({ page })}
    />
  )
}
