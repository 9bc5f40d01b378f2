'use client'

import { type MetricName, queryMetricsContract } from '../contracts/metrics.ts'
import { joinNames } from '../lib/api-path.ts'
import { resolveTimeRange, serializeTimeRange } from '../lib/time-range.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'
import { useTimeRange } from './use-time-range.ts'

export type MetricsQuery = {
  readonly metric: MetricName
  readonly by?: 'cluster' | 'topic' | 'broker' | 'group'
  readonly names?: readonly string[]
  readonly limit?: number
}

export const useMetrics = (cluster: string, query: MetricsQuery) => {
  const [range] = useTimeRange()
  return useApiQuery({
    queryKey: keys.metrics(cluster, { ...query, range: serializeTimeRange(range) }),
    contract: queryMetricsContract,
    request: () => {
      const { fromMs, toMs, stepMs } = resolveTimeRange(range, Date.now())
      const { names, ...rest } = query
      return {
        params: { cluster },
        query: {
          ...rest,
          ...(names ? { names: joinNames(names) } : {}),
          from: fromMs,
          to: toMs,
          step: stepMs,
        },
      }
    },
    poll: 'live',
  })
}
