'use client'

import { useTranslations } from 'next-intl'
import { useMemo, useState } from 'react'
import { useCellWord } from './cell-words.ts'
import { MapLegend } from './map-legend.tsx'
import {
  type MapBroker,
  type MapColumn,
  type MapPartition,
  markChanges,
  partitionCells,
} from './model.ts'
import { MapTable, type MapView, MapViewSwitch, useBrokerLabel } from './partition-map.tsx'
import { ReplicaGrid } from './replica-grid.tsx'

export type PartitionChange = {
  readonly topic: string
  readonly partition: number
  readonly before: Omit<MapPartition, 'partition'>
  readonly after: Omit<MapPartition, 'partition'>
}

const columnsOf = (
  changes: readonly PartitionChange[],
  brokers: readonly MapBroker[],
  side: 'before' | 'after',
): readonly MapColumn[] =>
  changes.map((change) => ({
    key: `${change.topic}-${change.partition}`,
    label: `${change.topic}-${change.partition}`,
    cells: partitionCells({ partition: change.partition, ...change[side] }, brokers),
  }))

type ChangeMapProps = {
  changes: readonly PartitionChange[]
  brokersBefore: readonly MapBroker[]
  brokersAfter: readonly MapBroker[]
}

/** Before and after in the same grid, what changes marked in both. */
export const ChangeMap = ({ changes, brokersBefore, brokersAfter }: ChangeMapProps) => {
  const t = useTranslations('replicaMap')
  const word = useCellWord()
  const brokerLabel = useBrokerLabel()
  const [view, setView] = useState<MapView>('map')
  const { before, after } = useMemo(() => {
    const plainBefore = columnsOf(changes, brokersBefore, 'before')
    const plainAfter = columnsOf(changes, brokersAfter, 'after')
    return {
      before: markChanges(plainBefore, plainAfter),
      after: markChanges(plainAfter, plainBefore),
    }
  }, [changes, brokersBefore, brokersAfter])
  const sides = [
    { title: t('before'), columns: before, brokers: brokersBefore },
    { title: t('after'), columns: after, brokers: brokersAfter },
  ]
  const detail = (columns: readonly MapColumn[], brokers: readonly MapBroker[]) => {
    const Detail = (column: number, row: number) => {
      const broker = brokers[row]
      const cell = columns[column]?.cells[row]
      if (!broker || !cell) return null
      return (
        <>
          <p className="font-mono font-medium break-all">{columns[column]?.label}</p>
          <p>
            {t('broker', { id: broker.broker })}: {word(cell.kind)}
          </p>
        </>
      )
    }
    return Detail
  }
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <MapLegend hasChanges />
        <MapViewSwitch view={view} onChange={setView} />
      </div>
      {sides.map((side) => {
        const label = t('changeSentence', { side: side.title, partitions: changes.length })
        return (
          <div key={side.title}>
            <h3 className="pb-1.5 text-xs font-medium text-muted">{side.title}</h3>
            {view === 'map' ? (
              <ReplicaGrid
                label={label}
                brokers={side.brokers}
                columns={side.columns}
                brokerLabel={brokerLabel}
                detail={detail(side.columns, side.brokers)}
              />
            ) : (
              <MapTable
                label={label}
                columnHeader={t('partition')}
                brokers={side.brokers}
                columns={side.columns}
              />
            )}
          </div>
        )
      })}
    </div>
  )
}
