import { z } from 'zod'
import { asOf, clusterId, clusterParams, listOf, okResponse, verdictLevel } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const clusterItem = z.object({
  id: clusterId,
  name: z.string(),
  /** `embedded`: its brokers are processes of this Eyrie. */
  kind: z.enum(['embedded', 'external']),
  bootstrapServers: z.array(z.string()),
  /** Kafka's own cluster id. */
  kafkaClusterId: z.string().nullable(),
  verdict: verdictLevel,
  brokersOnline: z.number().int().nullable(),
  brokersTotal: z.number().int().nullable(),
  topics: z.number().int().nullable(),
  partitions: z.number().int().nullable(),
  groups: z.number().int().nullable(),
  controllerId: z.number().int().nullable(),
  version: z.string().nullable(),
  hasJmx: z.boolean(),
  /** Why the cluster cannot be read, if so. */
  error: z.string().nullable(),
  asOf,
})
export type ClusterItem = z.infer<typeof clusterItem>

export const listClustersContract = defineContract({
  id: 'listClusters',
  method: 'GET',
  path: '/api/v1/clusters',
  access: 'viewer',
  tag: 'Clusters',
  summary: 'All clusters; the one with brokers of its own has the id embedded',
  response: listOf(clusterItem),
})
export type ListClustersOutput = ContractOutput<typeof listClustersContract>

export const getClusterContract = defineContract({
  id: 'getCluster',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}',
  access: 'viewer',
  tag: 'Clusters',
  summary: 'One cluster',
  params: clusterParams,
  response: clusterItem,
})
export type GetClusterInput = ContractInput<typeof getClusterContract>

export const watchClusterContract = defineContract({
  id: 'watchCluster',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/watch',
  access: 'viewer',
  tag: 'Clusters',
  summary: 'Somebody looks at this cluster: collect every 5 s for the next 30 s',
  params: clusterParams,
  response: okResponse,
  isQuiet: true,
})
export type WatchClusterInput = ContractInput<typeof watchClusterContract>
