import type { Database } from '../db/client.ts'
import { Prisma } from '../db/generated/client.ts'

const ROWS_PER_STEP = 500
/** What was done to a cluster stays on record. */
const KEPT: readonly string[] = ['AuditEntry', 'ConfigChange']

interface Table {
  deleteMany(args: { where: { clusterId: string }; limit: number }): Promise<{ count: number }>
}

/**
 * Deletes some rows of clusters that were removed on the page; true while there may be more. The
 * definition goes last, and with it its id is free again.
 */
export async function forgetStep(db: Database): Promise<boolean> {
  const removed = await db.clusterDefinition.findFirst({ where: { removedAt: { not: null } } })
  if (removed === null) return false
  const where = { clusterId: removed.id }
  for (const table of tablesOf(db)) {
    const { count } = await table.deleteMany({ where, limit: ROWS_PER_STEP })
    if (count > 0) return true
  }
  await db.clusterDefinition.delete({ where: { id: removed.id } })
  return true
}

/** Every table whose rows belong to a cluster, whoever added it. */
function tablesOf(db: Database): Table[] {
  return Object.keys(Prisma.ModelName).flatMap((model) => {
    if (KEPT.includes(model)) return []
    const fields: Record<string, unknown> = Prisma
    const columns = fields[`${model}ScalarFieldEnum`]
    if (typeof columns !== 'object' || columns === null || !('clusterId' in columns)) return []
    const delegate = `${model.charAt(0).toLowerCase()}${model.slice(1)}`
    // Safe because the client has a delegate for each model, and these have a clusterId.
    return [(db as unknown as Record<string, Table>)[delegate] as Table]
  })
}
