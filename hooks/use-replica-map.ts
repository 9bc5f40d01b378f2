'use client'

import { getReplicaMapContract } from '../contracts/replica-map.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'

export const useReplicaMap = (
  cluster: string,
  query: { topic?: string; limit?: number } = {},
  enabled = true,
) =>
  useApiQuery({
    queryKey: keys.replicaMap(cluster, query),
    contract: getReplicaMapContract,
    request: () => ({ params: { cluster }, query }),
    poll: 'live',
    enabled,
  })
