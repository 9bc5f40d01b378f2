import { z } from 'zod'
import { asOf, clusterParams, queryInt, queryNames, rangeQuery, timeMs } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const metricName = z.enum([
  'messages-in-rate',
  'bytes-in-rate',
  'bytes-out-rate',
  'replication-bytes-in-rate',
  'failed-produce-rate',
  'failed-fetch-rate',
  'produce-p99-ms',
  'fetch-consumer-p99-ms',
  'fetch-follower-p99-ms',
  'lag',
  'size-bytes',
  'leaders',
  'partitions-under-replicated',
  'partitions-offline',
  'isr-shrinks-rate',
  'isr-expands-rate',
  'memory-used-bytes',
  'event-loop-delay-ms',
])
export type MetricName = z.infer<typeof metricName>

export const metricUnit = z.enum([
  'records/s',
  'bytes/s',
  'bytes',
  'ms',
  'records',
  'count',
  '1/s',
  'percent',
])
export type MetricUnit = z.infer<typeof metricUnit>

/** A gap is a point whose value is null. */
export const metricSeries = z.object({
  /** Topic, group or broker id; empty for the whole cluster. */
  name: z.string(),
  isOthers: z.boolean(),
  points: z.array(z.object({ t: timeMs, value: z.number().nullable() })),
})
export type MetricSeries = z.infer<typeof metricSeries>

export const queryMetricsContract = defineContract({
  id: 'queryMetrics',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/metrics',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'Series of one metric for the cluster, or by topic, broker or group',
  params: clusterParams,
  query: rangeQuery.extend({
    metric: metricName,
    by: z.enum(['cluster', 'topic', 'broker', 'group']).default('cluster'),
    /** Only these, comma-separated, each percent-encoded; left out: the `limit` largest. */
    names: queryNames.optional(),
    limit: queryInt.min(1).max(50).default(8),
  }),
  response: z.object({
    metric: metricName,
    unit: metricUnit,
    from: timeMs,
    to: timeMs,
    stepMs: z.number().int(),
    series: z.array(metricSeries),
    /** Why there is nothing to draw (`no-jmx`, `not-collected`), or null. */
    missing: z.string().nullable(),
    asOf,
  }),
})
export type QueryMetricsInput = ContractInput<typeof queryMetricsContract>
export type QueryMetricsOutput = ContractOutput<typeof queryMetricsContract>
