'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { Overview } from '../../contracts/overview.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useChartBounds } from '../../hooks/use-chart-bounds.ts'
import { useCluster } from '../../hooks/use-clusters.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useNow } from '../../hooks/use-now.ts'
import { useOverview } from '../../hooks/use-overview.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { ChartPanel } from '../charts/chart-panel.tsx'
import { ChartGroup } from '../charts/crosshair.tsx'
import { PageHeader } from '../frame/page-header.tsx'
import { ClusterMap } from '../replica-map/cluster-map.tsx'
import { AsOf } from '../ui/age.tsx'
import { Button } from '../ui/button.tsx'
import { Figure } from '../ui/figure.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { PairFigure } from '../ui/pair-figure.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { AttentionList } from './attention-list.tsx'
import { BrokerShares } from './broker-shares.tsx'
import { SampleSwitch } from './sample-switch.tsx'
import { StatTile } from './stat-tile.tsx'
import { useAttention } from './use-attention.ts'

const Verdict = ({ cluster, overview }: { cluster: string; overview: Overview }) => {
  const t = useTranslations('overview')
  const state = useTranslations('state')
  const attention = useAttention(cluster)
  const { counts, verdict } = overview
  const first = overview.reasons[0]
  if (verdict === 'healthy' || first === undefined) {
    return (
      <StateMark state={verdict}>
        {verdict === 'healthy'
          ? t('healthy', {
              brokers: counts.brokersOnline,
              topics: counts.topics,
              partitions: counts.partitions,
            })
          : state(verdict)}
      </StateMark>
    )
  }
  const { sentence, href } = attention(first)
  return (
    <StateMark state={verdict}>
      {`${state(verdict)}. `}
      {href ? (
        <Link href={href} className="underline underline-offset-2">
          {sentence}
        </Link>
      ) : (
        sentence
      )}
      {overview.reasons.length > 1
        ? ` ${t('andMore', { count: overview.reasons.length - 1 })}`
        : ''}
    </StateMark>
  )
}

const Controller = ({ cluster, overview }: { cluster: string; overview: Overview }) => {
  const t = useTranslations('overview')
  const formats = useFormats()
  const links = useConsoleLinks()
  const nowMs = useNow()
  const { controllerId, controllerSinceMs } = overview
  if (controllerId === null) return <span>{t('noController')}</span>
  const age =
    controllerSinceMs === null || nowMs === 0 ? null : formats.duration(nowMs - controllerSinceMs)
  return (
    <Link href={links.quorum(cluster)} className="underline-offset-2 hover:underline">
      {age === null
        ? t('controller', { id: controllerId })
        : t('controllerFor', { id: controllerId, age })}
    </Link>
  )
}

const Tiles = ({ cluster, overview }: { cluster: string; overview: Overview | undefined }) => {
  const t = useTranslations('overview')
  const links = useConsoleLinks()
  const formats = useFormats()
  const reason = useMissingReason()
  const tiles = overview?.tiles
  const isLoading = overview === undefined
  const over = (windowMs: number | null | undefined) =>
    windowMs === null || windowMs === undefined
      ? undefined
      : t('over', { window: formats.duration(windowMs) })
  const figure = (
    tile: Overview['tiles']['messagesIn'] | undefined,
    unit: 'recordsPerSecond' | 'bytesPerSecond' | 'records' | 'ms',
  ) => (
    <Figure
      value={tile?.value}
      unit={unit}
      missing={tile?.value === null ? reason(tile.missing) : null}
    />
  )
  return (
    <div className="grid grid-cols-2 gap-3 xl:grid-cols-4">
      <StatTile
        label={t('messagesIn')}
        note={over(tiles?.messagesIn.windowMs)}
        value={figure(tiles?.messagesIn, 'recordsPerSecond')}
        points={tiles?.messagesIn.points ?? []}
        href={links.topics(cluster, { sort: '-messagesInRate' })}
        isLoading={isLoading}
      />
      <StatTile
        label={t('bytesInOut')}
        note={over(tiles?.bytesIn.windowMs)}
        value={
          <PairFigure
            first={tiles?.bytesIn.value}
            second={tiles?.bytesOut.value}
            unit="bytesPerSecond"
            missing={tiles?.bytesIn.value === null ? reason(tiles.bytesIn.missing) : null}
          />
        }
        points={tiles?.bytesIn.points ?? []}
        isLoading={isLoading}
      />
      <StatTile
        label={t('totalLag')}
        note={t('inRecords')}
        value={figure(tiles?.totalLag, 'records')}
        points={tiles?.totalLag.points ?? []}
        href={links.groups(cluster, { sort: '-totalLag' })}
        isLoading={isLoading}
      />
      <StatTile
        label={t('produceP99')}
        value={figure(tiles?.produceP99Ms, 'ms')}
        points={tiles?.produceP99Ms.points ?? []}
        href={links.brokers(cluster)}
        isLoading={isLoading}
      />
    </div>
  )
}

const OverviewCharts = (props: {
  overview: Overview | undefined
  bounds: { fromMs: number; toMs: number; stepMs: number }
}) => {
  const t = useTranslations('overview')
  const { overview, bounds } = props
  const keyed = (series: Overview['lagByGroup'] | undefined, kind: 'topic' | 'group') =>
    series?.map((one) => ({ ...one, colorKey: `${kind}:${one.name}` }))
  return (
    <div className="grid gap-3 xl:grid-cols-2">
      <ChartPanel
        title={t('throughputByTopic')}
        note={t('bytesInPerSecond')}
        unit="bytesPerSecond"
        series={keyed(overview?.throughputByTopic, 'topic')}
        bounds={bounds}
        stepMs={bounds.stepMs}
        isStacked
      />
      <ChartPanel
        title={t('lagByGroup')}
        note={t('records')}
        unit="records"
        series={keyed(overview?.lagByGroup, 'group')}
        bounds={bounds}
        stepMs={bounds.stepMs}
      />
    </div>
  )
}

export const OverviewPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('overview')
  const query = useOverview(cluster)
  const item = useCluster(cluster)
  const bounds = useChartBounds(query.dataUpdatedAt)
  const { open } = useSheet()
  const isAdministrator = useIsAdministrator()
  const overview = query.data
  /** Nothing came and nothing will by itself: skeletons would promise it. */
  const isUnread = query.error !== null && overview === undefined
  return (
    <>
      <PageHeader
        title={item.data?.name ?? cluster}
        verdict={
          overview ? (
            <Verdict cluster={cluster} overview={overview} />
          ) : query.error ? null : (
            <Skeleton className="mt-1 h-4 w-80 max-w-full" />
          )
        }
        aside={
          overview ? (
            <span className="flex flex-col sm:items-end">
              <Controller cluster={cluster} overview={overview} />
              <AsOf asOf={overview.asOf} />
            </span>
          ) : null
        }
        actions={
          isAdministrator && !isUnread ? (
            <Button onClick={() => open('elect')}>{t('electEllipsis')}</Button>
          ) : null
        }
      />
      <ChartGroup>
        <div className="flex flex-col gap-3">
          {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
          {isUnread ? null : (
            <>
              <Tiles cluster={cluster} overview={overview} />
              <div className="grid gap-3 xl:grid-cols-2">
                <BrokerShares cluster={cluster} shares={overview?.brokers} />
                <AttentionList cluster={cluster} items={overview?.attention} />
              </div>
              <OverviewCharts overview={overview} bounds={bounds} />
              <ClusterMap cluster={cluster} />
            </>
          )}
          {overview ? <SampleSwitch cluster={cluster} sample={overview.sample} /> : null}
        </div>
      </ChartGroup>
    </>
  )
}
