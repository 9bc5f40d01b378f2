import { HealthWriter } from '../clusters/connection-health.ts'
import type { Cluster } from '../clusters/registry.ts'
import type { Database } from '../db/client.ts'
import { type ReaderMemory, readCluster } from './read-cluster.ts'
import type { Reading } from './reading.ts'

/** A whole reading, whatever the brokers do; each request has a deadline of its own besides. */
const READING_MS_MIN = 30_000
const BACKOFF_MAX_MS = 60_000
/** Somebody waits for the cluster to come back. */
const BACKOFF_WATCHED_MAX_MS = 10_000

/** Between attempts at a cluster that could not be read `failures` times in a row. */
export function backoffMsOf(
  intervalMs: number,
  { failures, isWatched }: { failures: number; isWatched: boolean },
): number {
  if (failures === 0) return intervalMs
  const maxMs = isWatched ? BACKOFF_WATCHED_MAX_MS : BACKOFF_MAX_MS
  return Math.max(intervalMs, Math.min(maxMs, intervalMs * 2 ** Math.min(failures - 1, 10)))
}

/** The attempts at reading one cluster: their deadline, the pause after failures, how it goes. */
export class ClusterAttempts {
  readonly #cluster: Cluster
  readonly #health: HealthWriter
  #failures = 0

  private constructor(cluster: Cluster, health: HealthWriter) {
    this.#cluster = cluster
    this.#health = health
  }

  static async open(db: Database, cluster: Cluster): Promise<ClusterAttempts> {
    return new ClusterAttempts(cluster, await HealthWriter.open(db, cluster.id))
  }

  pauseMs(intervalMs: number, isWatched: boolean): number {
    return backoffMsOf(intervalMs, { failures: this.#failures, isWatched })
  }

  /** Throws when no broker answers, or when the whole takes longer than any answer is worth. */
  async read(memory: ReaderMemory, intervalMs: number): Promise<Reading> {
    const deadlineMs = Math.max(READING_MS_MIN, intervalMs)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no complete answer within ${deadlineMs} ms`))
        this.#cluster.client.hangUp()
      }, deadlineMs)
    })
    const reading = readCluster(this.#cluster, memory)
    // Past the deadline it ends on closed connections, and nobody waits to hear why.
    reading.catch(() => undefined)
    try {
      return await Promise.race([reading, late])
    } finally {
      clearTimeout(timer)
    }
  }

  async succeeded(reading: Reading): Promise<void> {
    this.#failures = 0
    const silentBrokers = [...reading.brokerErrors].map(([broker, error]) => ({ broker, error }))
    const state = silentBrokers.length === 0 ? 'reachable' : 'partial'
    await this.#health.write({ state, nextMs: null, error: null, silentBrokers }, Date.now())
  }

  async failed(error: string, intervalMs: number): Promise<void> {
    this.#failures++
    const nowMs = Date.now()
    const nextMs = nowMs + this.pauseMs(intervalMs, false)
    const state = 'unreachable'
    await this.#health.write({ state, nextMs, error, silentBrokers: [] }, nowMs)
  }
}
