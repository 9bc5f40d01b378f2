'use client'

import type { z } from 'zod'
import { getLagHeatMapContract } from '../contracts/lag.ts'
import { resolveTimeRange, serializeTimeRange } from '../lib/time-range.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'
import { useTimeRange } from './use-time-range.ts'

type HeatMapQuery = Omit<z.input<typeof getLagHeatMapContract.query>, 'from' | 'to'>

/** The grid over the page's time range. */
export const useLagHeatMap = (cluster: string, query: HeatMapQuery) => {
  const [range] = useTimeRange()
  return useApiQuery({
    queryKey: keys.lagHeatMap(cluster, { ...query, range: serializeTimeRange(range) }),
    contract: getLagHeatMapContract,
    request: () => {
      const { fromMs, toMs } = resolveTimeRange(range, Date.now())
      return {
        params: { cluster },
        query: { ...query, from: fromMs, to: Math.min(toMs, Date.now()) },
      }
    },
    poll: 'live',
  })
}
