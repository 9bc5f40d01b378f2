// All partition logs of one broker: opens them on start, creates and removes them, keeps checkpoints, and
// runs retention in the background. Made by main; replication asks it for logs. After a clean close a start
// checks nothing; after anything else each log recovers from its checkpointed recovery point.
import path from 'node:path'
import { ErrorCode } from '../../protocol/errors.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { forEachBounded } from './bounded.ts'
import { encodePartitionMetadata } from './checkpoints.ts'
import {
  defaultLogCleanerSettings,
  LogCleaner,
  type LogCleanerSettings,
} from './cleaner/log-cleaner.ts'
import { isDiskError } from './disk-errors.ts'
import { LogChores, type LogChoresSettings } from './log-chores.ts'
import {
  type DirectoryFailureCallback,
  type DirectoryState,
  LogDirectories,
} from './log-directories.ts'
import type { LogDirectory } from './log-directory.ts'
import { LogLoader, type Opening } from './log-loader.ts'
import { createLogShared, type LogShared, type LogSharedSettings } from './log-shared.ts'
import {
  deletedDirectoryName,
  directoryName,
  PARTITION_METADATA_FILE,
  strayDirectoryName,
} from './names.ts'
import { PartitionLog } from './partition-log.ts'
import {
  AppendError,
  type LogConfig,
  type Logs,
  type Placement,
  type TopicPartition,
} from './types.ts'

const CONCURRENT_LOGS = 8

/** How a log begins that was not there before. */
const brandNew = {
  recoveryPoint: 0,
  logStartOffset: 0,
  highWatermark: 0,
  hadCleanShutdown: true,
  isRecovered: false,
} as const

export interface LogManagerSettings extends LogSharedSettings, LogChoresSettings {
  /** Absolute paths, at least one. */
  directories: readonly string[]
  clusterId: string
  nodeId: number
  /** In force for a log from its opening until `getOrCreate` gives it its topic's. */
  defaultConfig: LogConfig
  cleaner?: LogCleanerSettings
  /** num.recovery.threads.per.data.dir */
  recoveryThreadsPerDirectory: number
  /** A log with more than this to check after an unclean stop is recovered by a worker thread. */
  recoverInPlaceBytesMax: number
}

export const defaultLogManagerSettings = {
  retentionCheckIntervalMs: 300_000,
  checkpointIntervalMs: 60_000,
  flushCheckIntervalMs: Number.MAX_SAFE_INTEGER,
  producerIdExpirationMs: 86_400_000,
  producerIdCheckIntervalMs: 600_000,
  initialTaskDelayMs: 30_000,
  recoveryThreadsPerDirectory: 2,
  recoverInPlaceBytesMax: 1024 * 1024,
} as const

export interface LogManagerOptions {
  runtime: Runtime
  settings: LogManagerSettings
  /** A directory went offline: its logs take nothing any more and are not in `all` any more. */
  onDirectoryFailure?: DirectoryFailureCallback
}

/** Says of a replica which directory it is assigned to (an id), null when nobody knows. */
export type DirectoryOfReplica = (tp: TopicPartition, topicId: string) => string | null

