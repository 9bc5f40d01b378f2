import type { Database } from '../db/client.ts'
import { dialectOf, sql } from '../db/dialect.ts'
import { decodeChunk, OpenChunk } from './chunk.ts'
import { upsertChunks } from './chunk-rows.ts'
import { type Family, familyName } from './fields.ts'
import {
  type Cycle,
  decodeJournal,
  type EntitySamples,
  encodeJournal,
  journalKey,
} from './journal.ts'
import { chunkPointsMax, maxSpanMs } from './tiers.ts'

/** An open chunk's row is rewritten every so many cycles; the journal holds the cycles since. */
export const FLUSH_EVERY_CYCLES = 6
const CHUNK_POINTS_MAX = chunkPointsMax(0)
/** A chunk is not continued after a pause as long as this. */
const REOPEN_WITHIN_MS = 30 * 60_000

const INSERT_CYCLE = 'INSERT INTO "Journal" ("clusterId", "tMs", "data") VALUES (?, ?, ?)'
const DELETE_CYCLES = 'DELETE FROM "Journal" WHERE "clusterId" = ? AND "tMs" <= ?'

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

  /** All samples up to then are in the chunk rows. */
  get writtenToMs(): number {
    const oldest = this.#journalled[0]
    return oldest === undefined ? this.#lastMs : oldest - 1
  }

  /** Times must grow; a cycle that is not later than the last one is dropped. */
  async append(cycle: Cycle): Promise<void> {
    if (cycle.tMs <= this.#lastMs) return
    const data = encodeJournal(cycle.entities)
    await this.#db.$executeRawUnsafe(
      sql(dialectOf(this.#db), INSERT_CYCLE),
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
      if (open === undefined || isEnded(open, tMs)) {
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
    for (const row of rows) {
      const family = familyName(row.family)
      if (family === null) continue
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
    const rows = entities.map(({ entity, family, chunk }) => {
      const { startMs, endMs, count: points } = chunk
      return { entity, family, startMs, endMs, points, data: chunk.encode() }
    })
    await upsertChunks(this.#db, { clusterId: this.#clusterId, resolutionMs: 0 }, rows)
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
      sql(dialectOf(this.#db), DELETE_CYCLES),
      this.#clusterId,
      lastDone,
    )
    this.#journalled = this.#journalled.slice(done.length)
  }
}

function isEnded({ chunk, pointsMax }: OpenEntity, tMs: number): boolean {
  return chunk.count >= pointsMax || (chunk.count > 0 && tMs - chunk.startMs > maxSpanMs(0))
}

function isDue(entity: OpenEntity, slot: number): boolean {
  return entity.isDirty && (entity.slot === slot || entity.chunk.count >= entity.pointsMax)
}

function hashOf(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash >>> 0
}
