import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'

interface NewAuditEntry {
  action: string
  cluster?: string | null
  subjectType?: string | null
  subject?: string | null
  detail?: Record<string, unknown> | null
  /** Left out: it went well. */
  error?: string | null
  /** Instead of the context's. */
  actor?: string
}

export async function writeAudit({
  ctx,
  entry,
}: {
  ctx: ServiceContext
  entry: NewAuditEntry
}): Promise<void> {
  const error = entry.error ?? null
  await (await database()).auditEntry.create({
    data: {
      id: randomUUID(),
      at: new Date(ctx.nowMs()),
      actor: entry.actor ?? ctx.actor.name,
      action: entry.action,
      clusterId: entry.cluster ?? null,
      subjectType: entry.subjectType ?? null,
      subject: entry.subject ?? null,
      outcome: error === null ? 'ok' : 'failed',
      detail: entry.detail == null ? null : JSON.stringify(entry.detail),
      error,
    },
  })
}
