'use client'

import type { MetricUnit } from '../../contracts/metrics.ts'
import { useChartBounds } from '../../hooks/use-chart-bounds.ts'
import { type MetricsQuery, useMetrics } from '../../hooks/use-metrics.ts'
import type { Unit } from '../../lib/format-number.ts'
import { useMissingReason } from '../ui/missing-reason.ts'
import { ProblemNote } from '../ui/problem-note.tsx'
import { ChartPanel } from './chart-panel.tsx'

export const unitOf: Record<MetricUnit, Unit> = {
  'records/s': 'recordsPerSecond',
  'bytes/s': 'bytesPerSecond',
  bytes: 'bytes',
  ms: 'ms',
  records: 'records',
  count: 'count',
  '1/s': 'recordsPerSecond',
  percent: 'percent',
}

type MetricChartProps = {
  cluster: string
  title: string
  query: MetricsQuery
  /** What a series is called, when not by its name. */
  label?: (name: string) => string
  isStacked?: boolean
  className?: string
}

/** One metric of the cluster's catalogue as a chart. */
export const MetricChart = (props: MetricChartProps) => {
  const { cluster, query, label } = props
  const reason = useMissingReason()
  const metrics = useMetrics(cluster, query)
  const bounds = useChartBounds(metrics.dataUpdatedAt)
  const { data } = metrics
  if (metrics.error && !data) {
    return <ProblemNote error={metrics.error} onRetry={() => metrics.refetch()} />
  }
  const kind = query.by ?? 'cluster'
  return (
    <ChartPanel
      title={props.title}
      unit={data ? unitOf[data.unit] : 'count'}
      series={data?.series.map((one) => ({
        ...one,
        label: label ? label(one.name) : one.name || props.title,
        colorKey: `${kind}:${one.name}`,
      }))}
      bounds={bounds}
      stepMs={data?.stepMs ?? bounds.stepMs}
      missing={data?.missing ? reason(data.missing) : null}
      {...(props.isStacked ? { isStacked: true } : {})}
      {...(props.className ? { className: props.className } : {})}
    />
  )
}
