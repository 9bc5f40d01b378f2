import type { Database } from '../db/client.ts'
import { deleteSome } from '../db/dialect.ts'
import { type ChunkContent, decodeChunk } from './chunk.ts'
import { type ChunkRow, upsertChunks } from './chunk-rows.ts'
import { type Family, familyName } from './fields.ts'
import { FoldedChunks } from './fold.ts'
import { maxSpanMs, type Retention, TIERS_MS, type TierMs } from './tiers.ts'

/** A chunk that took no point for so long is not continued. */
const SETTLED_MS = 30 * 60_000
const ROWS_PER_STEP = 100
const DELETES_PER_STEP = 500

/** Chunks of a tier up to here are in the next tier: in order of their last point, then of their key. */
interface Cursor {
  readonly endMs: number
  readonly entity: string
  readonly family: number
}

type Cursors = Partial<Record<TierMs, Cursor>>

const START: Cursor = { endMs: 0, entity: '', family: 0 }

interface Fold {
  readonly from: TierMs
  readonly to: TierMs
  /** Chunks that end by then are folded. */
  readonly limitMs: number
  /** Every sample of the finer tier up to then is in its rows. */
  readonly completeToMs: number
}

interface EntityKey {
  readonly entity: string
  readonly family: number
}

/**
 * Folds each tier's chunks into the next coarser tier and deletes what is past its time, a few rows a step. What is
 * not yet folded is never deleted. Chunks are written before the cursor moves, and folding twice changes nothing, so
 * a kill at any moment costs nothing.
 */
export class RollUp {
  readonly #db: Database
  readonly #clusterId: string
  readonly #retention: Retention
  readonly #cursors: Cursors

  private constructor(
    db: Database,
    cluster: { id: string; retention: Retention; cursors: Cursors },
  ) {
    this.#db = db
    this.#clusterId = cluster.id
    this.#retention = cluster.retention
    this.#cursors = cluster.cursors
  }

  static async open(db: Database, clusterId: string, retention: Retention): Promise<RollUp> {
    const row = await db.setting.findUnique({ where: { key: settingKey(clusterId) } })
    // Safe because this class alone writes the setting.
    const cursors = row === null ? {} : (JSON.parse(row.value) as Cursors)
    return new RollUp(db, { id: clusterId, retention, cursors })
  }

  /**
   * Folds up to 100 chunks of each tier and deletes up to 500. `writtenToMs`: later samples may still be missing in
   * the chunk rows. Returns whether there is more to do.
   */
  async step(now: { nowMs: number; writtenToMs: number }): Promise<boolean> {
    let completeToMs = now.writtenToMs
    let isMore = false
    for (const [index, from] of TIERS_MS.entries()) {
      const to = TIERS_MS[index + 1]
      if (to !== undefined) {
        const settledMs = from === 0 ? Math.min(now.nowMs - SETTLED_MS, completeToMs) : completeToMs
        const fold = { from, to, limitMs: Math.max(0, settledMs - to), completeToMs }
        isMore = (await this.#foldTier(fold)) || isMore
        // A chunk that ends after the cursor may hold points as old as a chunk can be long.
        completeToMs = (this.#cursors[from] ?? START).endMs - maxSpanMs(from)
      }
      isMore = (await this.#deleteFrom(from, to === undefined, now.nowMs)) || isMore
    }
    return isMore
  }

  async #foldTier(fold: Fold): Promise<boolean> {
    const cursor = this.#cursors[fold.from] ?? START
    if (fold.limitMs <= cursor.endMs) return false
    const due = await this.#db.chunk.findMany({
      where: {
        clusterId: this.#clusterId,
        resolutionMs: fold.from,
        endMs: { gte: BigInt(cursor.endMs), lte: BigInt(fold.limitMs) },
        OR: [
          { endMs: { gt: BigInt(cursor.endMs) } },
          { entity: { gt: cursor.entity } },
          { entity: cursor.entity, family: { gt: cursor.family } },
        ],
      },
      orderBy: [{ endMs: 'asc' }, { entity: 'asc' }, { family: 'asc' }],
      select: { entity: true, family: true, endMs: true },
      take: ROWS_PER_STEP,
    })
    if (due.length > 0) await this.#foldEntities(fold, due)
    const last = due.at(-1)
    const isMore = last !== undefined && due.length === ROWS_PER_STEP
    this.#cursors[fold.from] = isMore
      ? { endMs: Number(last.endMs), entity: last.entity, family: last.family }
      : // Nothing that ends by the limit is still to come.
        { endMs: fold.limitMs, entity: '￿', family: 0 }
    await this.#saveCursors()
    return isMore
  }

