import { z } from 'zod'
import {
  asOf,
  brokerId,
  clusterParams,
  partError,
  partitionId,
  topicName,
  topicPartition,
} from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const electionPartition = z.object({
  topic: topicName,
  partition: partitionId,
  leaderBefore: brokerId.nullable(),
  leaderAfter: brokerId.nullable(),
  preferred: brokerId,
  replicas: z.array(brokerId),
  isr: z.array(brokerId),
  /** In a preview `will-move`; afterwards `moved` or `failed`. */
  outcome: z.enum(['will-move', 'moved', 'not-needed', 'not-possible', 'failed']),
  error: partError.nullable(),
})
export type ElectionPartition = z.infer<typeof electionPartition>

export const electLeadersContract = defineContract({
  id: 'electLeaders',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/elections',
  access: 'administrator',
  tag: 'Elections',
  summary: 'Preferred leader election: preview with dryRun, then the result per partition',
  params: clusterParams,
  body: z.strictObject({
    type: z.literal('preferred'),
    /** Null: all partitions of the cluster. */
    partitions: z.array(topicPartition.strict()).max(100_000).nullable().default(null),
    /** Only this topic's. */
    topic: topicName.nullable().default(null),
    /** Only those whose preferred leader is this broker. */
    broker: brokerId.nullable().default(null),
    dryRun: z.boolean().default(false),
  }),
  response: z.object({
    dryRun: z.boolean(),
    /** Those that moved, will move, or should and cannot; `not-needed` ones only when named. */
    items: z.array(electionPartition),
    total: z.number().int(),
    leadersBefore: z.array(z.object({ broker: brokerId, leaders: z.number().int() })),
    leadersAfter: z.array(z.object({ broker: brokerId, leaders: z.number().int() })),
    asOf,
  }),
})
export type ElectLeadersInput = ContractInput<typeof electLeadersContract>
export type ElectLeadersOutput = ContractOutput<typeof electLeadersContract>
