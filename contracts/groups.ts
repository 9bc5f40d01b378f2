import { z } from 'zod'
import {
  asOf,
  atQuery,
  brokerId,
  clusterParams,
  groupId,
  groupParams,
  listOf,
  offset,
  okResponse,
  pageQuery,
  partError,
  partitionId,
  queryInt,
  rangeQuery,
  timeMs,
  topicName,
} from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'
import { groupLag, lagTime, partitionVerdict, verdictFilter } from './lag.ts'

export const groupState = z.enum([
  'Stable',
  'PreparingRebalance',
  'CompletingRebalance',
  'Empty',
  'Dead',
  'Assigning',
  'Reconciling',
  'NotReady',
  'Unknown',
])
export type GroupState = z.infer<typeof groupState>

export const groupItem = z.object({
  id: groupId,
  state: groupState,
  protocolType: z.string(),
  /** The assignor, e.g. `range`; empty when there are no members. */
  protocol: z.string(),
  coordinator: brokerId.nullable(),
  members: z.number().int(),
  topics: z.array(topicName),
  /** Sum over partitions with a commit; null: none has one. */
  totalLag: z.number().nullable(),
  /** Records per second over the last minutes; positive: falls behind. */
  lagGrowthRate: z.number().nullable(),
  /** At the present rate; null: never, or not known. */
  drainMs: z.number().nullable(),
  ...groupLag.shape,
})
export type GroupItem = z.infer<typeof groupItem>

export const groupSort = z.enum([
  ...(['id', 'state', 'members', 'totalLag', 'coordinator', 'lagTime', 'verdict'] as const),
  ...(['-id', '-state', '-members', '-totalLag', '-coordinator', '-lagTime', '-verdict'] as const),
])

export const listGroupsContract = defineContract({
  id: 'listGroups',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/groups',
  access: 'viewer',
  tag: 'Groups',
  summary: 'Consumer groups, a page of them',
  params: clusterParams,
  query: pageQuery.extend({
    sort: groupSort.default('id'),
    /** As it was then; left out: as it is now. */
    at: queryInt.optional(),
    state: groupState.optional(),
    /** ERR: any of REWIND, STALL and STOP. */
    verdict: verdictFilter.optional(),
  }),
  response: listOf(groupItem),
})
export type ListGroupsInput = ContractInput<typeof listGroupsContract>
export type ListGroupsOutput = ContractOutput<typeof listGroupsContract>

export const groupMember = z.object({
  memberId: z.string(),
  groupInstanceId: z.string().nullable(),
  clientId: z.string(),
  host: z.string(),
  assignment: z.array(z.object({ topic: topicName, partitions: z.array(partitionId) })),
})
export type GroupMember = z.infer<typeof groupMember>

export const groupPartition = z.object({
  topic: topicName,
  partition: partitionId,
  /** Null: no commit. */
  committed: offset.nullable(),
  logStart: offset.nullable(),
  /** High watermark; read after `committed`, so lag is never negative. */
  end: offset.nullable(),
  lag: z.number().nullable(),
  /** As of the collector's last cycle, like the verdict; null without a commit. */
  lagTime: lagTime.nullable(),
  verdict: partitionVerdict.nullable(),
  /** Records per second over the last minutes of samples; null: not known, or it went back. */
  producerRate: z.number().nullable(),
  consumerRate: z.number().nullable(),
  memberId: z.string().nullable(),
  clientId: z.string().nullable(),
  host: z.string().nullable(),
  metadata: z.string().nullable(),
})
export type GroupPartition = z.infer<typeof groupPartition>

export const getGroupContract = defineContract({
  id: 'getGroup',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/groups/{group}',
  access: 'viewer',
  tag: 'Groups',
  summary: 'A group with members, committed offsets and lag',
  params: groupParams,
  query: atQuery,
  response: groupItem.extend({
    /** It is gone; what is left is its history. */
    isDeleted: z.boolean(),
    memberDetails: z.array(groupMember),
    partitions: z.array(groupPartition),
    asOf,
  }),
})
export type GetGroupInput = ContractInput<typeof getGroupContract>
export type GroupDetail = ContractOutput<typeof getGroupContract>

