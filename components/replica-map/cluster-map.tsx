'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useMemo, useState } from 'react'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useReplicaMap } from '../../hooks/use-replica-map.ts'
import { AsOf } from '../ui/age.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Panel } from '../ui/panel.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useCellWord } from './cell-words.ts'
import { MapLegend } from './map-legend.tsx'
import { foldTopics, partitionCell, summarize } from './model.ts'
import { MapTable, type MapView, MapViewSwitch, useBrokerLabel } from './partition-map.tsx'
import { ReplicaGrid } from './replica-grid.tsx'
import { fitsUnfolded, TopicBlocks } from './topic-blocks.tsx'

type Map = NonNullable<ReturnType<typeof useReplicaMap>['data']>

const FoldedMap = ({ cluster, map, view }: { cluster: string; map: Map; view: MapView }) => {
  const t = useTranslations('replicaMap')
  const word = useCellWord()
  const links = useConsoleLinks()
  const router = useRouter()
  const brokerLabel = useBrokerLabel()
  const { topics, brokers } = map
  const columns = useMemo(() => foldTopics(topics, brokers), [topics, brokers])
  const all = topics.flatMap((topic) => topic.partitions)
  const label = t('sentence', { partitions: all.length, ...summarize(all, brokers) })
  if (view === 'table') {
    return <MapTable label={label} columnHeader={t('topic')} brokers={brokers} columns={columns} />
  }
  const detail = (column: number, row: number) => {
    const topic = topics[column]
    const broker = brokers[row]
    const cell = columns[column]?.cells[row]
    if (!topic || !broker || !cell) return null
    const held = topic.partitions.map((one) => partitionCell(one, broker))
    const count = (kind: string) => held.filter((one) => one.kind === kind).length
    return (
      <>
        <p className="font-mono font-medium break-all">{topic.name}</p>
        <p>{t('broker', { id: broker.broker })}</p>
        <p>
          {cell.kind === 'none'
            ? word('none')
            : t('foldedCell', {
                leaders: count('leader'),
                inSync: count('in-sync'),
                outOfSync: count('out-of-sync'),
                offline: count('offline'),
              })}
        </p>
        {cell.isPreferredIdle ? <p className="text-info">{t('preferredIdle')}</p> : null}
      </>
    )
  }
  return (
    <ReplicaGrid
      label={label}
      brokers={brokers}
      columns={columns}
      brokerLabel={brokerLabel}
      detail={detail}
      onOpen={(column) => {
        const topic = topics[column]
        if (topic) router.push(links.topic(cluster, topic.name))
      }}
    />
  )
}

/** The cluster's map, a column a topic; those with a problem come first. */
export const ClusterMap = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('replicaMap')
  const [view, setView] = useState<MapView>('map')
  const query = useReplicaMap(cluster, { limit: 1000 })
  const map = query.data
  return (
    <Panel
      title={t('title')}
      note={
        map && map.topics.length < map.total
          ? t('cut', { shown: map.topics.length, total: map.total })
          : map && fitsUnfolded(map)
            ? t('brokersDown')
            : t('foldedByTopic')
      }
      actions={<MapViewSwitch view={view} onChange={setView} />}
    >
      {query.error && !map ? (
        <ProblemNote error={query.error} onRetry={() => query.refetch()} />
      ) : map === undefined ? (
        <Skeleton className="h-20 w-full" />
      ) : map.topics.length === 0 ? (
        <EmptyState title={t('noTopics')} />
      ) : (
        <div className="flex flex-col gap-3">
          {view === 'map' && fitsUnfolded(map) ? (
            <TopicBlocks cluster={cluster} map={map} />
          ) : (
            <FoldedMap cluster={cluster} map={map} view={view} />
          )}
          <div className="flex flex-wrap items-center justify-between gap-2">
            <MapLegend />
            <AsOf asOf={map.asOf} />
          </div>
        </div>
      )}
    </Panel>
  )
}
