import { z } from 'zod'
import { asOf, clusterParams, groupId, offset, queryInt, rangeQuery, timeMs } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

/**
 * How old the oldest record is that a group has not read, found between two samples of the end
 * offset. Without an estimate the history does not reach back: it is `atLeastMs`, how much more
 * is not known. Of a past list the estimate alone may be kept: it is between 0 and null.
 */
export const lagTime = z.object({
  estimateMs: z.number().nullable(),
  atLeastMs: z.number(),
  atMostMs: z.number().nullable(),
})
export type LagTime = z.infer<typeof lagTime>

/** Burrow's, of one partition; a group's are OK, WARN and ERR. */
export const partitionVerdictName = z.enum(['OK', 'WARN', 'REWIND', 'STALL', 'STOP'])
export type PartitionVerdictName = z.infer<typeof partitionVerdictName>
export const groupVerdictName = z.enum(['OK', 'WARN', 'ERR'])
export type GroupVerdictName = z.infer<typeof groupVerdictName>

export const verdictReason = z.enum([
  /** OK */
  'no-lag',
  'lag-was-zero',
  'lag-fell',
  /** WARN: over the last commits lag fell not once */
  'lag-never-fell',
  /** REWIND */
  'went-back',
  /** STALL: somebody owns the partition */
  'no-commit-owned',
  /** STOP: nobody does */
  'no-commit',
  /** Not known yet */
  'too-few-commits',
  'no-end',
])
export type VerdictReason = z.infer<typeof verdictReason>

export const partitionVerdict = z.object({
  /** Null: not known (yet). */
  verdict: partitionVerdictName.nullable(),
  reason: verdictReason,
  /** Since when it is so: the last commit, the last time without lag, the first commit looked at. */
  sinceMs: timeMs.nullable(),
  lag: z.number().nullable(),
  /** Lag at `sinceMs`, with `lag-never-fell`. */
  lagThen: z.number().nullable(),
  /** The position it went back from, with `went-back`. */
  from: offset.nullable(),
  /** Commits seen; ten are looked at. */
  commits: z.number().int(),
})
export type PartitionVerdict = z.infer<typeof partitionVerdict>

/** The partition that a group's verdict comes from. */
export const worstPartition = partitionVerdict.extend({
  topic: z.string(),
  partition: z.number().int(),
})
export type WorstPartition = z.infer<typeof worstPartition>

export const lagForecast = z.object({
  /** `steady`: neither grows nor shrinks; `never`: at this rate it does not drain. */
  kind: z.enum(['caught-up', 'drains', 'steady', 'never', 'unknown']),
  /** With `drains`: as fast as the faster part of the window; `atMostMs` null: no upper bound. */
  atLeastMs: z.number().nullable(),
  atMostMs: z.number().nullable(),
})
export type LagForecast = z.infer<typeof lagForecast>

/** What is written for a group and what it reads, records per second over the last `windowMs`. */
export const lagFlow = z.object({
  producerRate: z.number().nullable(),
  consumerRate: z.number().nullable(),
  windowMs: z.number().int(),
})
export type LagFlow = z.infer<typeof lagFlow>

/** All that lag is judged by, of a group. */
export const groupLag = z.object({
  /** Of the partition that is furthest behind in time; null: not known. */
  lagTime: lagTime.nullable(),
  verdict: groupVerdictName.nullable(),
  /** The worst partition's verdict, which the group's comes from. */
  cause: partitionVerdictName.nullable(),
  /** Null also where it is not known any more which of the partitions it was. */
  worst: worstPartition.nullable(),
  flow: lagFlow,
  forecast: lagForecast,
})
export type GroupLag = z.infer<typeof groupLag>

export const verdictFilter = z.enum(['OK', 'WARN', 'ERR', 'REWIND', 'STALL', 'STOP'])

export const heatMeasure = z.enum(['seconds', 'records'])
export type HeatMeasure = z.infer<typeof heatMeasure>

export const heatRow = z.object({
  group: groupId,
  lagTime: lagTime.nullable(),
  totalLag: z.number().nullable(),
  verdict: groupVerdictName.nullable(),
  cause: partitionVerdictName.nullable(),
  /** Per column the worst of its samples: milliseconds or records; null: nothing collected. */
  cells: z.array(z.number().nullable()),
  /** Columns whose figure is a lower bound. */
  atLeast: z.array(z.number().int()),
  /** One letter a column, the worst of its samples: O W R A (stall) S, `.` not known. */
  verdicts: z.string(),
})
export type HeatRow = z.infer<typeof heatRow>

export const HEAT_ROWS_MAX = 1_000

export const getLagHeatMapContract = defineContract({
  id: 'getLagHeatMap',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/lag',
  access: 'viewer',
  tag: 'Groups',
  summary: 'Lag of groups over time as a grid, the worst of each cell',
  params: clusterParams,
  query: rangeQuery.omit({ step: true }).extend({
    measure: heatMeasure.default('seconds'),
    /** At most so many columns; the server takes a round width. */
    columns: queryInt.min(1).max(240).default(120),
    /** `worst`: largest in the range first; `now`: largest at present first. */
    sort: z.enum(['worst', 'now', 'id']).default('worst'),
    search: z.string().max(249).optional(),
    verdict: verdictFilter.optional(),
  }),
  response: z.object({
    /** The end of the first column. */
    first: timeMs,
    stepMs: z.number().int(),
    columns: z.number().int(),
    measure: heatMeasure,
    rows: z.array(heatRow),
    /** Groups that match; `rows` holds at most 1,000 of them. */
    total: z.number().int(),
    asOf,
  }),
})
export type GetLagHeatMapInput = ContractInput<typeof getLagHeatMapContract>
export type LagHeatMap = ContractOutput<typeof getLagHeatMapContract>
