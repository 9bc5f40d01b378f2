import { z } from 'zod'
import { asOf, brokerId, clusterParams, rate, timeMs, verdictLevel } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'
import { metricSeries } from './metrics.ts'
import { sampleState } from './sample.ts'

/** The page words the sentence from `kind` and `values` in its own language. */
export const attentionItem = z.object({
  level: verdictLevel,
  kind: z.enum([
    'cluster-unreachable',
    'broker-offline',
    'broker-fenced',
    'no-controller',
    'partitions-offline',
    'partitions-under-min-isr',
    'partitions-under-replicated',
    'partitions-one-copy-left',
    'leaders-not-preferred',
    'group-error',
    'group-slow',
    'data-stale',
    'metrics-missing',
  ]),
  /** The topic, group or broker it is about; null for the whole cluster. */
  subject: z.string().nullable(),
  /** Counts, ids and rates the sentence names: `{count: 3, sinceMs: …, perSecond: 120}`. */
  values: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
})
export type AttentionItem = z.infer<typeof attentionItem>

export const brokerShare = z.object({
  broker: brokerId,
  isOnline: z.boolean(),
  isController: z.boolean(),
  leaders: z.number().int(),
  preferredLeaders: z.number().int(),
  replicas: z.number().int(),
  sizeBytes: z.number().nullable(),
})
export type BrokerShare = z.infer<typeof brokerShare>

/** A figure with its recent course, for a tile. */
export const tile = z.object({
  value: z.number().nullable(),
  /** Over how long the rate is taken, or null for a level. */
  windowMs: z.number().nullable(),
  /** Why the value is null. */
  missing: z.string().nullable(),
  points: z.array(z.object({ t: timeMs, value: z.number().nullable() })),
})
export type Tile = z.infer<typeof tile>

export const getOverviewContract = defineContract({
  id: 'getOverview',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/overview',
  access: 'viewer',
  tag: 'Clusters',
  summary: 'Verdict with reasons, rates, leaders and replicas per broker, throughput, lag',
  params: clusterParams,
  query: z.object({
    from: z.coerce.number().int().optional(),
    to: z.coerce.number().int().optional(),
    step: z.coerce.number().int().min(1000).optional(),
  }),
  response: z.object({
    verdict: verdictLevel,
    reasons: z.array(attentionItem),
    attention: z.array(attentionItem),
    counts: z.object({
      brokersOnline: z.number().int(),
      brokersTotal: z.number().int(),
      topics: z.number().int(),
      partitions: z.number().int(),
      groups: z.number().int(),
      partitionsUnderReplicated: z.number().int(),
      partitionsOffline: z.number().int(),
      partitionsNotPreferred: z.number().int(),
    }),
    controllerId: brokerId.nullable(),
    controllerSinceMs: timeMs.nullable(),
    messagesInRate: rate,
    tiles: z.object({
      messagesIn: tile,
      bytesIn: tile,
      bytesOut: tile,
      totalLag: tile,
      produceP99Ms: tile,
    }),
    brokers: z.array(brokerShare),
    /** Bytes in per second by topic: the largest first, then `others`. */
    throughputByTopic: z.array(metricSeries),
    lagByGroup: z.array(metricSeries),
    sample: sampleState,
    asOf,
  }),
})
export type GetOverviewInput = ContractInput<typeof getOverviewContract>
export type Overview = ContractOutput<typeof getOverviewContract>
