import type { Database } from '../db/client.ts'
import { CHUNK_POINTS_MAX, decodeChunk, OpenChunk } from './chunk.ts'
import { FAMILIES, type Family } from './fields.ts'
import {
  type Cycle,
  decodeJournal,
  type EntitySamples,
  encodeJournal,
  journalKey,
} from './journal.ts'

/** An open chunk's row is rewritten every so many cycles; the journal holds the cycles since. */
export const FLUSH_EVERY_CYCLES = 6
/** A chunk is not continued after a pause as long as this. */
const REOPEN_WITHIN_MS = 30 * 60_000
export const RETENTION_MS = 48 * 3_600_000
const PRUNE_EVERY_CYCLES = 60
const ROWS_PER_STATEMENT = 2_000

interface OpenEntity {
  readonly entity: string
  readonly family: Family
  readonly chunk: OpenChunk
  /** Which cycle of FLUSH_EVERY_CYCLES writes it, so that the work is spread. */
  readonly slot: number
  readonly pointsMax: number
  isDirty: boolean
}

/**
 * The one writer of a cluster's samples. A cycle is journalled (one row) before it counts as taken;
 * chunk rows follow, a sixth of them each cycle. After kill -9 at most the cycle being written is
 * lost: `open` takes the chunk rows and replays the journal.
 */
export class SampleStore {
  readonly #db: Database
  readonly #clusterId: string
  readonly #open = new Map<string, OpenEntity>()
  /** Times of the cycles that some chunk row may still lack. */
  #journalled: number[] = []
  #cycleCount = 0
  #lastMs = 0

  private constructor(db: Database, clusterId: string) {
    this.#db = db
    this.#clusterId = clusterId
  }

  static async open(db: Database, clusterId: string, nowMs: number): Promise<SampleStore> {
    const store = new SampleStore(db, clusterId)
    await store.#loadOpenChunks(nowMs)
    const rows = await db.journal.findMany({ where: { clusterId }, orderBy: { tMs: 'asc' } })
    for (const row of rows) store.#take(Number(row.tMs), decodeJournal(row.data))
    store.#journalled = rows.map((row) => Number(row.tMs))
    return store
  }

  /** Time of the newest sample; 0 when there is none. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** Times must grow; a cycle that is not later than the last one is dropped. */
  async append(cycle: Cycle): Promise<void> {
    if (cycle.tMs <= this.#lastMs) return
    const data = encodeJournal(cycle.entities)
    await this.#db.$executeRawUnsafe(
      'INSERT INTO Journal (clusterId, tMs, data) VALUES (?, ?, ?)',
      this.#clusterId,
      cycle.tMs,
      data,
    )
    this.#journalled.push(cycle.tMs)
    this.#take(cycle.tMs, cycle.entities)
    this.#cycleCount++
    const slot = this.#cycleCount % FLUSH_EVERY_CYCLES
    await this.#write([...this.#open.values()].filter((entity) => isDue(entity, slot)))
    await this.#trimJournal(FLUSH_EVERY_CYCLES)
    if (this.#cycleCount % PRUNE_EVERY_CYCLES === 1) await this.#prune(cycle.tMs)
  }

  /** Writes everything; before the process ends in order. */
  async close(): Promise<void> {
    await this.#write([...this.#open.values()].filter((entity) => entity.isDirty))
    await this.#trimJournal(0)
  }

  #take(tMs: number, entities: readonly EntitySamples[]): void {
    this.#lastMs = Math.max(this.#lastMs, tMs)
    for (const { entity, family, samples } of entities) {
      const key = journalKey(entity, family)
      let open = this.#open.get(key)
      if (open === undefined || open.chunk.count >= open.pointsMax) {
        const hash = hashOf(key)
        // First chunks end at different points, so that later ones do not all fill up at once.
        const pointsMax = open === undefined ? CHUNK_POINTS_MAX - (hash % 60) : CHUNK_POINTS_MAX
        const slot = hash % FLUSH_EVERY_CYCLES
        const chunk = new OpenChunk()
        open = { entity, family, chunk, slot, pointsMax, isDirty: false }
        this.#open.set(key, open)
      }
      if (open.chunk.count > 0 && tMs <= open.chunk.endMs) continue
      open.chunk.append(tMs, samples)
      open.isDirty = true
    }
  }