export const deleteGroupContract = defineContract({
  id: 'deleteGroup',
  method: 'DELETE',
  path: '/api/v1/clusters/{cluster}/groups/{group}',
  access: 'administrator',
  tag: 'Groups',
  summary: 'Delete an empty group; its lag history stays',
  params: groupParams,
  response: okResponse,
})
export type DeleteGroupInput = ContractInput<typeof deleteGroupContract>

export const resetOffsetsContract = defineContract({
  id: 'resetOffsets',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/groups/{group}/offsets',
  access: 'administrator',
  tag: 'Groups',
  summary: 'Move committed offsets of a group without members; dryRun gives before and after',
  params: groupParams,
  body: z
    .strictObject({
      to: z.enum(['earliest', 'latest', 'offset', 'time', 'shift']),
      /** With `to: offset`. */
      offset: offset.min(0).optional(),
      /** With `to: time`: epoch milliseconds. */
      time: timeMs.optional(),
      /** With `to: shift`: records forwards, or backwards when negative. */
      by: z.number().int().optional(),
      /** Null: every partition the group has a commit for; `partition` null: all of the topic. */
      partitions: z
        .array(
          z.strictObject({ topic: topicName, partition: partitionId.nullable().default(null) }),
        )
        .nullable()
        .default(null),
      dryRun: z.boolean().default(false),
    })
    .superRefine((body, context) => {
      const needed = { offset: 'offset', time: 'time', shift: 'by' } as const
      if (body.to === 'earliest' || body.to === 'latest') return
      const field = needed[body.to]
      if (body[field] === undefined)
        context.addIssue({ code: 'custom', path: [field], message: `needed when to is ${body.to}` })
    }),
  response: z.object({
    dryRun: z.boolean(),
    items: z.array(
      z.object({
        topic: topicName,
        partition: partitionId,
        before: offset.nullable(),
        after: offset.nullable(),
        logStart: offset.nullable(),
        end: offset.nullable(),
        lagBefore: z.number().nullable(),
        lagAfter: z.number().nullable(),
        error: partError.nullable(),
      }),
    ),
    total: z.number().int(),
    asOf: timeMs,
  }),
})
export type ResetOffsetsInput = ContractInput<typeof resetOffsetsContract>
export type ResetOffsetsOutput = ContractOutput<typeof resetOffsetsContract>

export const lagPoint = z.object({
  t: timeMs,
  lag: z.number().nullable(),
  /** How long the oldest unread record had waited; of a topic, the longest of its partitions. */
  lagMs: z.number().nullable(),
  /** `lagMs` is a lower bound: the samples do not reach back. */
  isAtLeast: z.boolean(),
  committed: z.number().nullable(),
  end: z.number().nullable(),
})
export type LagPoint = z.infer<typeof lagPoint>

export const lagSeries = z.object({
  topic: topicName,
  /** Null: the topic's total. */
  partition: partitionId.nullable(),
  points: z.array(lagPoint),
})
export type LagSeries = z.infer<typeof lagSeries>

export const getGroupLagContract = defineContract({
  id: 'getGroupLag',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/groups/{group}/lag',
  access: 'viewer',
  tag: 'Groups',
  summary: 'Lag history per partition and per topic (partition null)',
  params: groupParams,
  query: rangeQuery.extend({
    topic: topicName.optional(),
    /** `totals` leaves the partitions out. */
    detail: z.enum(['totals', 'partitions']).default('partitions'),
  }),
  response: z.object({
    series: z.array(lagSeries),
    from: timeMs,
    to: timeMs,
    stepMs: z.number().int(),
    asOf,
  }),
})
export type GetGroupLagInput = ContractInput<typeof getGroupLagContract>
export type GetGroupLagOutput = ContractOutput<typeof getGroupLagContract>
