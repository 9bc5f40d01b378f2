'use client'

import { useTranslations } from 'next-intl'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import type { BrokerDetail } from '../../contracts/brokers.ts'
import type { MetricName } from '../../contracts/metrics.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useAt } from '../../hooks/use-at.ts'
import { useBroker } from '../../hooks/use-brokers.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useNow } from '../../hooks/use-now.ts'
import { ChartGroup } from '../charts/crosshair.tsx'
import { MetricChart } from '../charts/metric-chart.tsx'
import { ConfigEditor } from '../configs/config-editor.tsx'
import { PageHeader } from '../frame/page-header.tsx'
import { AsOf, isStaleAt } from '../ui/age.tsx'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { Figure } from '../ui/figure.tsx'
import { FreshVerdict } from '../ui/fresh-verdict.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { PairFigure } from '../ui/pair-figure.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { Tabs, TabsContent, TabsList, TabsTrigger } from '../ui/tabs.tsx'
import { BrokerActions } from './broker-actions.tsx'
import { BrokerPartitions, LogDirs } from './broker-partitions.tsx'
import { brokerStateOf, useBrokerWords } from './broker-state.tsx'

const TABS = ['charts', 'partitions', 'config'] as const
const PAST_TABS = ['charts', 'partitions'] as const

const METRICS = [
  ['bytes-in-rate', 'bytesIn'],
  ['bytes-out-rate', 'bytesOut'],
  ['messages-in-rate', 'messagesIn'],
  ['replication-bytes-in-rate', 'replicationIn'],
  ['produce-p99-ms', 'produceP99'],
  ['fetch-consumer-p99-ms', 'fetchP99'],
  ['memory-used-bytes', 'memory'],
  ['event-loop-delay-ms', 'loopDelay'],
] as const satisfies readonly (readonly [MetricName, string])[]

const BrokerFacts = ({ broker }: { broker: BrokerDetail }) => {
  const t = useTranslations('brokers')
  const formats = useFormats()
  const reason = useMissingReason()
  const missing = reason(broker.metricsMissing)
  const figure = (value: number | null, unit: 'bytes' | 'ms') => (
    <Figure value={value} unit={unit} missing={missing} />
  )
  return (
    <Facts
      facts={[
        { label: t('leaders'), value: <Figure value={broker.leaders} /> },
        { label: t('replicas'), value: <Figure value={broker.replicas} /> },
        { label: t('sizeBytes'), value: figure(broker.sizeBytes, 'bytes') },
        {
          label: t('bytesInOut'),
          value: (
            <PairFigure
              first={broker.bytesInRate}
              second={broker.bytesOutRate}
              unit="bytesPerSecond"
              missing={missing}
            />
          ),
        },
        { label: t('produceP99Ms'), value: figure(broker.produceP99Ms, 'ms') },
        { label: t('fetchP99Ms'), value: figure(broker.fetchP99Ms, 'ms') },
        { label: t('memoryUsedBytes'), value: figure(broker.memoryUsedBytes, 'bytes') },
        {
          label: t('uptime'),
          value: broker.uptimeMs === null ? '–' : formats.duration(broker.uptimeMs),
          ...(broker.uptimeMs === null ? { hint: missing } : {}),
        },
        { label: t('version'), value: broker.version ?? '–' },
        {
          label: t('address'),
          value: (
            <span className="font-mono text-sm">
              {broker.host}:{broker.port}
            </span>
          ),
        },
        ...(broker.rack === null ? [] : [{ label: t('rack'), value: broker.rack }]),
        ...(broker.process?.pid
          ? [
              {
                label: 'pid',
                value: <span className="font-mono text-sm">{broker.process.pid}</span>,
              },
            ]
          : []),
      ]}
    />
  )
}

const BrokerCharts = ({ cluster, broker }: { cluster: string; broker: number }) => {
  const metric = useTranslations('metric')
  const t = useTranslations('brokers')
  const names = useMemo(() => [String(broker)], [broker])
  return (
    <ChartGroup>
      <div className="grid gap-3 xl:grid-cols-2">
        {METRICS.map(([name, title]) => (
          <MetricChart
            key={name}
            cluster={cluster}
            title={metric(title)}
            query={{ metric: name, by: 'broker', names }}
            label={(id) => t('name', { id: Number(id) })}
          />
        ))}
      </div>
    </ChartGroup>
  )
}

const BrokerTabs = ({ cluster, broker }: { cluster: string; broker: BrokerDetail }) => {
  const t = useTranslations('brokers')
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('charts'))
  const { atMs } = useAt()
  const tabs: readonly (typeof TABS)[number][] = atMs === null ? TABS : PAST_TABS
  return (
    <Tabs
      value={tabs.includes(tab) ? tab : 'partitions'}
      onValueChange={(value) => setTab(TABS.find((one) => one === value) ?? 'charts')}
    >
      <TabsList aria-label={t('tabs')}>
        {tabs.map((one) => (
          <TabsTrigger key={one} value={one}>
            {t(`tab.${one}`)}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value="charts">
        <BrokerCharts cluster={cluster} broker={broker.id} />
      </TabsContent>
      <TabsContent value="partitions">
        <div className="flex flex-col gap-4">
          <LogDirs broker={broker} />
          <BrokerPartitions cluster={cluster} broker={broker} />
        </div>
      </TabsContent>
      <TabsContent value="config">
        <ConfigEditor cluster={cluster} entity={{ type: 'broker', broker: broker.id }} />
      </TabsContent>
    </Tabs>
  )
}

export const BrokerPage = ({ cluster, broker: id }: { cluster: string; broker: number }) => {
  const t = useTranslations('brokers')
  const query = useBroker(cluster, id)
  const nowMs = useNow()
  const words = useBrokerWords()
  const isAdministrator = useIsAdministrator()
  const broker = query.data
  return (
    <>
      <PageHeader
        title={
          <span className="inline-flex items-center gap-2">
            {t('name', { id })}
            {broker?.isController ? <Badge tone="accent">{t('controller')}</Badge> : null}
          </span>
        }
        verdict={
          broker ? (
            <FreshVerdict asOf={broker.asOf}>
              <StateMark state={brokerStateOf(broker)}>{words(broker)}</StateMark>
            </FreshVerdict>
          ) : query.error ? null : (
            <Skeleton className="mt-1 h-4 w-40" />
          )
        }
        aside={broker ? <AsOf asOf={broker.asOf} /> : null}
        actions={
          isAdministrator && broker ? <BrokerActions broker={broker} label={t('actions')} /> : null
        }
      />
      <div className="flex flex-col gap-4">
        {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
        {broker ? (
          <>
            <div className={isStaleAt(broker.asOf, nowMs) ? 'text-stale' : undefined}>
              <BrokerFacts broker={broker} />
            </div>
            <BrokerTabs cluster={cluster} broker={broker} />
          </>
        ) : query.error ? null : (
          <>
            <Skeleton className="h-14 w-full" />
            <Skeleton className="h-60 w-full" />
          </>
        )}
      </div>
    </>
  )
}
