// All replicas of this broker. Follows the metadata: opens and removes logs, takes and gives up the lead,
// starts fetchers; serves produce, fetch and offset questions to api/ and the coordinators. After a crash
// everything comes back from the logs (high watermarks from their checkpoint) and from metadata.
import type { ControllerChannel } from '../controller/types.ts'
import type { LogConfig, Logs, TopicPartition } from '../log/types.ts'
import type {
  BrokerImage,
  MetadataDelta,
  MetadataImage,
  MetadataView,
} from '../metadata/image-types.ts'
import type { MetricsRegistry } from '../metrics/types.ts'
import type { Endpoint, Runtime } from '../runtime/runtime.ts'
import { nextTurn } from '../runtime/turns.ts'
import { AlterPartitionManager } from './alter-partition.ts'
import { Purgatory } from './delayed-operations.ts'
import { DirectoryAssignments } from './directory-assignments.ts'
import { DirectoryMoves, moveBytesPerSecondMax } from './directory-moves.ts'
import { FetchReader } from './fetch-reader.ts'
import type { FetcherSettings } from './fetcher.ts'
import { FetcherManager } from './fetcher-manager.ts'
import { FollowerNudge } from './follower-nudge.ts'
import { HostedPartitions } from './hosted-partitions.ts'
import { type LeadershipListener, LeadershipListeners } from './leadership-listeners.ts'
import {
  allChanges,
  changesIn,
  type LocalChanges,
  topicsWithChangedConfig,
} from './metadata-changes.ts'
import type { Partition, PartitionContext } from './partition.ts'
import { errorWhenNotHosted } from './partition-lookup.ts'
import { deleteRecordsBefore, epochEndOffset, listOffset } from './partition-offsets.ts'
import { PartitionWalks } from './partition-walks.ts'
import { type ProduceOptions, ProducerGate } from './produce.ts'
import { type ReplicaMeters, registerReplicaMetrics } from './replica-metrics.ts'
import {
  defaultReplicationQuotaSettings,
  type ReplicationQuotaSettings,
  ReplicationQuotas,
} from './replication-quota.ts'
import { RoleChanges } from './role-changes.ts'
import { setAsideStrayLogs } from './stray-logs.ts'
import { BrokerStats } from './topic-stats.ts'
import {
  defaultTransactionGateSettings,
  TransactionGate,
  type TransactionGateSettings,
} from './transaction-gate.ts'
import type {
  FetchEntry,
  FetchOptions,
  FetchResult,
  PartitionView,
  ProduceEntry,
  ProduceResult,
  ProducerTransaction,
  Replicas,
  TransactionVerifier,
} from './types.ts'

/** Of a change of metadata, in one turn of the event loop. */
const PIECE = { changesMax: 64, lookedAtMax: 4000 }

export interface ReplicationSettings extends FetcherSettings, ReplicationQuotaSettings {
  /** inter.broker.listener.name: where other brokers are fetched from. */
  interBrokerListenerName: string
  /** num.replica.fetchers. */
  fetcherCount: number
  replicaLagTimeMaxMs: number
  /** num.replica.alter.log.dirs.threads: replicas that move between directories side by side. */
  directoryMovesMax: number
  /** fetch.max.bytes. */
  fetchMaxBytes: number
  /** replica.selector.class. */
  isRackAwareFetch: boolean
  /** Requests that wait, per kind; further ones are answered at once as if their time were up. */
  maxDelayedOperations: number
}

/** Kafka's defaults. */
export const defaultReplicationSettings = {
  ...defaultReplicationQuotaSettings,
  fetcherCount: 1,
  replicaLagTimeMaxMs: 30_000,
  directoryMovesMax: 1,
  replicaFetchMaxBytes: 1_048_576,
  replicaFetchResponseMaxBytes: 10_485_760,
  replicaFetchMinBytes: 1,
  replicaFetchWaitMaxMs: 500,
  idleFetchWaitMaxMs: 4_000,
  replicaFetchBackoffMs: 1_000,
  replicaSocketTimeoutMs: 30_000,
  fetchMaxBytes: 57_671_680,
  isRackAwareFetch: false,
  maxDelayedOperations: 100_000,
} as const

