import type { ClusterItem } from '../../contracts/clusters.ts'
import { type Database, database } from '../db/client.ts'

type ConnectionHealth = NonNullable<ClusterItem['connection']>

/** What the collector last said; null before its first cycle. */
export async function readConnection(clusterId: string): Promise<ConnectionHealth | null> {
  const row = await (await database()).clusterHealth.findUnique({ where: { clusterId } })
  if (row === null) return null
  return {
    // Safe because `HealthWriter` alone writes these columns, in these shapes.
    state: row.state as ConnectionHealth['state'],
    sinceMs: Number(row.sinceMs),
    nextMs: row.nextMs === null ? null : Number(row.nextMs),
    silentBrokers: JSON.parse(row.silent) as ConnectionHealth['silentBrokers'],
  }
}

type Observed = Omit<ConnectionHealth, 'sinceMs'> & { readonly error: string | null }

/** Writes how reading one cluster goes when that changes; a state keeps its beginning. */
export class HealthWriter {
  readonly #db: Database
  readonly #clusterId: string
  #known: { state: ConnectionHealth['state']; sinceMs: number; form: string } | null = null

  private constructor(db: Database, clusterId: string) {
    this.#db = db
    this.#clusterId = clusterId
  }

  /** Goes on with what an earlier process wrote: its state began then. */
  static async open(db: Database, clusterId: string): Promise<HealthWriter> {
    const writer = new HealthWriter(db, clusterId)
    const row = await db.clusterHealth.findUnique({ where: { clusterId } })
    if (row !== null) {
      // Safe because this class alone writes the column.
      const state = row.state as ConnectionHealth['state']
      writer.#known = { state, sinceMs: Number(row.sinceMs), form: '' }
    }
    return writer
  }

  async write(observed: Observed, nowMs: number): Promise<void> {
    const { state, nextMs, error, silentBrokers } = observed
    const form = JSON.stringify([state, nextMs, error, silentBrokers])
    if (this.#known?.form === form) return
    const sinceMs = this.#known?.state === state ? this.#known.sinceMs : nowMs
    const data = {
      state,
      sinceMs: BigInt(sinceMs),
      nextMs: nextMs === null ? null : BigInt(nextMs),
      error,
      silent: JSON.stringify(silentBrokers),
    }
    const clusterId = this.#clusterId
    const create = { clusterId, ...data }
    await this.#db.clusterHealth.upsert({ where: { clusterId }, create, update: data })
    this.#known = { state, sinceMs, form }
  }
}
