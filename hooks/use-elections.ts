'use client'

import { electLeadersContract } from '../contracts/elections.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'

export type ElectionScope = {
  readonly partitions: readonly { topic: string; partition: number }[] | null
  readonly topic: string | null
  readonly broker: number | null
}

const bodyOf = (scope: ElectionScope, dryRun: boolean) => ({
  type: 'preferred' as const,
  partitions: scope.partitions === null ? null : [...scope.partitions],
  topic: scope.topic,
  broker: scope.broker,
  dryRun,
})

export const useElectionPreview = (cluster: string, scope: ElectionScope, enabled: boolean) =>
  useApiQuery({
    queryKey: [...keys.cluster(cluster), 'election', scope],
    contract: electLeadersContract,
    request: () => ({ params: { cluster }, body: bodyOf(scope, true) }),
    poll: 'once',
    enabled,
  })

export const useElectLeaders = (cluster: string) =>
  useApiMutation({
    contract: electLeadersContract,
    request: (scope: ElectionScope) => ({ params: { cluster }, body: bodyOf(scope, false) }),
    stale: [
      [...keys.cluster(cluster), 'overview'],
      [...keys.cluster(cluster), 'replica-map'],
      [...keys.cluster(cluster), 'topic'],
      [...keys.cluster(cluster), 'topics'],
      [...keys.cluster(cluster), 'brokers'],
      [...keys.cluster(cluster), 'broker'],
    ],
  })