  async #foldEntities(fold: Fold, due: readonly EntityKey[]): Promise<void> {
    const targets = await this.#newestChunks(fold.to, due)
    const rows: ChunkRow[] = []
    for (const { target, contents } of await this.#sources(fold, due, targets)) {
      const { entity, family, chunks } = target
      chunks.fold(contents, fold.completeToMs)
      for (const chunk of chunks.changed) {
        const { startMs, endMs, count: points } = chunk
        rows.push({ entity, family, startMs, endMs, points, data: chunk.encode() })
      }
    }
    await upsertChunks(this.#db, { clusterId: this.#clusterId, resolutionMs: fold.to }, rows)
  }

  /** All chunks of the due entities that have samples not folded yet; open ones too. */
  async #sources(
    fold: Fold,
    due: readonly EntityKey[],
    targets: ReadonlyMap<string, Target>,
  ): Promise<Iterable<Source>> {
    const wanted = new Map<string, EntityKey & { afterMs: number }>()
    for (const row of due) {
      const afterMs = Math.max(targets.get(keyOf(row))?.chunks.foldedToMs ?? -1, -1)
      wanted.set(keyOf(row), { entity: row.entity, family: row.family, afterMs })
    }
    const rows = await this.#db.chunk.findMany({
      where: {
        clusterId: this.#clusterId,
        resolutionMs: fold.from,
        OR: [...wanted.values()].map(({ entity, family, afterMs }) => ({
          entity,
          family,
          endMs: { gt: BigInt(afterMs) },
        })),
      },
      orderBy: { startMs: 'asc' },
      select: { entity: true, family: true, data: true },
    })
    const found = new Map<string, Source>()
    for (const row of rows) {
      const family = familyName(row.family)
      if (family === null) continue
      const key = keyOf(row)
      const known = found.get(key)
      const content = decodeChunk(row.data)
      if (known !== undefined) known.contents.push(content)
      else {
        const target = { entity: row.entity, family, chunks: new FoldedChunks(fold.to, null) }
        found.set(key, { target: targets.get(key) ?? target, contents: [content] })
      }
    }
    return found.values()
  }

  /** The newest chunk of each entity in the coarser tier. */
  async #newestChunks(tier: TierMs, due: readonly EntityKey[]): Promise<Map<string, Target>> {
    const where = {
      clusterId: this.#clusterId,
      resolutionMs: tier,
      entity: { in: [...new Set(due.map(({ entity }) => entity))] },
    }
    const newest = await this.#db.chunk.groupBy({
      by: ['entity', 'family'],
      where,
      _max: { startMs: true },
    })
    const wanted = newest.flatMap(({ entity, family, _max }) =>
      _max.startMs === null ? [] : [{ entity, family, startMs: _max.startMs }],
    )
    if (wanted.length === 0) return new Map()
    const rows = await this.#db.chunk.findMany({
      where: { ...where, OR: wanted },
      select: { entity: true, family: true, data: true },
    })
    const targets = new Map<string, Target>()
    for (const row of rows) {
      const family = familyName(row.family)
      if (family === null) continue
      const chunks = new FoldedChunks(tier, decodeChunk(row.data))
      targets.set(keyOf(row), { entity: row.entity, family, chunks })
    }
    return targets
  }

  async #saveCursors(): Promise<void> {
    const value = JSON.stringify(this.#cursors)
    const key = settingKey(this.#clusterId)
    await this.#db.setting.upsert({ where: { key }, create: { key, value }, update: { value } })
  }

  async #deleteFrom(tier: TierMs, isCoarsest: boolean, nowMs: number): Promise<boolean> {
    const foldedToMs = isCoarsest ? Number.POSITIVE_INFINITY : (this.#cursors[tier]?.endMs ?? 0)
    const beforeMs = Math.min(nowMs - this.#retention[tier], foldedToMs)
    const where = '"clusterId" = ? AND "resolutionMs" = ? AND "endMs" < ?'
    const deleted = await deleteSome(
      this.#db,
      { table: 'Chunk', where, limit: DELETES_PER_STEP },
      this.#clusterId,
      tier,
      beforeMs,
    )
    return deleted === DELETES_PER_STEP
  }
}

interface Target {
  readonly entity: string
  readonly family: Family
  readonly chunks: FoldedChunks
}

interface Source {
  readonly target: Target
  readonly contents: ChunkContent[]
}

function settingKey(clusterId: string): string {
  return `history:${clusterId}`
}

function keyOf({ entity, family }: EntityKey): string {
  return `${entity} ${family}`
}
