import { z } from 'zod'
import { clusterColor, clusterOrigin } from './cluster-definitions.ts'
import {
  asOf,
  clusterId,
  clusterParams,
  listOf,
  okResponse,
  timeMs,
  verdictLevel,
} from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const clusterItem = z.object({
  id: clusterId,
  name: z.string(),
  /** `embedded`: its brokers are processes of this Eyrie. */
  kind: z.enum(['embedded', 'external']),
  /** Where it is defined: `embedded`, Eyrie's `environment`, or here, on the `console`. */
  origin: clusterOrigin,
  /** Null: one that follows from the id. */
  color: clusterColor.nullable(),
  /** Whatever destroys something asks for the cluster's name typed. */
  isProduction: z.boolean(),
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
  /** Its brokers' metrics are collected, from wherever they come. */
  hasJmx: z.boolean(),
  metricsFrom: z.enum(['jolokia', 'prometheus', 'none']),
  /** How reading it goes, and since when; null: not tried yet. */
  connection: z
    .object({
      state: z.enum(['reachable', 'partial', 'unreachable']),
      sinceMs: timeMs,
      /** The next attempt, while it cannot be reached. */
      nextMs: timeMs.nullable(),
      /** Brokers that gave no answer in time, with what was heard of them. */
      silentBrokers: z.array(z.object({ broker: z.number().int(), error: z.string() })),
    })
    .nullable(),
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
  response: listOf(clusterItem).extend({
    /** Set while nothing is collected because the database's disk is full. */
    collectionStop: z
      .object({
        sinceMs: timeMs,
        /** Null: the database is on a server of its own. */
        freeBytes: z.number().int().nullable(),
      })
      .nullable(),
  }),
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
