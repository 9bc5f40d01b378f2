'use client'

import type { z } from 'zod'
import {
  deleteGroupContract,
  getGroupContract,
  getGroupLagContract,
  listGroupsContract,
  resetOffsetsContract,
} from '../contracts/groups.ts'
import { callApi } from '../lib/api-client.ts'
import { resolveTimeRange, serializeTimeRange } from '../lib/time-range.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'
import { useAt } from './use-at.ts'
import { useBulkAction } from './use-bulk-action.ts'
import { useTimeRange } from './use-time-range.ts'

export type GroupsQuery = z.input<typeof listGroupsContract.query>

export const useGroups = (cluster: string, given: GroupsQuery, enabled = true) => {
  const at = useAt()
  const query = { ...given, ...at.query }
  return useApiQuery({
    queryKey: keys.groups(cluster, query),
    contract: listGroupsContract,
    request: () => ({ params: { cluster }, query }),
    poll: at.poll,
    enabled,
  })
}

export const useGroup = (cluster: string, group: string) => {
  const at = useAt()
  return useApiQuery({
    queryKey: [...keys.group(cluster, group), at.query],
    contract: getGroupContract,
    request: () => ({ params: { cluster, group }, query: at.query }),
    poll: at.poll,
  })
}

export const useGroupLag = (
  cluster: string,
  group: string,
  query: { topic?: string; detail: 'totals' | 'partitions' },
) => {
  const [range] = useTimeRange()
  return useApiQuery({
    queryKey: keys.groupLag(cluster, group, { ...query, range: serializeTimeRange(range) }),
    contract: getGroupLagContract,
    request: () => {
      const { fromMs, toMs, stepMs } = resolveTimeRange(range, Date.now())
      return {
        params: { cluster, group },
        query: { ...query, from: fromMs, to: toMs, step: stepMs },
      }
    },
    poll: 'live',
  })
}

export type ResetOffsetsBody = z.input<typeof resetOffsetsContract.body>

export const useResetOffsets = (cluster: string, group: string) =>
  useApiMutation({
    contract: resetOffsetsContract,
    request: (body: ResetOffsetsBody) => ({ params: { cluster, group }, body }),
    stale: [keys.group(cluster, group)],
  })

/** A deleted group's page stays: its history is there to be looked at. */
export const useDeleteGroups = (cluster: string) =>
  useBulkAction(cluster, (group) => callApi(deleteGroupContract, { params: { cluster, group } }))
