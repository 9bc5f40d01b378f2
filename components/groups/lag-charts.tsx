'use client'

import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import type { GetGroupLagOutput, LagPoint } from '../../contracts/groups.ts'
import type { HeatMeasure } from '../../contracts/lag.ts'
import { useChartBounds } from '../../hooks/use-chart-bounds.ts'
import { useGroupLag } from '../../hooks/use-groups.ts'
import { ChartPanel } from '../charts/chart-panel.tsx'
import { ChartGroup } from '../charts/crosshair.tsx'
import type { ChartSeries } from '../charts/types.ts'
import { MeasureSwitch, useLagMeasure } from '../lag/measure-switch.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Select } from '../ui/select.tsx'

type Series = GetGroupLagOutput['series'][number]

const valuesOf = (points: readonly LagPoint[], measure: HeatMeasure) =>
  points.map(({ t, lag, lagMs }) => ({ t, value: measure === 'records' ? lag : lagMs }))

/** The step from one point's committed offset to the next, per second; a rewind is a gap. */
const readRate = (points: readonly LagPoint[], field: 'committed' | 'end') =>
  points.map((point, index) => {
    const before = points[index - 1]
    const now = point[field]
    const then = before?.[field] ?? null
    if (before === undefined || now === null || then === null || now < then) {
      return { t: point.t, value: null }
    }
    return { t: point.t, value: ((now - then) * 1000) / (point.t - before.t) }
  })

const TopicPicker = (props: {
  topics: readonly string[]
  value: string
  onChange: (topic: string) => void
}) => {
  const t = useTranslations('group')
  const options = props.topics.map((topic) => ({ value: topic, label: topic }))
  if (options.length < 2) return null
  return options.length <= 3 ? (
    <Segmented
      aria-label={t('topic')}
      className="h-7"
      value={props.value}
      onValueChange={props.onChange}
      options={options}
    />
  ) : (
    <Select
      aria-label={t('topic')}
      className="h-7 max-w-60"
      value={props.value}
      onValueChange={props.onChange}
      options={options}
    />
  )
}

const useRateSeries = (total: Series | undefined): readonly ChartSeries[] | undefined => {
  const t = useTranslations('group')
  if (total === undefined) return undefined
  return [
    {
      name: 'written',
      label: t('written'),
      colorKey: 'partition:1',
      points: readRate(total.points, 'end'),
    },
    {
      name: 'read',
      label: t('readRate'),
      colorKey: 'partition:2',
      points: readRate(total.points, 'committed'),
    },
  ]
}

/** Lag of the group by topic; then, of one topic, by partition, with what is written and read. */
export const LagCharts = (props: { cluster: string; group: string; topics: readonly string[] }) => {
  const { cluster, group, topics } = props
  const t = useTranslations('group')
  const lagText = useTranslations('lag')
  const [measure] = useLagMeasure('records')
  const [chosen, setChosen] = useQueryState('topic', parseAsString)
  const totals = useGroupLag(cluster, group, { detail: 'totals' })
  const bounds = useChartBounds(totals.dataUpdatedAt)
  const known = topics.length > 0 ? topics : (totals.data?.series ?? []).map((one) => one.topic)
  const topic = chosen !== null && known.includes(chosen) ? chosen : (known[0] ?? '')
  const parts = useGroupLag(cluster, group, {
    detail: 'partitions',
    ...(topic === '' ? {} : { topic }),
  })
  const stepMs = totals.data?.stepMs ?? bounds.stepMs
  const total = totals.data?.series.find((one) => one.topic === topic && one.partition === null)
  const rates = useRateSeries(total)
  const unit = measure === 'records' ? 'records' : 'ms'
  const unitNote = measure === 'records' ? t('records') : lagText('measureOf.seconds')
  const picker = <TopicPicker topics={known} value={topic} onChange={setChosen} />
  if (totals.error && !totals.data) {
    return <ProblemNote error={totals.error} onRetry={() => totals.refetch()} />
  }
  return (
    <ChartGroup>
      <div className="grid gap-3 xl:grid-cols-2">
        <ChartPanel
          title={t('lagByTopic')}
          note={unitNote}
          className="xl:col-span-2"
          unit={unit}
          actions={<MeasureSwitch />}
          series={totals.data?.series
            .filter((one) => one.partition === null)
            .map((one) => ({
              name: one.topic,
              colorKey: `topic:${one.topic}`,
              points: valuesOf(one.points, measure),
            }))}
          bounds={bounds}
          stepMs={stepMs}
          missing={t('noHistory')}
        />
        <ChartPanel
          title={t('lagByPartition')}
          note={topic === '' ? unitNote : `${topic}, ${unitNote}`}
          unit={unit}
          series={parts.data?.series
            .filter((one) => one.partition !== null && one.topic === topic)
            .map((one) => ({
              name: String(one.partition),
              label: t('partitionName', { id: one.partition ?? 0 }),
              colorKey: `partition:${(one.partition ?? 0) + 1}`,
              points: valuesOf(one.points, measure),
            }))}
          bounds={bounds}
          stepMs={stepMs}
          missing={t('noHistory')}
          actions={picker}
        />
        <ChartPanel
          title={t('writtenAndRead')}
          note={t('perSecond')}
          unit="recordsPerSecond"
          series={totals.data ? (rates ?? []) : undefined}
          bounds={bounds}
          stepMs={stepMs}
          missing={t('noHistory')}
        />
      </div>
    </ChartGroup>
  )
}
