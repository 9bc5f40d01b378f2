import type { Database } from '../db/client.ts'
import { type RowTarget, upsertRows } from '../db/rows.ts'
import { FAMILIES, type Family } from './fields.ts'
import type { TierMs } from './tiers.ts'

export interface ChunkRow {
  readonly entity: string
  readonly family: Family
  readonly startMs: number
  /** Time of the last point, inclusive. */
  readonly endMs: number
  readonly points: number
  readonly data: Buffer
}

const CHUNKS: Omit<RowTarget, 'same'> = {
  table: 'Chunk',
  key: ['clusterId', 'entity', 'family', 'resolutionMs', 'startMs'],
  columns: {
    entity: 'text',
    family: 'integer',
    startMs: 'bigint',
    endMs: 'bigint',
    points: 'integer',
    data: 'bytes',
  },
}

/** A row of the same start is replaced. */
export async function upsertChunks(
  db: Database,
  to: { clusterId: string; resolutionMs: TierMs },
  rows: readonly ChunkRow[],
): Promise<void> {
  const packed = rows.map(({ entity, family, startMs, endMs, points, data }) =>
    JSON.stringify([entity, FAMILIES[family], startMs, endMs, points, data.toString('hex')]),
  )
  await upsertRows(db, { ...CHUNKS, same: to }, packed)
}