export interface ReplicaManagerOptions {
  runtime: Runtime
  settings: ReplicationSettings
  logs: Logs
  metadata: MetadataView
  controller: ControllerChannel
  metrics: MetricsRegistry
  /** -1 before this incarnation is registered. */
  localBrokerEpoch: () => number
  /**
   * Whether `registration` is this very process. Metadata from before it is not acted upon: it may still
   * name this broker leader of what it has lost since.
   */
  isOwnRegistration: (registration: BrokerImage) => boolean
  /** Effective settings of a topic's logs as of `image`. */
  logConfigOf: (topic: string, image: MetadataImage) => LogConfig
  /** Who vouches for transactional batches; without it they are appended unasked. */
  transactions?: {
    verifier: TransactionVerifier
    settings?: Partial<TransactionGateSettings>
    /** transaction.max.timeout.ms and a little: what is open for longer hangs. */
    lateAfterMs?: number
  }
  /** A log's disk failed; its replicas answer KAFKA_STORAGE_ERROR from now on. */
  onLogFailure?: (partition: TopicPartition, error: unknown) => void
}

export class ReplicaManager implements Replicas {
  readonly localBrokerId: number
  readonly #options: ReplicaManagerOptions
  readonly #hosted = new HostedPartitions()
  readonly #stats: BrokerStats
  readonly #meters: ReplicaMeters
  readonly #quotas: ReplicationQuotas
  readonly #fetchPurgatory: Purgatory
  readonly #deletePurgatory: Purgatory
  readonly #reader: FetchReader
  readonly #gate: ProducerGate
  readonly #transactions: TransactionGate | null
  readonly #fetchers: FetcherManager
  readonly #alterPartition: AlterPartitionManager
  readonly #directories: DirectoryAssignments
  readonly #moves: DirectoryMoves
  readonly #listeners = new LeadershipListeners()
  readonly #nudge: FollowerNudge
  readonly #roles: RoleChanges
  readonly #walks: PartitionWalks
  readonly #progressed = new Set<Partition>()
  #isProgressScheduled = false
  #isActing = false
  #turn: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: ReplicaManagerOptions) {
    const { runtime, settings, metadata, metrics, localBrokerEpoch } = options
    const { timers, logger, clock } = runtime
    const { brokerId } = settings
    this.#options = options
    this.localBrokerId = brokerId
    this.#stats = new BrokerStats(metrics)
    this.#quotas = new ReplicationQuotas({ brokerId, settings, clock, metrics })
    const { maxDelayedOperations: maxOperations } = settings
    this.#fetchPurgatory = new Purgatory({ timers, maxOperations })
    this.#deletePurgatory = new Purgatory({ timers, maxOperations })
    const common = { hosted: this.#hosted, metadata, stats: this.#stats, clock, timers, logger }
    this.#reader = new FetchReader({
      ...common,
      purgatory: this.#fetchPurgatory,
      fetchMaxBytes: settings.fetchMaxBytes,
      isRackAware: settings.isRackAwareFetch,
      quota: this.#quotas.leader,
      onExpired: (type) =>
        (type === 'consumer' ? this.#meters.consumerExpired : this.#meters.followerExpired).mark(),
    })
    const onExpired = () => this.#meters.produceExpired.mark()
    this.#gate = new ProducerGate({ ...common, onExpired, maxDelayedOperations: maxOperations })
    this.#transactions = this.#openTransactionGate()
    this.#fetchers = new FetcherManager({
      runtime,
      settings,
      endpointOf: (brokerId) => this.#endpointOf(brokerId),
      localBrokerEpoch,
      stats: this.#stats,
      quota: this.#quotas.follower,
      metrics,
      logger,
    })
    const sender = { ...options, brokerId, timers, logger }
    this.#alterPartition = new AlterPartitionManager(sender)
    this.#directories = new DirectoryAssignments(sender)
    this.#moves = new DirectoryMoves({
      runtime,
      logs: options.logs,
      hosted: this.#hosted,
      fetchers: this.#fetchers,
      directories: this.#directories,
      metrics,
      maxSideBySide: settings.directoryMovesMax,
      maxBytesPerSecond: () => moveBytesPerSecondMax(metadata.image, brokerId),
      exclusively: (step) => this.#inTurn(step),
    })
    this.#nudge = new FollowerNudge({
      runtime,
      nudge: (brokerId) => this.#reader.nudgeFollower(brokerId),
    })
    this.#roles = new RoleChanges({
      hosted: this.#hosted,
      fetchers: this.#fetchers,
      listeners: this.#listeners,
      logs: options.logs,
      directories: this.#directories,
      stats: this.#stats,
      logger,
      localBrokerId: brokerId,
      context: this.#partitionContext(),
      onRoleChange: (partition) => this.#onRoleChange(partition),
    })
    this.#walks = new PartitionWalks(this.#hosted, timers)
    this.#meters = this.#registerMetrics(metrics)
  }

  get localBrokerEpoch(): number {
    return this.#options.localBrokerEpoch()
  }

  /** Begins to act on metadata (once it holds this incarnation's registration) and to watch the ISR. */
  async start(): Promise<void> {
    const { metadata, settings } = this.#options
    metadata.subscribe('replica-manager', (delta) => this.#onMetadata(delta))
    this.#walks.checkIsrEvery(settings.replicaLagTimeMaxMs / 2)
    await this.#inTurn(() => this.#actOnWholeImage(metadata.image))
  }

  /** Stops fetching and answering; the logs stay open for their owner to close. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#walks.close()
    await this.#turn
    this.#fetchers.close()
    this.#options.transactions?.verifier.close()
    this.#alterPartition.close()
    this.#directories.close()
    this.#moves.close()
    this.#nudge.close()
    for (const partition of this.#hosted.all()) {
      partition.suspend()
      this.#onRoleChange(partition)
    }
    for (const partition of this.#hosted.all()) await partition.drain()
  }

  get = (tp: TopicPartition): PartitionView | null => this.#hosted.get(tp)

  all(): Iterable<PartitionView> {
    return this.#hosted.all()
  }

  produce(entries: readonly ProduceEntry[], options: ProduceOptions): Promise<ProduceResult[]> {
    const { transaction } = options
    if (transaction === undefined || this.#transactions === null) {
      return this.#gate.produce(entries, options)
    }
    return this.#transactions.produce(entries, { ...options, transaction })
  }

  async verifyTransaction(tp: TopicPartition, transaction: ProducerTransaction) {
    const unasked = { errorCode: 0, verificationGuard: null }
    return this.#transactions?.verify(tp, transaction) ?? unasked
  }

  #openTransactionGate(): TransactionGate | null {
    const { transactions, runtime } = this.#options
    if (transactions === undefined) return null
    return new TransactionGate({
      hosted: this.#hosted,
      verifier: transactions.verifier,
      settings: { ...defaultTransactionGateSettings, ...transactions.settings },
      clock: runtime.clock,
      timers: runtime.timers,
      produce: (entries, options) => this.#gate.produce(entries, options),
    })
  }

  fetch(entries: readonly FetchEntry[], options: FetchOptions): Promise<FetchResult[]> {
    return this.#reader.fetch(entries, options)
  }

  async listOffsets(
    entry: TopicPartition & { timestampMs: number; currentLeaderEpoch: number },
    options: { replicaId: number; isolationLevel: number },
  ): Promise<{ errorCode: number; timestampMs: number; offset: number; leaderEpoch: number }> {
    const { currentLeaderEpoch } = entry
    const partition = this.#hosted.get(entry)
    if (partition === null) {
      const errorCode = errorWhenNotHosted(this.#options.metadata.image, entry)
      return { errorCode, timestampMs: -1, offset: -1, leaderEpoch: -1 }
    }
    return listOffset(partition, entry.timestampMs, { ...options, currentLeaderEpoch })
  }

  async deleteRecords(
    entry: TopicPartition & { offset: number },
    timeoutMs: number,
  ): Promise<{ errorCode: number; lowWatermark: number }> {
    const partition = this.#hosted.get(entry)
    if (partition === null) {
      const errorCode = errorWhenNotHosted(this.#options.metadata.image, entry)
      return { errorCode, lowWatermark: -1 }
    }
    return deleteRecordsBefore(partition, entry.offset, {
      timeoutMs,
      purgatory: this.#deletePurgatory,
      wakeFollowers: () => {
        for (const brokerId of partition.followers.keys()) this.#reader.nudgeFollower(brokerId)
      },
    })
  }

  offsetForLeaderEpoch(
    entry: TopicPartition & { currentLeaderEpoch: number; leaderEpoch: number },
  ): { errorCode: number; leaderEpoch: number; endOffset: number } {
    const partition = this.#hosted.get(entry)
    if (partition !== null) return epochEndOffset(partition, entry)
    const errorCode = errorWhenNotHosted(this.#options.metadata.image, entry)
    return { errorCode, leaderEpoch: -1, endOffset: -1 }
  }

  onLeadership(topic: string, listener: LeadershipListener): void {
    this.#listeners.add(topic, listener)
  }

  async whenCommitted(
    tp: TopicPartition,
    offset: number,
    leaderEpoch: number,
  ): Promise<'committed' | 'lost'> {
    const partition = this.#hosted.get(tp)
    if (partition === null || !partition.isLeader) return 'lost'
    if (partition.leaderEpoch !== leaderEpoch) return 'lost'
    if (partition.highWatermark >= offset) return 'committed'
    return new Promise((resolve) => partition.commits.add(offset, resolve))
  }

  moveToDirectory(tp: TopicPartition, path: string): Promise<number> {
    return this.#moves.alter(tp, path)
  }

  /** A log directory failed: replicas in it answer KAFKA_STORAGE_ERROR from now on. */
  takeDirectoryOffline(directory: string, error: unknown): void {
    for (const partition of this.#hosted.all()) {
      if (partition.log?.directory.startsWith(`${directory}/`)) partition.markOffline(error)
    }
  }

  #onMetadata(delta: MetadataDelta): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isActing) {
        await this.#actOnWholeImage(delta.image)
        return
      }
      await this.#apply(changesIn(delta, this.localBrokerId, this.#hosted, PIECE), delta.image)
      await this.#applyConfigs(delta)
      if (delta.changedBrokers.size > 0) await this.#onBrokersChanged(delta.changedBrokers)
    })
  }

  /** num.replica.fetchers, as it is from now on; gives how many follow something. */
  readonly resizeFetchers = (count: number) =>
    this.#inTurn(() => this.#fetchers.resize(count)).then(() => this.#fetchers.count)

  /** One change set after another. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(() => (this.#isClosed ? undefined : act()))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #actOnWholeImage(image: MetadataImage): Promise<void> {
    if (this.#isActing) return
    const registration = image.brokers.get(this.localBrokerId)
    if (registration === undefined || !this.#options.isOwnRegistration(registration)) return
    this.#isActing = true
    this.#quotas.reload(image)
    const { logger } = this.#options.runtime
    await setAsideStrayLogs(this.#options.logs, image, { brokerId: this.localBrokerId, logger })
    await this.#apply(allChanges(image, this.localBrokerId, this.#hosted, PIECE), image)
    await this.#moves.resume()
  }

  /** Thousands in one turn would keep the quorum's fetches waiting, and cost the controller its office. */
  async #apply(pieces: Iterable<LocalChanges>, image: MetadataImage): Promise<void> {
    let isFirst = true
    for (const piece of pieces) {
      if (!isFirst) await nextTurn(this.#options.runtime.timers)
      isFirst = false
      await this.#roles.apply(piece, (topic) => this.#options.logConfigOf(topic, image))
    }
    this.#fetchers.closeIdle()
  }

  async #applyConfigs(delta: MetadataDelta): Promise<void> {
    this.#quotas.update(delta.image, delta.changedConfigs)
    const changed = topicsWithChangedConfig(delta)
    if (changed !== 'all' && changed.size === 0) return
    await this.#walks.forEach((partition) => {
      if (changed !== 'all' && !changed.has(partition.topic)) return
      partition.log?.updateConfig(this.#options.logConfigOf(partition.topic, delta.image))
      // min.insync.replicas may have become smaller.
      partition.advanceHighWatermark()
    })
  }

  /** A fenced or departing broker holds back neither high nor low watermarks any more. */
  #onBrokersChanged(brokers: ReadonlySet<number>): Promise<void> {
    return this.#walks.forEach((partition) => {
      if (!partition.isLeader) return
      for (const id of partition.followers.keys()) {
        if (!brokers.has(id)) continue
        partition.advanceHighWatermark()
        if (!partition.deleteWatchers.isEmpty) this.#onProgress(partition)
        break
      }
    })
  }

  #partitionContext(): PartitionContext {
    const { runtime, settings, metadata, localBrokerEpoch } = this.#options
    return {
      localBrokerId: settings.brokerId,
      replicaLagTimeMaxMs: settings.replicaLagTimeMaxMs,
      clock: runtime.clock,
      logger: runtime.logger,
      localBrokerEpoch,
      brokers: () => metadata.image.brokers,
      submitIsr: (partition, proposal) => this.#alterPartition.submit(partition, proposal),
      onIsrChange: (change) => this.#meters[change].mark(),
      onProgress: (partition) => this.#onProgress(partition),
      onLogFailure: (partition, error) => this.#onLogFailure(partition, error),
    }
  }

  /** Waiting fetches are looked at once per turn, after all appends that this turn has completed. */
  #onProgress(partition: Partition): void {
    if (partition.fetchWatchers.isEmpty && partition.deleteWatchers.isEmpty) return
    this.#progressed.add(partition)
    if (this.#isProgressScheduled) return
    this.#isProgressScheduled = true
    this.#options.runtime.timers.immediate(() => {
      this.#isProgressScheduled = false
      const progressed = [...this.#progressed]
      this.#progressed.clear()
      for (const each of progressed) {
        this.#fetchPurgatory.check(each.fetchWatchers)
        this.#deletePurgatory.check(each.deleteWatchers)
      }
    })
  }

  #onRoleChange(partition: Partition): void {
    this.#fetchPurgatory.force(partition.fetchWatchers)
    this.#deletePurgatory.force(partition.deleteWatchers)
    if (partition.isLeader) this.#nudge.watch(partition)
  }

  #onLogFailure(partition: Partition, error: unknown): void {
    const { runtime, onLogFailure } = this.#options
    runtime.logger.log('error', 'A log failed; its replica is offline', {
      partition: partition.name,
      error: error instanceof Error ? error.message : String(error),
    })
    // Not awaited: the fetcher itself may be the one that met the failure.
    void this.#fetchers.remove(partition)
    this.#onRoleChange(partition)
    onLogFailure?.(partition, error)
  }

  #endpointOf(brokerId: number): Endpoint | null {
    const { metadata, settings } = this.#options
    const endpoints = metadata.image.brokers.get(brokerId)?.endpoints
    const name = settings.interBrokerListenerName
    return endpoints?.find((endpoint) => endpoint.name === name) ?? null
  }

  #registerMetrics(metrics: MetricsRegistry): ReplicaMeters {
    const { runtime, transactions } = this.#options
    const lateAfterMs = transactions?.lateAfterMs ?? Number.POSITIVE_INFINITY
    return registerReplicaMetrics(metrics, {
      hosted: this.#hosted,
      isLate: (lastWriteMs) => runtime.clock.nowMs() - lastWriteMs > lateAfterMs,
      fetchers: this.#fetchers,
      directories: this.#directories,
      fetchPurgatory: this.#fetchPurgatory,
      deletePurgatory: this.#deletePurgatory,
      gate: this.#gate,
    })
  }
}
