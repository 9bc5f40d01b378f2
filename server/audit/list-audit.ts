import type { AuditEntry, ListAuditInput, ListAuditOutput } from '../../contracts/audit.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'

export async function listAudit({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ListAuditInput
}): Promise<ListAuditOutput> {
  const db = await database()
  const where = {
    ...(input.cluster !== undefined && { clusterId: input.cluster }),
    ...(input.action !== undefined && { action: input.action }),
    ...(input.subjectType !== undefined && { subjectType: input.subjectType }),
    ...(input.subject !== undefined && { subject: input.subject }),
  }
  const [rows, total] = await Promise.all([
    db.auditEntry.findMany({
      where,
      orderBy: [{ at: 'desc' }, { id: 'asc' }],
      skip: (input.page - 1) * input.pageSize,
      take: input.pageSize,
    }),
    db.auditEntry.count({ where }),
  ])
  const items = rows.map(
    (row): AuditEntry => ({
      id: row.id,
      at: row.at.getTime(),
      actor: row.actor,
      action: row.action,
      cluster: row.clusterId,
      subjectType: row.subjectType,
      subject: row.subject,
      outcome: row.outcome === 'ok' ? 'ok' : 'failed',
      // Safe because writeAudit alone fills the column, with an object's JSON.
      detail: row.detail === null ? null : (JSON.parse(row.detail) as Record<string, unknown>),
      error: row.error,
    }),
  )
  return { items, total, asOf: ctx.nowMs() }
}
