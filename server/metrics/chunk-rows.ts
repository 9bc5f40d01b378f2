import type { Database } from '../db/client.ts'
import { FAMILIES, type Family } from './fields.ts'
import type { TierMs } from './tiers.ts'

const ROWS_PER_STATEMENT = 2_000

export interface ChunkRow {
  readonly entity: string
  readonly family: Family
  readonly startMs: number
  /** Time of the last point, inclusive. */
  readonly endMs: number
  readonly points: number
  readonly data: Buffer
}

/** One statement for many rows: libsql works on the event loop, and this costs 4 µs a row. */
const UPSERT_CHUNKS = `
  INSERT INTO Chunk (clusterId, entity, family, resolutionMs, startMs, endMs, points, data)
  SELECT ?, value->>0, value->>1, ?, value->>2, value->>3, value->>4, unhex(value->>5)
  FROM json_each(?) WHERE true
  ON CONFLICT (clusterId, entity, family, resolutionMs, startMs)
  DO UPDATE SET endMs = excluded.endMs, points = excluded.points, data = excluded.data`

/** A row of the same start is replaced. */
export async function upsertChunks(
  db: Database,
  to: { clusterId: string; resolutionMs: TierMs },
  rows: readonly ChunkRow[],
): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
    const packed = rows
      .slice(i, i + ROWS_PER_STATEMENT)
      .map((row) => [
        row.entity,
        FAMILIES[row.family],
        row.startMs,
        row.endMs,
        row.points,
        row.data.toString('hex'),
      ])
    await db.$executeRawUnsafe(UPSERT_CHUNKS, to.clusterId, to.resolutionMs, JSON.stringify(packed))
  }
}
