'use client'

import { getOverviewContract } from '../contracts/overview.ts'
import { resolveTimeRange, serializeTimeRange } from '../lib/time-range.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'
import { useTimeRange } from './use-time-range.ts'

export const useOverview = (cluster: string) => {
  const [range] = useTimeRange()
  return useApiQuery({
    queryKey: keys.overview(cluster, serializeTimeRange(range)),
    contract: getOverviewContract,
    request: () => {
      const { fromMs, toMs, stepMs } = resolveTimeRange(range, Date.now())
      return { params: { cluster }, query: { from: fromMs, to: toMs, step: stepMs } }
    },
    poll: 'live',
  })
}
