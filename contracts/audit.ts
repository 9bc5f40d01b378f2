import { z } from 'zod'
import { clusterId, clusterParams, listOf, queryInt, timeMs } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const auditEntry = z.object({
  id: z.string(),
  at: timeMs,
  /** E-mail address, or `api-token`, or `system`. */
  actor: z.string(),
  /** The contract's id, e.g. `deleteTopic`. */
  action: z.string(),
  cluster: clusterId.nullable(),
  /** `topic`, `group`, `broker`, `user`, …; null: the whole cluster or the console. */
  subjectType: z.string().nullable(),
  subject: z.string().nullable(),
  outcome: z.enum(['ok', 'failed']),
  /** What was asked for, without passwords and message contents. */
  detail: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
})
export type AuditEntry = z.infer<typeof auditEntry>

export const listAuditContract = defineContract({
  id: 'listAudit',
  method: 'GET',
  path: '/api/v1/audit',
  access: 'viewer',
  tag: 'Activity',
  summary: 'Who did what when, newest first',
  query: z.object({
    cluster: clusterId.optional(),
    action: z.string().optional(),
    subjectType: z.string().optional(),
    subject: z.string().optional(),
    page: queryInt.min(1).default(1),
    pageSize: queryInt.min(1).max(500).default(50),
  }),
  response: listOf(auditEntry),
})
export type ListAuditInput = ContractInput<typeof listAuditContract>
export type ListAuditOutput = ContractOutput<typeof listAuditContract>

export const configChange = z.object({
  id: z.string(),
  at: timeMs,
  actor: z.string(),
  entityType: z.enum(['topic', 'broker', 'broker-default']),
  /** Topic name or node id; empty for the cluster-wide default. */
  entity: z.string(),
  name: z.string(),
  /** Null: not set there. */
  before: z.string().nullable(),
  after: z.string().nullable(),
})
export type ConfigChange = z.infer<typeof configChange>

export const listConfigChangesContract = defineContract({
  id: 'listConfigChanges',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/config-changes',
  access: 'viewer',
  tag: 'Activity',
  summary: 'Who changed which config when, newest first',
  params: clusterParams,
  query: z.object({
    entityType: z.enum(['topic', 'broker', 'broker-default']).optional(),
    entity: z.string().optional(),
    name: z.string().optional(),
    page: queryInt.min(1).default(1),
    pageSize: queryInt.min(1).max(500).default(50),
  }),
  response: listOf(configChange),
})
export type ListConfigChangesInput = ContractInput<typeof listConfigChangesContract>
export type ListConfigChangesOutput = ContractOutput<typeof listConfigChangesContract>
