'use client'

import type { z } from 'zod'
import {
  type ChartScope,
  deleteLayoutContract,
  getLayoutContract,
  listChartsContract,
  listLayoutsContract,
  listRestartsContract,
  pinAttributeContract,
  queryChartContract,
  readMbeanContract,
  saveLayoutContract,
  searchMbeansContract,
  unpinAttributeContract,
} from '../contracts/charts.ts'
import { joinNames } from '../lib/api-path.ts'
import { resolveTimeRange, serializeTimeRange } from '../lib/time-range.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'
import { useTimeRange } from './use-time-range.ts'

export const useCharts = (cluster: string) =>
  useApiQuery({
    queryKey: keys.charts(cluster),
    contract: listChartsContract,
    request: () => ({ params: { cluster } }),
    poll: 'once',
  })

export type ChartQuery = {
  readonly chart: string
  readonly by: ChartScope
  readonly names: readonly string[]
  /** How long before the page's range; 0: the range itself. */
  readonly beforeMs: number
}

export const useChart = (cluster: string, query: ChartQuery, enabled = true) => {
  const [range] = useTimeRange()
  const { chart, by, names, beforeMs } = query
  return useApiQuery({
    queryKey: keys.chart(cluster, { ...query, range: serializeTimeRange(range) }),
    contract: queryChartContract,
    request: () => {
      const { fromMs, toMs, stepMs } = resolveTimeRange(range, Date.now())
      return {
        params: { cluster, chart },
        query: {
          by,
          ...(names.length === 0 ? {} : { names: joinNames(names) }),
          from: fromMs - beforeMs,
          to: toMs - beforeMs,
          step: stepMs,
        },
      }
    },
    poll: 'live',
    enabled,
  })
}

export const useRestarts = (cluster: string) => {
  const [range] = useTimeRange()
  return useApiQuery({
    queryKey: keys.restarts(cluster, serializeTimeRange(range)),
    contract: listRestartsContract,
    request: () => {
      const { fromMs, toMs } = resolveTimeRange(range, Date.now())
      return { params: { cluster }, query: { from: fromMs, to: toMs } }
    },
    poll: 'live',
  })
}

export const useLayouts = (cluster: string) =>
  useApiQuery({
    queryKey: keys.layouts(cluster),
    contract: listLayoutsContract,
    request: () => ({ params: { cluster } }),
    poll: 'once',
  })

/** `layout` empty: none is asked for. */
export const useLayout = (cluster: string, layout: string) =>
  useApiQuery({
    queryKey: keys.layout(cluster, layout),
    contract: getLayoutContract,
    request: () => ({ params: { cluster, layout } }),
    poll: 'once',
    enabled: layout !== '',
  })

export const useSaveLayout = (cluster: string) =>
  useApiMutation({
    contract: saveLayoutContract,
    request: (body: z.input<typeof saveLayoutContract.body>) => ({ params: { cluster }, body }),
    stale: [keys.layouts(cluster)],
  })

export const useDeleteLayout = (cluster: string) =>
  useApiMutation({
    contract: deleteLayoutContract,
    request: (layout: string) => ({ params: { cluster, layout } }),
    stale: [keys.layouts(cluster)],
  })

export const useMbeans = (cluster: string, search: string) =>
  useApiQuery({
    queryKey: keys.mbeans(cluster, search),
    contract: searchMbeansContract,
    request: () => ({ params: { cluster }, query: { search } }),
    poll: 'once',
  })

/** `mbean` empty: none is asked for. */
export const useMbean = (cluster: string, mbean: string) =>
  useApiQuery({
    queryKey: keys.mbean(cluster, mbean),
    contract: readMbeanContract,
    request: () => ({ params: { cluster }, query: { mbean } }),
    poll: 'once',
    enabled: mbean !== '',
  })

export const usePinAttribute = (cluster: string) =>
  useApiMutation({
    contract: pinAttributeContract,
    request: (body: z.input<typeof pinAttributeContract.body>) => ({ params: { cluster }, body }),
    stale: [keys.charts(cluster)],
  })

export const useUnpinAttribute = (cluster: string) =>
  useApiMutation({
    contract: unpinAttributeContract,
    request: (pin: string) => ({ params: { cluster, pin } }),
    stale: [keys.charts(cluster)],
  })
