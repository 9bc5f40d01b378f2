import { z } from 'zod'
import { asOf, brokerId, clusterParams, offset, timeMs } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const quorumReplica = z.object({
  id: brokerId,
  directoryId: z.string().nullable(),
  host: z.string().nullable(),
  port: z.number().int().nullable(),
  isLeader: z.boolean(),
  logEndOffset: offset.nullable(),
  /** Records behind the leader. */
  lagRecords: z.number().nullable(),
  /** Behind the leader in time, by last caught-up time. */
  lagMs: z.number().nullable(),
  lastFetchAt: timeMs.nullable(),
  lastCaughtUpAt: timeMs.nullable(),
})
export type QuorumReplica = z.infer<typeof quorumReplica>

export const getQuorumContract = defineContract({
  id: 'getQuorum',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/quorum',
  access: 'viewer',
  tag: 'Quorum',
  summary: 'The KRaft quorum: leader, epoch, voters, observers and their lag',
  params: clusterParams,
  response: z.object({
    /** `zookeeper`: the cluster has no quorum of its own. */
    mode: z.enum(['kraft', 'zookeeper', 'unknown']),
    leaderId: brokerId.nullable(),
    leaderEpoch: z.number().int().nullable(),
    highWatermark: offset.nullable(),
    voters: z.array(quorumReplica),
    observers: z.array(quorumReplica),
    asOf,
  }),
})
export type GetQuorumInput = ContractInput<typeof getQuorumContract>
export type Quorum = ContractOutput<typeof getQuorumContract>