export class LogManager implements Logs {
  readonly #runtime: Runtime
  readonly #settings: LogManagerSettings
  readonly #shared: LogShared
  readonly #directories: LogDirectories
  readonly #logs = new Map<string, PartitionLog>()
  readonly #directoryOf = new Map<PartitionLog, LogDirectory>()
  readonly #loaders: LogLoader[] = []
  /** Creations and removals of one partition take turns. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #chores: LogChores
  readonly cleaner: LogCleaner
  readonly #stopLoading = new AbortController()
  #loading: Promise<void> | null = null
  #isLoaded = false
  #isClosed = false

  private constructor(options: LogManagerOptions, directories: LogDirectories) {
    this.#runtime = options.runtime
    this.#settings = options.settings
    this.#shared = createLogShared(options.runtime, options.settings)
    this.#directories = directories
    this.#chores = new LogChores(options.runtime, this)
    const { cleaner = defaultLogCleanerSettings } = options.settings
    this.cleaner = new LogCleaner(options.runtime, this, cleaner)
  }

  /** Locks all directories and opens every log in them. */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const manager = await LogManager.claim(options)
    try {
      await manager.load()
      return manager
    } catch (error) {
      await manager.close(-1)
      throw error
    }
  }

  /** Locks all directories; `load` opens the logs. */
  static async claim(options: LogManagerOptions): Promise<LogManager> {
    const { runtime, settings, onDirectoryFailure: onFailure = () => undefined } = options
    const directories = await LogDirectories.open(runtime, settings.directories, {
      owner: settings,
      onFailure,
    })
    return new LogManager(options, directories)
  }

  get directories(): DirectoryState[] {
    return this.#directories.states()
  }

  /** What unclean stops left to check, by directory; nothing once `load` is through. */
  get recovery(): { path: string; logs: number; segments: number }[] {
    return this.#loaders.map(({ path, remaining: { logs, segments } }) => ({
      path,
      logs,
      segments,
    }))
  }

  /** What the quorum needs to open a log of its own beside these. */
  get shared(): LogShared {
    return this.#shared
  }

  /** Broker epoch of the last clean stop (for the registration), -1 unless every directory stopped cleanly. */
  get previousBrokerEpoch(): number {
    return this.#directories.cleanShutdownEpoch
  }

  get(tp: TopicPartition): PartitionLog | null {
    return this.#logs.get(directoryName(tp)) ?? null
  }

  all(): Iterable<PartitionLog> {
    return this.#logs.values()
  }

  getOrCreate(
    tp: TopicPartition,
    topicId: string,
    config: LogConfig,
    placement: Placement = { isNew: true },
  ): Promise<PartitionLog> {
    return this.#inTurn(tp, async () => {
      const known = this.get(tp)
      if (known !== null && (known.topicId === topicId || known.topicId === '')) {
        if (known.topicId === '') {
          await this.#writePartitionMetadata(known.directory, topicId)
          known.adoptTopicId(topicId)
        }
        known.updateConfig(config)
        return known
      }
      if (known !== null) await this.#setAside(known)
      return this.#create(tp, { topicId, config, placement })
    })
  }

  directoryIdOf(tp: TopicPartition): string | null {
    const log = this.get(tp)
    return log === null ? null : (this.#directoryOf.get(log)?.directoryId ?? null)
  }

  async #create(
    tp: TopicPartition,
    options: { topicId: string; config: LogConfig; placement: Placement },
  ): Promise<PartitionLog> {
    const { topicId, config, placement } = options
    const directory = this.#placeFor(tp, placement)
    const name = directoryName(tp)
    const target = path.join(directory.path, name)
    let log: PartitionLog
    // Counted while it is made: others that are made meanwhile go elsewhere.
    directory.logCount++
    try {
      await this.#runtime.disk.mkdir(target)
      await this.#writePartitionMetadata(target, topicId)
      log = await this.#openLog(directory, tp, { ...brandNew, topicId, config, name })
    } catch (error) {
      if (!isDiskError(error)) throw error
      this.#directoryFailed(directory, error)
      if (!placement.isNew || this.#directories.online.length === 0) throw error
      return this.#create(tp, options)
    } finally {
      directory.logCount--
    }
    this.#add(log, directory)
    return log
  }

  /** Throws KAFKA_STORAGE_ERROR where the log may well lie in a directory that is offline. */
  #placeFor(tp: TopicPartition, placement: Placement): LogDirectory {
    const { directoryId, isNew } = placement
    if (!isNew && this.#directories.hasOffline) {
      throw new AppendError(
        ErrorCode.KAFKA_STORAGE_ERROR,
        `the log of ${directoryName(tp)} may be in a directory that is offline`,
      )
    }
    const assigned = directoryId === undefined ? null : this.#directories.withId(directoryId)
    return assigned ?? this.#directories.leastUsed()
  }

  /** Not synced: a file lost to a power cut is written again when the topic id is next told. */
  async #writePartitionMetadata(target: string, topicId: string): Promise<void> {
    const file = path.join(target, PARTITION_METADATA_FILE)
    const handle = await this.#runtime.disk.open(file, 'rw')
    try {
      await handle.truncate(0)
      await handle.write([Buffer.from(encodePartitionMetadata(topicId))], 0)
    } finally {
      await handle.close()
    }
  }

  remove(tp: TopicPartition): Promise<void> {
    return this.#inTurn(tp, async () => {
      const log = this.get(tp)
      if (log === null) return
      const doomed = deletedDirectoryName(tp, this.#runtime.random.uuid())
      const target = await this.#moveAside(log, doomed)
      this.#removeLater(target, log.config.fileDeleteDelayMs)
    })
  }

  /** Closes the log and renames its directory; gives the new path. */
  async #moveAside(log: PartitionLog, name: string): Promise<string> {
    this.#forget(log)
    await this.cleaner.release(log)
    await log.abandon()
    const target = path.join(path.dirname(log.directory), name)
    await this.#runtime.disk.rename(log.directory, target)
    return target
  }

  setAside(tp: TopicPartition): Promise<void> {
    return this.#inTurn(tp, async () => {
      const log = this.get(tp)
      if (log !== null) await this.#setAside(log)
    })
  }

  async #setAside(log: PartitionLog): Promise<void> {
    const stray = strayDirectoryName(log, this.#runtime.random.uuid())
    await this.#moveAside(log, stray)
    this.#runtime.logger.log('warn', 'Moved a log that is not assigned here aside', {
      log: directoryName(log),
      topicId: log.topicId,
      to: stray,
    })
  }

  #removeLater(target: string, delayMs: number): void {
    this.#chores.after(delayMs, () => this.#runtime.disk.remove(target))
  }

  #inTurn<T>(tp: TopicPartition, step: () => Promise<T>): Promise<T> {
    const key = directoryName(tp)
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(step, step)
    this.#turns.set(key, turn)
    const forget = () => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
    turn.then(forget, forget)
    return turn
  }

  /**
   * Opens every log, checking what an unclean stop left behind. A directory whose disk fails goes offline. Of two
   * logs of one partition that one stays which is where `assigned` says, else the longer one.
   */
  async load(assigned: DirectoryOfReplica = () => null): Promise<void> {
    this.#loading = this.#loadAll(assigned)
    await this.#loading
    this.#isLoaded = true
  }

  async #loadAll(assigned: DirectoryOfReplica): Promise<void> {
    const { signal } = this.#stopLoading
    const load = async (directory: LogDirectory) => {
      const settings = { ...this.#settings, ...this.#settings.defaultConfig }
      const loader = new LogLoader(this.#runtime, { settings, directory, signal })
      this.#loaders.push(loader)
      try {
        const { deleted } = await loader.load((tp, name, opening) =>
          this.#openFound(directory, { tp, name, opening, assigned }),
        )
        const delayMs = this.#settings.defaultConfig.fileDeleteDelayMs
        for (const target of deleted) this.#removeLater(target, delayMs)
      } catch (error) {
        if (!isDiskError(error)) throw error
        this.#directoryFailed(directory, error)
      }
    }
    // All of them end before a failure is told: nothing may be opened once the locks are released.
    const outcomes = await Promise.allSettled(this.#directories.online.map(load))
    this.#loaders.length = 0
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #openFound(
    directory: LogDirectory,
    found: {
      tp: TopicPartition
      name: string
      opening: Opening
      assigned: DirectoryOfReplica
    },
  ): Promise<void> {
    const { tp, name, opening, assigned } = found
    const config = this.#settings.defaultConfig
    const firstDirtyOffset = directory.checkpointed.firstDirty.get(directoryName(tp)) ?? null
    const log = await this.#openLog(directory, tp, { ...opening, name, config, firstDirtyOffset })
    const other = this.get(tp)
    if (other === null) {
      this.#add(log, directory)
      return
    }
    const where = assigned(tp, log.topicId)
    const isHere = directory.directoryId === where
    const isThere = this.#directoryOf.get(other)?.directoryId === where
    const staysHere = isHere || (!isThere && log.logEndOffset > other.logEndOffset)
    if (staysHere) {
      await this.#setAside(other)
      this.#add(log, directory)
    } else await this.#setAside(log)
  }

  async #openLog(
    directory: LogDirectory,
    tp: TopicPartition,
    options: Omit<Opening, 'isFuture'> & {
      name: string
      config: LogConfig
      firstDirtyOffset?: number | null
    },
  ): Promise<PartitionLog> {
    const { name, ...opening } = options
    return PartitionLog.open({
      ...opening,
      shared: this.#shared,
      directory: path.join(directory.path, name),
      topic: tp.topic,
      partition: tp.partition,
      onFailure: (error) => this.#directoryFailed(directory, error),
      onRecoveryPointLowered: () => directory.checkpointRecoveryPoints(this.#logsIn(directory)),
    })
  }

  #add(log: PartitionLog, directory: LogDirectory): void {
    this.#logs.set(directoryName(log), log)
    this.#directoryOf.set(log, directory)
    directory.logCount++
  }

  #forget(log: PartitionLog): void {
    if (this.get(log) === log) this.#logs.delete(directoryName(log))
    const directory = this.#directoryOf.get(log)
    if (directory === undefined) return
    this.#directoryOf.delete(log)
    directory.logCount--
  }

  #logsIn(directory: LogDirectory): PartitionLog[] {
    return [...this.#logs.values()].filter((log) => this.#directoryOf.get(log) === directory)
  }

  #directoryFailed(directory: LogDirectory, error: unknown): void {
    const logs = this.#logsIn(directory)
    if (!this.#directories.fail(directory, error)) return
    for (const log of logs) {
      this.#forget(log)
      // Releases what it holds in memory; its files are beyond reach.
      log.takeOffline(error)
    }
  }

  async checkpoint(): Promise<void> {
    for (const directory of this.#directories.online) {
      try {
        await directory.checkpoint(this.#logsIn(directory))
      } catch (error) {
        this.#directoryFailed(directory, error)
      }
    }
  }

  /** producer.id.expiration.ms, as it is from now on. */
  expireProducersAfter(idleMs: number): void {
    this.#chores.producerIdExpirationMs = idleMs
  }

  async checkpointCleaned(log: PartitionLog): Promise<void> {
    const directory = this.#directoryOf.get(log)
    await directory?.checkpointRecoveryPoints(this.#logsIn(directory))
  }

  start(): void {
    this.#chores.start(this.#settings)
    this.cleaner.start()
  }

  async close(brokerEpoch: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#chores.stop()
    await this.cleaner.close()
    this.#stopLoading.abort()
    await Promise.allSettled([this.#loading, ...this.#turns.values()])
    if (this.#isLoaded) await this.#closeLogs(brokerEpoch)
    else await this.#leaveAsFound()
    await this.#directories.release()
  }

  async #closeLogs(brokerEpoch: number): Promise<void> {
    const unclean = new Set<LogDirectory>()
    await forEachBounded([...this.#logs.values()], CONCURRENT_LOGS, async (log) => {
      const directory = this.#directoryOf.get(log)
      try {
        await log.close()
      } catch (error) {
        if (directory !== undefined) unclean.add(directory)
        this.#runtime.logger.log('error', 'A log did not close cleanly', {
          log: directoryName(log),
          error,
        })
      }
    })
    await this.#shared.handles.closeAll()
    await this.checkpoint()
    await this.#markClean((directory) => (unclean.has(directory) ? null : brokerEpoch))
  }

  /** Ended before all logs were open: nothing was written, so what had stopped cleanly still has. */
  async #leaveAsFound(): Promise<void> {
    for (const log of this.#logs.values()) await log.abandon()
    await this.#shared.handles.closeAll()
    await this.#markClean((directory) => directory.cleanShutdownEpoch)
  }

  /** null: not clean. */
  async #markClean(epochOf: (directory: LogDirectory) => number | null): Promise<void> {
    for (const directory of this.#directories.online) {
      const epoch = epochOf(directory)
      try {
        if (epoch !== null) await directory.markClean(epoch)
      } catch (error) {
        this.#directoryFailed(directory, error)
      }
    }
  }
}
