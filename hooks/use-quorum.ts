'use client'

import { getQuorumContract } from '../contracts/quorum.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'

export const useQuorum = (cluster: string) =>
  useApiQuery({
    queryKey: keys.quorum(cluster),
    contract: getQuorumContract,
    request: () => ({ params: { cluster } }),
    poll: 'live',
  })
