import { z } from 'zod'
import { asOf, brokerId, clusterParams, partitionId, queryInt, topicName } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const replicaMapPartition = z.object({
  partition: partitionId,
  leader: brokerId.nullable(),
  /** The preferred leader first. */
  replicas: z.array(brokerId),
  isr: z.array(brokerId),
  leaderEpoch: z.number().int().nullable(),
})
export type ReplicaMapPartition = z.infer<typeof replicaMapPartition>

export const getReplicaMapContract = defineContract({
  id: 'getReplicaMap',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/replica-map',
  access: 'viewer',
  tag: 'Topics',
  summary: 'Where leaders and replicas sit, by topic',
  params: clusterParams,
  query: z.object({
    topic: topicName.optional(),
    /** As it was then; left out: as it is now. */
    at: queryInt.optional(),
    /** Topics, those with a problem first. */
    limit: queryInt.min(1).max(2000).default(200),
  }),
  response: z.object({
    brokers: z.array(z.object({ broker: brokerId, isOnline: z.boolean() })),
    topics: z.array(
      z.object({
        name: topicName,
        isInternal: z.boolean(),
        partitions: z.array(replicaMapPartition),
      }),
    ),
    /** Topics in the cluster; more than listed when `limit` cut. */
    total: z.number().int(),
    asOf,
  }),
})
export type GetReplicaMapInput = ContractInput<typeof getReplicaMapContract>
export type ReplicaMap = ContractOutput<typeof getReplicaMapContract>
