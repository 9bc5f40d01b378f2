'use client'

import type { z } from 'zod'
import {
  createClusterContract,
  getClusterDefinitionContract,
  removeClusterContract,
  updateClusterContract,
} from '../contracts/cluster-definitions.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'

type Body = z.input<typeof createClusterContract.body>

export const useClusterDefinition = (cluster: string) =>
  useApiQuery({
    queryKey: [...keys.cluster(cluster), 'definition'],
    contract: getClusterDefinitionContract,
    request: () => ({ params: { cluster } }),
    poll: 'once',
  })

export const useCreateCluster = () =>
  useApiMutation({
    contract: createClusterContract,
    request: (body: Body) => ({ body }),
    stale: [keys.clusters],
  })

export const useUpdateCluster = (cluster: string) =>
  useApiMutation({
    contract: updateClusterContract,
    request: (body: Body) => ({ params: { cluster }, body }),
    stale: [keys.clusters, keys.cluster(cluster)],
  })

export const useRemoveCluster = () =>
  useApiMutation({
    contract: removeClusterContract,
    request: (cluster: string) => ({ params: { cluster } }),
    stale: [keys.clusters],
  })
