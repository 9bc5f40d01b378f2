import { loadClusters } from '../clusters/definition-store.ts'
import { allClusters, type Cluster } from '../clusters/registry.ts'
import type { Database } from '../db/client.ts'
import { messageOf } from '../kafka/wire-error.ts'
import { type Attention, ClusterLoop } from './cluster-loop.ts'
import { forgetStep } from './forget-cluster.ts'

const RELOAD_MS = 2_000
const FORGET_STEPS_PER_TICK = 4
const UNWATCHED: Attention = { untilMs: 0, wantedMs: 0 }

/**
 * A loop for each cluster there is: added, changed and removed ones are noticed within two seconds.
 * Loops are opened and closed beside the others' work; no cluster waits for another.
 */
export class ClusterSet {
  readonly #db: Database
  readonly #loops = new Map<string, ClusterLoop>()
  /** Clusters whose loop is being opened or closed. */
  readonly #changing = new Map<string, Promise<void>>()
  #reloadedMs = 0

  constructor(db: Database) {
    this.#db = db
  }

  get ids(): string[] {
    return [...this.#loops.keys()]
  }

  /** Called every half second. Throws what the database refuses. */
  async tick(nowMs: number, attention: ReadonlyMap<string, Attention>): Promise<void> {
    if (nowMs - this.#reloadedMs >= RELOAD_MS) {
      this.#reloadedMs = nowMs
      await this.reload()
    }
    for (const [id, loop] of this.#loops) loop.tick(nowMs, attention.get(id) ?? UNWATCHED)
  }

  /** Takes over what the database says; resolves before the loops concerned are open. */
  async reload(): Promise<void> {
    await loadClusters()
    const wanted = new Map(allClusters().map((cluster) => [cluster.id, cluster]))
    for (const [id, loop] of this.#loops) {
      if (wanted.get(id) !== loop.cluster) this.#change(id, () => this.#end(id, loop))
    }
    for (const [id, cluster] of wanted) {
      if (!this.#loops.has(id)) this.#change(id, () => this.#begin(cluster))
    }
    await this.#forget()
  }

  /** Waits until the loops that `reload` found are open. */
  async settled(): Promise<void> {
    await Promise.all(this.#changing.values())
  }

  async close(): Promise<void> {
    await this.settled()
    await Promise.all([...this.#loops.values()].map((loop) => loop.close()))
    for (const { client } of allClusters()) client.close()
  }

  /** One change of a cluster at a time: its next reload sees what is left to do. */
  #change(id: string, work: () => Promise<void>): void {
    if (this.#changing.has(id)) return
    const changing = work()
      .catch((error: unknown) => {
        console.error(`${new Date().toISOString()} cluster ${id}: ${messageOf(error)}`)
      })
      .finally(() => this.#changing.delete(id))
    this.#changing.set(id, changing)
  }

  async #begin(cluster: Cluster): Promise<void> {
    this.#loops.set(cluster.id, await ClusterLoop.open(cluster, this.#db))
  }

  /** Its client is closed already, so a cycle under way ends at once. */
  async #end(id: string, loop: ClusterLoop): Promise<void> {
    this.#loops.delete(id)
    await loop.close()
    const current = allClusters().find((cluster) => cluster.id === id)
    if (current !== undefined) await this.#begin(current)
  }

  async #forget(): Promise<void> {
    for (let i = 0; i < FORGET_STEPS_PER_TICK; i++) {
      if (this.#changing.size > 0 || !(await forgetStep(this.#db))) return
    }
  }
}
