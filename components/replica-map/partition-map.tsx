'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useMemo, useState } from 'react'
import { Segmented } from '../ui/segmented.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'
import { useCellWord } from './cell-words.ts'
import { MapLegend } from './map-legend.tsx'
import {
  type MapBroker,
  type MapColumn,
  type MapPartition,
  partitionColumns,
  summarize,
} from './model.ts'
import { ReplicaGrid } from './replica-grid.tsx'

export const useBrokerLabel = (): ((broker: MapBroker) => string) => {
  const t = useTranslations('replicaMap')
  return (broker) =>
    broker.isOnline ? t('broker', { id: broker.broker }) : `✕ ${t('broker', { id: broker.broker })}`
}

export const MapTable = (props: {
  label: string
  columnHeader: string
  brokers: readonly MapBroker[]
  columns: readonly MapColumn[]
}) => {
  const word = useCellWord()
  const t = useTranslations('replicaMap')
  return (
    <SimpleTable label={props.label} className="max-h-100 overflow-y-auto">
      <thead>
        <tr>
          <Th>{props.columnHeader}</Th>
          {props.brokers.map((broker) => (
            <Th key={broker.broker}>{t('broker', { id: broker.broker })}</Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.columns.map((column) => (
          <tr key={column.key}>
            <Td className="font-mono">{column.label}</Td>
            {column.cells.map((cell, index) => (
              <Td key={props.brokers[index]?.broker ?? index}>
                {cell.kind === 'none' ? '–' : word(cell.kind)}
                {cell.isPreferredIdle ? ` (${t('preferredIdle')})` : ''}
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </SimpleTable>
  )
}

export type MapView = 'map' | 'table'

export const MapViewSwitch = (props: { view: MapView; onChange: (view: MapView) => void }) => {
  const t = useTranslations('replicaMap')
  return (
    <Segmented
      aria-label={t('view')}
      value={props.view}
      onValueChange={props.onChange}
      className="h-7"
      options={[
        { value: 'map', label: t('asMap') },
        { value: 'table', label: t('asTable') },
      ]}
    />
  )
}

type PartitionMapProps = {
  partitions: readonly MapPartition[]
  brokers: readonly MapBroker[]
  /** More about a partition on a broker: offsets, lag, epoch. */
  extra?: (partition: number, broker: number) => ReactNode
}

/** A topic's map: every partition a column, every broker a row. */
export const PartitionMap = ({ partitions, brokers, extra }: PartitionMapProps) => {
  const t = useTranslations('replicaMap')
  const word = useCellWord()
  const brokerLabel = useBrokerLabel()
  const [view, setView] = useState<MapView>('map')
  const columns = useMemo(() => partitionColumns(partitions, brokers), [partitions, brokers])
  const label = t('sentence', { partitions: partitions.length, ...summarize(partitions, brokers) })
  const detail = (column: number, row: number) => {
    const cell = columns[column]?.cells[row]
    const broker = brokers[row]
    const partition = partitions[column]
    if (!cell || !broker || !partition) return null
    return (
      <>
        <p className="font-medium">
          {t('partitionOn', { partition: partition.partition, broker: broker.broker })}
        </p>
        <p>
          {word(cell.kind)}
          {cell.isPreferredIdle ? ` · ${t('preferredIdle')}` : ''}
        </p>
        {cell.kind === 'none' ? null : extra?.(partition.partition, broker.broker)}
      </>
    )
  }
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <MapLegend />
        <MapViewSwitch view={view} onChange={setView} />
      </div>
      {view === 'map' ? (
        <ReplicaGrid
          label={label}
          brokers={brokers}
          columns={columns}
          hasAxis
          brokerLabel={brokerLabel}
          detail={detail}
        />
      ) : (
        <MapTable label={label} columnHeader={t('partition')} brokers={brokers} columns={columns} />
      )}
    </div>
  )
}
