// Carries out what metadata says of this broker's replicas: log opened, appends of the old role ended, then
// the new role. Owned by ReplicaManager, one change set at a time. A crash in between only means doing it
// again from metadata.
import type { LogConfig, Logs } from '../log/types.ts'
import { LOST_DIRECTORY, UNASSIGNED_DIRECTORY } from '../metadata/image.ts'
import type { Logger } from '../runtime/runtime.ts'
import type { DirectoryAssignments } from './directory-assignments.ts'
import type { FetcherManager } from './fetcher-manager.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { LeadershipListeners } from './leadership-listeners.ts'
import type { AssignedPartition, LocalChanges } from './metadata-changes.ts'
import { Partition, type PartitionContext } from './partition.ts'
import type { BrokerStats } from './topic-stats.ts'

export interface RoleChangesOptions {
  hosted: HostedPartitions
  fetchers: FetcherManager
  listeners: LeadershipListeners
  logs: Logs
  directories: DirectoryAssignments
  stats: BrokerStats
  logger: Logger
  localBrokerId: number
  context: PartitionContext
  onRoleChange: (partition: Partition) => void
}

/** Logs opened side by side. */
const CONCURRENT_CHANGES = 64

export class RoleChanges {
  readonly #options: RoleChangesOptions

  constructor(options: RoleChangesOptions) {
    this.#options = options
  }

  /** Never rejects: a replica whose log cannot be opened is offline, the others go on. */
  async apply(changes: LocalChanges, logConfigOf: (topic: string) => LogConfig): Promise<void> {
    await inParallel(changes.dropped, (partition) => this.#drop(partition))
    const configs = new Map<string, LogConfig>()
    await inParallel(changes.assigned, (assigned) => {
      let config = configs.get(assigned.topic)
      if (config === undefined) {
        config = logConfigOf(assigned.topic)
        configs.set(assigned.topic, config)
      }
      return this.#assign(assigned, config)
    })
  }

  async #drop(partition: Partition): Promise<void> {
    const { hosted, fetchers, listeners, logs, stats, logger } = this.#options
    const wasLeader = partition.isLeader
    partition.suspend()
    if (hosted.delete(partition)) stats.removeTopic(partition.topic)
    this.#options.onRoleChange(partition)
    if (wasLeader) listeners.resigned(partition.topic, partition.partition, null)
    await fetchers.remove(partition)
    await partition.drain()
    try {
      await logs.remove(partition)
      logger.log('info', 'Removed a replica', { partition: partition.name })
    } catch (error) {
      logger.log('error', 'A log could not be removed', { partition: partition.name, error })
    }
  }

  async #assign(assigned: AssignedPartition, config: LogConfig): Promise<void> {
    const { assignment } = assigned
    const partition = this.#hostedOrNew(assigned)
    const leads = assignment.leader === this.#options.localBrokerId
    if (assignment.partitionEpoch < partition.partitionEpoch) return
    const wasLeader = partition.isLeader
    const keepsRole = partition.state.role === (leads ? 'leader' : 'follower')
    const isSettled = keepsRole && assignment.leaderEpoch === partition.leaderEpoch
    if (isSettled && partition.log !== null && !partition.isOffline) {
      this.#tellDirectory(partition, assigned)
      if (leads) partition.becomeLeader(assignment)
      else partition.becomeFollower(assignment)
      return
    }
    // Coordinators begin anew with each epoch: what they had under way is lost to them.
    const isHeard = this.#options.listeners.hasFor(partition.topic)
    if (leads && !isHeard && (await partition.leadOn(assignment))) {
      this.#tellDirectory(partition, assigned)
      this.#options.onRoleChange(partition)
      return
    }
    partition.suspend()
    this.#options.onRoleChange(partition)
    await this.#options.fetchers.remove(partition)
    await partition.drain()
    if (!(await this.#openLog(partition, assigned, config))) return
    this.#tellDirectory(partition, assigned)
    if (leads) this.#lead(partition, assigned)
    else this.#follow(partition, assigned, wasLeader)
    this.#options.onRoleChange(partition)
  }

  #hostedOrNew({ topic, topicId, assignment }: AssignedPartition): Partition {
    const { hosted, stats, context } = this.#options
    const known = hosted.get({ topic, partition: assignment.partition })
    if (known !== null) return known
    const partition = new Partition(
      { topic, partition: assignment.partition, topicId, stats: stats.topic(topic) },
      context,
    )
    hosted.add(partition)
    return partition
  }

  async #openLog(
    partition: Partition,
    { isNew, directoryId }: AssignedPartition,
    config: LogConfig,
  ): Promise<boolean> {
    if (partition.log !== null && !partition.isOffline) return true
    const { logs } = this.#options
    try {
      const placement = { isNew, directoryId }
      partition.attachLog(await logs.getOrCreate(partition, partition.topicId, config, placement))
      return true
    } catch (error) {
      partition.markOffline(error)
      const isKnownOffline = !logs.directories.some(
        (directory) => directory.directoryId === directoryId && directory.isOnline,
      )
      if (isKnownOffline && directoryId !== UNASSIGNED_DIRECTORY) return false
      // The controller takes it to be online: it has to find another leader.
      this.#assignDirectory(partition, LOST_DIRECTORY)
      return false
    }
  }

  #tellDirectory(partition: Partition, assigned: AssignedPartition): void {
    const directoryId = this.#options.logs.directoryIdOf(partition)
    if (directoryId === null || directoryId === assigned.directoryId) return
    this.#assignDirectory(partition, directoryId)
  }

  #assignDirectory(partition: Partition, directoryId: string): void {
    this.#options.directories.assign(partition.topicId, partition.partition, directoryId)
  }

  #lead(partition: Partition, { assignment }: AssignedPartition): void {
    if (partition.becomeLeader(assignment) === null) return
    const { listeners } = this.#options
    listeners.elected(partition.topic, partition.partition, assignment.leaderEpoch)
  }

  #follow(partition: Partition, { assignment }: AssignedPartition, wasLeader: boolean): void {
    if (partition.becomeFollower(assignment) === null) return
    const { fetchers, listeners } = this.#options
    if (wasLeader) {
      listeners.resigned(partition.topic, partition.partition, assignment.leaderEpoch)
    }
    if (assignment.leader >= 0) fetchers.add(partition, assignment.leader, assignment.leaderEpoch)
  }
}

async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += CONCURRENT_CHANGES) {
    await Promise.all(items.slice(start, start + CONCURRENT_CHANGES).map(run))
  }
}
