import { randomUUID } from 'node:crypto'
import {
  type ConfigChange,
  configChange,
  type ListConfigChangesInput,
  type ListConfigChangesOutput,
} from '../../contracts/audit.ts'
import type { ConfigDiff } from '../../contracts/configs.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { HIDDEN_VALUE, isSecretConfig } from './redact.ts'

interface ChangedEntity {
  clusterId: string
  entityType: ConfigChange['entityType']
  /** Empty for the cluster-wide default. */
  entity: string
}

function shown(name: string, value: string | null): string | null {
  return value !== null && isSecretConfig(name) ? HIDDEN_VALUE : value
}

export async function recordConfigChanges({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ChangedEntity & { changes: readonly ConfigDiff[] }
}): Promise<void> {
  const { changes, ...entity } = input
  if (changes.length === 0) return
  const at = new Date(ctx.nowMs())
  await (await database()).configChange.createMany({
    data: changes.map((change) => ({
      ...entity,
      id: randomUUID(),
      at,
      actor: ctx.actor.name,
      name: change.name,
      before: shown(change.name, change.before),
      after: shown(change.name, change.after),
    })),
  })
}

export async function listConfigChanges({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ListConfigChangesInput
}): Promise<ListConfigChangesOutput> {
  const db = await database()
  const where = {
    clusterId: input.cluster,
    ...(input.entityType !== undefined && { entityType: input.entityType }),
    ...(input.entity !== undefined && { entity: input.entity }),
    ...(input.name !== undefined && { name: input.name }),
  }
  const [rows, total] = await Promise.all([
    db.configChange.findMany({
      where,
      orderBy: [{ at: 'desc' }, { name: 'asc' }],
      skip: (input.page - 1) * input.pageSize,
      take: input.pageSize,
    }),
    db.configChange.count({ where }),
  ])
  const items = rows.map((row) => ({
    id: row.id,
    at: row.at.getTime(),
    actor: row.actor,
    entityType: configChange.shape.entityType.parse(row.entityType),
    entity: row.entity,
    name: row.name,
    before: row.before,
    after: row.after,
  }))
  return { items, total, asOf: ctx.nowMs() }
}
