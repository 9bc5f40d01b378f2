'use client'

import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import type { BrokerItem } from '../../contracts/brokers.ts'
import { useBrokers } from '../../hooks/use-brokers.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useNow } from '../../hooks/use-now.ts'
import { ChartGroup } from '../charts/crosshair.tsx'
import { MetricChart } from '../charts/metric-chart.tsx'
import { PageHeader } from '../frame/page-header.tsx'
import { AsOf, isStaleAt } from '../ui/age.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { FreshVerdict } from '../ui/fresh-verdict.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { useBrokerColumns } from './broker-columns.tsx'

const Verdict = ({ brokers }: { brokers: readonly BrokerItem[] }) => {
  const t = useTranslations('brokers')
  const online = brokers.filter((broker) => broker.isOnline).length
  const outOfSync = brokers.reduce((sum, broker) => sum + broker.replicasOutOfSync, 0)
  const state =
    online < brokers.length ? 'critical' : outOfSync > 0 ? 'attention' : ('healthy' as const)
  return (
    <StateMark state={state}>
      {t('verdict', { online, total: brokers.length, outOfSync })}
    </StateMark>
  )
}

export const BrokersPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('brokers')
  const metric = useTranslations('metric')
  const query = useBrokers(cluster)
  const nowMs = useNow()
  const links = useConsoleLinks()
  const columns = useBrokerColumns(cluster)
  const [sort, setSort] = useQueryState('sort', parseAsString.withDefault('id'))
  const name = (id: string) => t('name', { id: Number(id) })
  return (
    <>
      <PageHeader
        title={t('title')}
        verdict={
          query.data ? (
            <FreshVerdict asOf={query.data.asOf}>
              <Verdict brokers={query.data.items} />
            </FreshVerdict>
          ) : null
        }
        aside={query.data ? <AsOf asOf={query.data.asOf} /> : null}
      />
      <div className="flex flex-col gap-4">
        {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
        <DataTable
          id="brokers"
          label={t('title')}
          columns={columns}
          rows={query.error && !query.data ? [] : query.data?.items}
          rowId={(broker) => String(broker.id)}
          rowHref={(broker) => links.broker(cluster, broker.id)}
          isPrimary
          isStale={isStaleAt(query.data?.asOf, nowMs)}
          sort={parseSort(sort)}
          onSortChange={(next) => setSort(serializeSort(next))}
          skeletonRows={3}
          empty={<EmptyState title={t('emptyTitle')}>{t('emptyText')}</EmptyState>}
        />
        <ChartGroup>
          <div className="grid gap-3 xl:grid-cols-2">
            <MetricChart
              cluster={cluster}
              title={metric('bytesIn')}
              query={{ metric: 'bytes-in-rate', by: 'broker' }}
              label={name}
            />
            <MetricChart
              cluster={cluster}
              title={metric('produceP99')}
              query={{ metric: 'produce-p99-ms', by: 'broker' }}
              label={name}
            />
          </div>
        </ChartGroup>
      </div>
    </>
  )
}
