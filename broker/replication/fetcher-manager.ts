// The fetchers of this broker: which partition is followed from which leader. Owned by ReplicaManager.
import type { MetricsRegistry } from '../metrics/types.ts'
import type { Endpoint, Logger, Runtime } from '../runtime/runtime.ts'
import { type FetcherSettings, ReplicaFetcher } from './fetcher.ts'
import { FetcherStats, lagBeans, type PartitionLag } from './fetcher-stats.ts'
import type { Partition } from './partition.ts'
import type { ReplicationQuota } from './replication-quota.ts'
import type { BrokerStats } from './topic-stats.ts'

export interface FetcherManagerOptions {
  runtime: Runtime
  settings: FetcherSettings & {
    /** num.replica.fetchers: connections to each leader. */
    fetcherCount: number
  }
  endpointOf: (brokerId: number) => Endpoint | null
  localBrokerEpoch: () => number
  stats: BrokerStats
  /** Of what throttled replicas fetch. */
  quota: ReplicationQuota
  metrics: MetricsRegistry
  logger: Logger
}

interface Following {
  /** Of the fetcher. */
  key: string
  leaderId: number
  leaderEpoch: number
}

export class FetcherManager {
  readonly #options: FetcherManagerOptions
  readonly #fetchers = new Map<string, ReplicaFetcher>()
  readonly #byPartition = new Map<Partition, Following>()
  #fetchersPerLeader: number
  #isClosed = false

  constructor(options: FetcherManagerOptions) {
    this.#options = options
    this.#fetchersPerLeader = options.settings.fetcherCount
    options.metrics.attach(lagBeans(() => this.#lags()))
  }

  /** Fetchers that follow something. */
  get count(): number {
    return this.#fetchers.size
  }

  /** num.replica.fetchers changed: partitions move to the fetcher that they have by the new count. */
  async resize(fetchersPerLeader: number): Promise<void> {
    if (fetchersPerLeader === this.#fetchersPerLeader) return
    this.#fetchersPerLeader = fetchersPerLeader
    for (const [partition, { leaderId, leaderEpoch, key }] of [...this.#byPartition]) {
      if (this.#keyOf(partition, leaderId) === key) continue
      await this.remove(partition)
      this.add(partition, leaderId, leaderEpoch)
    }
    this.closeIdle()
  }

  *#lags(): Generator<PartitionLag> {
    for (const fetcher of this.#fetchers.values()) yield* fetcher.lags()
  }

  #keyOf(partition: Partition, leaderId: number): string {
    return `${leaderId}-${hashOf(partition) % this.#fetchersPerLeader}`
  }

  get maxLagRecords(): number {
    let max = 0
    for (const fetcher of this.#fetchers.values()) max = Math.max(max, fetcher.maxLagRecords)
    return max
  }

  /** Requests a second of the slowest fetcher, over about a minute; 0 without fetchers. */
  get minFetchRate(): number {
    let min = Number.POSITIVE_INFINITY
    for (const { requestRate } of this.#fetchers.values()) min = Math.min(min, requestRate)
    return Number.isFinite(min) ? min : 0
  }

  /** Partitions that wait for metadata before they can be fetched again. */
  get failedPartitionCount(): number {
    let count = 0
    for (const fetcher of this.#fetchers.values()) count += fetcher.parkedCount
    return count
  }

  /** The partition must not be followed yet. */
  add(partition: Partition, leaderId: number, leaderEpoch: number): void {
    if (this.#isClosed) return
    const key = this.#keyOf(partition, leaderId)
    let fetcher = this.#fetchers.get(key)
    if (fetcher === undefined) {
      fetcher = this.#open(leaderId, Number(key.slice(key.indexOf('-') + 1)))
      this.#fetchers.set(key, fetcher)
    }
    this.#byPartition.set(partition, { key, leaderId, leaderEpoch })
    fetcher.add(partition, leaderEpoch)
  }

  /** Resolves once its log is not written to any more. */
  async remove(partition: Partition): Promise<void> {
    const following = this.#byPartition.get(partition)
    if (following === undefined) return
    this.#byPartition.delete(partition)
    await this.#fetchers.get(following.key)?.remove(partition)
  }

  /** Ends fetchers that follow nothing any more. */
  closeIdle(): void {
    for (const [key, fetcher] of this.#fetchers) {
      if (fetcher.size > 0) continue
      fetcher.close()
      this.#fetchers.delete(key)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const fetcher of this.#fetchers.values()) fetcher.close()
    this.#fetchers.clear()
    this.#byPartition.clear()
  }

  #open(leaderId: number, index: number): ReplicaFetcher {
    const { runtime, settings, endpointOf, localBrokerEpoch, stats, quota, logger } = this.#options
    const { metrics } = this.#options
    return new ReplicaFetcher({
      runtime,
      settings,
      leaderId,
      fetcherStats: new FetcherStats(metrics, runtime.clock, { index, leaderId }),
      name: `broker-${settings.brokerId}-fetcher-${index}`,
      endpoint: () => endpointOf(leaderId),
      localBrokerEpoch,
      stats,
      quota,
      logger: logger.child(`[ReplicaFetcher leader=${leaderId} fetcher=${index}]`),
    })
  }
}

function hashOf(partition: Partition): number {
  let hash = partition.partition
  for (let at = 0; at < partition.topic.length; at += 1) {
    hash = (Math.imul(hash, 31) + partition.topic.charCodeAt(at)) >>> 0
  }
  return hash
}