  async #loadOpenChunks(nowMs: number): Promise<void> {
    const rows = await this.#db.chunk.findMany({
      where: {
        clusterId: this.#clusterId,
        resolutionMs: 0,
        endMs: { gte: BigInt(nowMs - REOPEN_WITHIN_MS) },
        points: { lt: CHUNK_POINTS_MAX },
      },
      orderBy: { startMs: 'asc' },
    })
    const familyById = new Map(Object.entries(FAMILIES).map(([name, id]) => [id as number, name]))
    for (const row of rows) {
      // Safe because FAMILIES' keys are the families.
      const family = familyById.get(row.family) as Family | undefined
      if (family === undefined) continue
      const key = journalKey(row.entity, family)
      const chunk = OpenChunk.reopen(decodeChunk(row.data))
      this.#lastMs = Math.max(this.#lastMs, chunk.endMs)
      this.#open.set(key, {
        entity: row.entity,
        family,
        chunk,
        slot: hashOf(key) % FLUSH_EVERY_CYCLES,
        pointsMax: CHUNK_POINTS_MAX,
        isDirty: false,
      })
    }
  }

  async #write(entities: readonly OpenEntity[]): Promise<void> {
    for (let i = 0; i < entities.length; i += ROWS_PER_STATEMENT) {
      const rows = entities
        .slice(i, i + ROWS_PER_STATEMENT)
        .map(({ entity, family, chunk }) => [
          entity,
          FAMILIES[family],
          chunk.startMs,
          chunk.endMs,
          chunk.count,
          chunk.encode().toString('hex'),
        ])
      await this.#db.$executeRawUnsafe(UPSERT_CHUNKS, this.#clusterId, JSON.stringify(rows))
    }
    for (const entity of entities) {
      entity.isDirty = false
      if (entity.chunk.count >= entity.pointsMax) continue
      // What no longer reports (a deleted topic) needs no memory.
      if (this.#lastMs - entity.chunk.endMs > REOPEN_WITHIN_MS) {
        this.#open.delete(journalKey(entity.entity, entity.family))
      }
    }
  }

  async #trimJournal(keep: number): Promise<void> {
    const done = this.#journalled.slice(0, Math.max(0, this.#journalled.length - keep))
    const lastDone = done.at(-1)
    if (lastDone === undefined) return
    await this.#db.$executeRawUnsafe(
      'DELETE FROM Journal WHERE clusterId = ? AND tMs <= ?',
      this.#clusterId,
      lastDone,
    )
    this.#journalled = this.#journalled.slice(done.length)
  }

  async #prune(nowMs: number): Promise<void> {
    await this.#db.$executeRawUnsafe(
      'DELETE FROM Chunk WHERE clusterId = ? AND resolutionMs = 0 AND endMs < ?',
      this.#clusterId,
      nowMs - RETENTION_MS,
    )
  }
}

/** One statement for many rows: libsql works on the event loop, and this costs 4 µs a row. */
const UPSERT_CHUNKS = `
  INSERT INTO Chunk (clusterId, entity, family, resolutionMs, startMs, endMs, points, data)
  SELECT ?, value->>0, value->>1, 0, value->>2, value->>3, value->>4, unhex(value->>5)
  FROM json_each(?) WHERE true
  ON CONFLICT (clusterId, entity, family, resolutionMs, startMs)
  DO UPDATE SET endMs = excluded.endMs, points = excluded.points, data = excluded.data`

function isDue(entity: OpenEntity, slot: number): boolean {
  return entity.isDirty && (entity.slot === slot || entity.chunk.count >= entity.pointsMax)
}

function hashOf(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash >>> 0
}
