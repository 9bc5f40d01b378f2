'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { ReplicaMap } from '../../contracts/replica-map.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useCellWord } from './cell-words.ts'
import { type MapBroker, partitionColumns, summarize } from './model.ts'
import { ReplicaGrid } from './replica-grid.tsx'

const LABEL_PX = 22
const PITCH_PX = 17

/** Up to so many topics and partitions a cluster is drawn whole, with nothing folded. */
export const fitsUnfolded = (map: ReplicaMap): boolean =>
  map.topics.length <= 24 &&
  map.topics.reduce((sum, topic) => sum + topic.partitions.length, 0) <= 400

const TopicBlock = (props: {
  cluster: string
  topic: ReplicaMap['topics'][number]
  brokers: readonly MapBroker[]
}) => {
  const { cluster, topic, brokers } = props
  const t = useTranslations('replicaMap')
  const word = useCellWord()
  const links = useConsoleLinks()
  const columns = useMemo(
    () => partitionColumns(topic.partitions, brokers),
    [topic.partitions, brokers],
  )
  const detail = (column: number, row: number) => {
    const cell = columns[column]?.cells[row]
    const broker = brokers[row]
    const partition = topic.partitions[column]
    if (!cell || !broker || !partition) return null
    return (
      <>
        <p className="font-mono font-medium break-all">
          {topic.name}-{partition.partition}
        </p>
        <p>
          {t('broker', { id: broker.broker })}: {word(cell.kind)}
        </p>
        {cell.isPreferredIdle ? <p className="text-info">{t('preferredIdle')}</p> : null}
      </>
    )
  }
  return (
    <li
      className="max-w-full"
      style={{ width: LABEL_PX + Math.max(5, columns.length) * PITCH_PX + 2 }}
    >
      <Link
        href={links.topic(cluster, topic.name)}
        title={topic.name}
        className="block truncate pb-1 font-mono text-xs underline-offset-2 hover:underline"
      >
        {topic.name}
      </Link>
      <ReplicaGrid
        label={`${topic.name}: ${t('sentence', {
          partitions: topic.partitions.length,
          ...summarize(topic.partitions, brokers),
        })}`}
        brokers={brokers}
        columns={columns}
        labelPx={LABEL_PX}
        maxCellPx={PITCH_PX - 3}
        brokerLabel={(broker) => (broker.isOnline ? String(broker.broker) : `✕${broker.broker}`)}
        detail={detail}
      />
    </li>
  )
}

/** Every partition of every topic, a block a topic; rows are brokers. */
export const TopicBlocks = ({ cluster, map }: { cluster: string; map: ReplicaMap }) => (
  <ul className="flex flex-wrap gap-x-6 gap-y-4">
    {map.topics.map((topic) => (
      <TopicBlock key={topic.name} cluster={cluster} topic={topic} brokers={map.brokers} />
    ))}
  </ul>
)
