'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { type ConfigChangesQuery, useConfigChanges } from '../../hooks/use-configs.ts'
import { TimeAgo } from '../ui/age.tsx'
import { Pager } from '../ui/pager.tsx'
import { Panel } from '../ui/panel.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'

const PAGE_SIZE = 20

type HistoryProps = {
  cluster: string
  filter: Pick<ConfigChangesQuery, 'entityType' | 'entity'>
  showsEntity?: boolean
}

/** Who changed what when, newest first. */
export const ConfigHistory = ({ cluster, filter, showsEntity }: HistoryProps) => {
  const t = useTranslations('config')
  const [page, setPage] = useState(1)
  const query = useConfigChanges(cluster, { ...filter, page, pageSize: PAGE_SIZE })
  const items = query.data?.items
  return (
    <Panel title={t('history')} note={t('historyNote')} bodyClassName="p-0">
      {query.error && !items ? (
        <ProblemNote error={query.error} onRetry={() => query.refetch()} className="m-3" />
      ) : items === undefined ? (
        <Skeleton className="m-3 h-16" />
      ) : items.length === 0 ? (
        <p className="p-3 text-muted">{t('noHistory')}</p>
      ) : (
        <SimpleTable label={t('history')}>
          <thead>
            <tr>
              <Th>{t('when')}</Th>
              <Th>{t('who')}</Th>
              {showsEntity ? <Th>{t('where')}</Th> : null}
              <Th>{t('name')}</Th>
              <Th>{t('change')}</Th>
            </tr>
          </thead>
          <tbody>
            {items.map((change) => (
              <tr key={change.id}>
                <Td>
                  <TimeAgo timeMs={change.at} />
                </Td>
                <Td className="break-all">{change.actor}</Td>
                {showsEntity ? (
                  <Td className="whitespace-nowrap">
                    {t(`entity.${change.entityType}`, { name: change.entity })}
                  </Td>
                ) : null}
                <Td className="font-mono break-all">{change.name}</Td>
                <Td className="font-mono break-all">
                  <span className="text-crit">{change.before ?? t('unset')}</span>
                  {' → '}
                  <span className="text-ok">{change.after ?? t('unset')}</span>
                </Td>
              </tr>
            ))}
          </tbody>
        </SimpleTable>
      )}
      <div className="px-3 pb-2 empty:hidden">
        <Pager page={page} pageSize={PAGE_SIZE} total={query.data?.total ?? 0} onPage={setPage} />
      </div>
    </Panel>
  )
}
