import { z } from 'zod'
import {
  asOf,
  atQuery,
  brokerId,
  clusterParams,
  listOf,
  offset,
  okResponse,
  pageQuery,
  partError,
  partitionId,
  queryBoolean,
  queryInt,
  rate,
  timeMs,
  topicName,
  topicParams,
  verdictLevel,
} from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'
import { lagTime, worstPartition } from './lag.ts'

export const isrHealth = z.object({
  level: verdictLevel,
  partitionsInSync: z.number().int(),
  partitionsUnderReplicated: z.number().int(),
  partitionsUnderMinIsr: z.number().int(),
  partitionsOffline: z.number().int(),
  partitionsNotPreferred: z.number().int(),
})
export type IsrHealth = z.infer<typeof isrHealth>

export const topicItem = z.object({
  name: topicName,
  /** Null on clusters without topic ids (before 2.8). */
  id: z.string().nullable(),
  isInternal: z.boolean(),
  partitions: z.number().int(),
  replicationFactor: z.number().int(),
  isr: isrHealth,
  /** Sum over partitions of high watermark − log start; not a message count where `isCompacted`. */
  offsetSpan: z.number().nullable(),
  isCompacted: z.boolean(),
  /** Bytes of all replicas; null until log directories were read. */
  sizeBytes: z.number().nullable(),
  /** Records per second, from end offsets; over the last minute. */
  messagesInRate: rate,
  bytesInRate: rate,
  bytesOutRate: rate,
})
export type TopicItem = z.infer<typeof topicItem>

export const topicSort = z.enum([
  ...(['name', 'partitions', 'replicationFactor', 'offsetSpan', 'sizeBytes'] as const),
  ...(['messagesInRate', 'bytesInRate', 'isr'] as const),
  ...(['-name', '-partitions', '-replicationFactor', '-offsetSpan', '-sizeBytes'] as const),
  ...(['-messagesInRate', '-bytesInRate', '-isr'] as const),
])

export const listTopicsContract = defineContract({
  id: 'listTopics',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/topics',
  access: 'viewer',
  tag: 'Topics',
  summary: 'Topics, a page of them; a leading - in sort turns it round',
  params: clusterParams,
  query: pageQuery.extend({
    sort: topicSort.default('name'),
    /** As it was then; left out: as it is now. */
    at: queryInt.optional(),
    internal: queryBoolean.optional(),
  }),
  response: listOf(topicItem),
})
export type ListTopicsInput = ContractInput<typeof listTopicsContract>
export type ListTopicsOutput = ContractOutput<typeof listTopicsContract>

export const createTopicContract = defineContract({
  id: 'createTopic',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/topics',
  access: 'administrator',
  tag: 'Topics',
  summary: "Create a topic; partitions and replication default to the broker's",
  params: clusterParams,
  body: z.strictObject({
    name: topicName,
    partitions: z.number().int().min(1).max(100_000).nullable().default(null),
    replicationFactor: z.number().int().min(1).max(32_767).nullable().default(null),
    configs: z.record(z.string(), z.string()).default({}),
    /** Broker ids per partition, the preferred leader first; excludes the two counts above. */
    assignments: z.array(z.array(brokerId)).nullable().default(null),
    dryRun: z.boolean().default(false),
  }),
  status: 201,
  response: z.object({
    name: topicName,
    id: z.string().nullable(),
    partitions: z.number().int().nullable(),
    replicationFactor: z.number().int().nullable(),
    dryRun: z.boolean(),
  }),
})
export type CreateTopicInput = ContractInput<typeof createTopicContract>
export type CreateTopicOutput = ContractOutput<typeof createTopicContract>

export const topicPartitionDetail = z.object({
  partition: partitionId,
  /** Null: no leader. */
  leader: brokerId.nullable(),
  preferred: brokerId,
  replicas: z.array(brokerId),
  isr: z.array(brokerId),
  offline: z.array(brokerId),
  leaderEpoch: z.number().int().nullable(),
  logStart: offset.nullable(),
  highWatermark: offset.nullable(),
  logEnd: offset.nullable(),
  /** Of the leader's replica. */
  sizeBytes: z.number().nullable(),
  /** Per replica: how many records it is behind the leader, where the cluster tells. */
  replicaLags: z.array(z.object({ broker: brokerId, lagRecords: z.number().nullable() })),
})
export type TopicPartitionDetail = z.infer<typeof topicPartitionDetail>

export const topicReader = z.object({
  group: z.string(),
  state: z.string(),
  members: z.number().int(),
  /** Null: nothing committed yet. */
  lag: z.number().nullable(),
  partitionsRead: z.number().int(),
  /** Of the group's partitions of this topic: the longest wait, and the worst verdict. */
  lagTime: lagTime.nullable(),
  worst: worstPartition.nullable(),
})
export type TopicReader = z.infer<typeof topicReader>

export const getTopicContract = defineContract({
  id: 'getTopic',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/topics/{topic}',
  access: 'viewer',
  tag: 'Topics',
  summary: 'A topic with its partitions and the groups that read it',
  params: topicParams,
  query: atQuery,
  response: topicItem.extend({
    minInsyncReplicas: z.number().int().nullable(),
    partitionDetails: z.array(topicPartitionDetail),
    readers: z.array(topicReader),
    asOf,
  }),
})
export type GetTopicInput = ContractInput<typeof getTopicContract>
export type TopicDetail = ContractOutput<typeof getTopicContract>

export const deleteTopicContract = defineContract({
  id: 'deleteTopic',
  method: 'DELETE',
  path: '/api/v1/clusters/{cluster}/topics/{topic}',
  access: 'administrator',
  tag: 'Topics',
  summary: 'Delete a topic with all its records',
  params: topicParams,
  response: okResponse,
})
export type DeleteTopicInput = ContractInput<typeof deleteTopicContract>

export const addPartitionsContract = defineContract({
  id: 'addPartitions',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/topics/{topic}/partitions',
  access: 'administrator',
  tag: 'Topics',
  summary: 'Raise the number of partitions to count',
  params: topicParams,
  body: z.strictObject({
    /** The new total. */
    count: z.number().int().min(1).max(100_000),
    dryRun: z.boolean().default(false),
  }),
  response: z.object({ topic: topicName, count: z.number().int(), dryRun: z.boolean() }),
})
export type AddPartitionsInput = ContractInput<typeof addPartitionsContract>
export type AddPartitionsOutput = ContractOutput<typeof addPartitionsContract>

export const purgeTopicContract = defineContract({
  id: 'purgeTopic',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/topics/{topic}/purge',
  access: 'administrator',
  tag: 'Topics',
  summary: 'Delete records before an offset; of every partition up to its high watermark',
  params: topicParams,
  body: z.strictObject({
    /** Null: all partitions. `beforeOffset` null: all records there are. */
    partitions: z
      .array(
        z.strictObject({
          partition: partitionId,
          beforeOffset: offset.min(0).nullable().default(null),
        }),
      )
      .nullable()
      .default(null),
  }),
  response: z.object({
    items: z.array(
      z.object({
        partition: partitionId,
        /** The new log start. */
        logStart: offset.nullable(),
        error: partError.nullable(),
      }),
    ),
    total: z.number().int(),
    asOf: timeMs,
  }),
})
export type PurgeTopicInput = ContractInput<typeof purgeTopicContract>
export type PurgeTopicOutput = ContractOutput<typeof purgeTopicContract>
