'use client'

import { getReplicaMapContract } from '../contracts/replica-map.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'
import { useAt } from './use-at.ts'

export const useReplicaMap = (
  cluster: string,
  given: { topic?: string; limit?: number } = {},
  enabled = true,
) => {
  const at = useAt()
  const query = { ...given, ...at.query }
  return useApiQuery({
    queryKey: keys.replicaMap(cluster, query),
    contract: getReplicaMapContract,
    request: () => ({ params: { cluster }, query }),
    poll: at.poll,
    enabled,
  })
}
