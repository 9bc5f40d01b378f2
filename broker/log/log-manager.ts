// All partition logs of one broker: opens them on start, creates and removes them, keeps checkpoints, and
// runs retention in the background. Made by main; replication asks it for logs. After a clean close a start
// checks nothing; after anything else each log recovers from its checkpointed recovery point.
import path from 'node:path'
import type { Runtime } from '../runtime/runtime.ts'
import { forEachBounded } from './bounded.ts'
import { encodePartitionMetadata } from './checkpoints.ts'
import {
  defaultLogCleanerSettings,
  LogCleaner,
  type LogCleanerSettings,
} from './cleaner/log-cleaner.ts'
import { isDiskError } from './disk-errors.ts'
import { FutureLogs } from './future-logs.ts'
import { type DirectoryOfReplica, type LoadHost, loadLogs } from './load-logs.ts'
import { type Checkpoint, LogChores, type LogChoresSettings } from './log-chores.ts'
import {
  type DirectoryFailureCallback,
  type DirectoryState,
  LogDirectories,
} from './log-directories.ts'
import type { LogDirectory } from './log-directory.ts'
import type { LogLoader, Opening } from './log-loader.ts'
import { LogPlacement } from './log-placement.ts'
import { createLogShared, type LogShared, type LogSharedSettings } from './log-shared.ts'
import { LogTable } from './log-table.ts'
import {
  deletedDirectoryName,
  directoryName,
  PARTITION_METADATA_FILE,
  strayDirectoryName,
} from './names.ts'
import { PartitionLog } from './partition-log.ts'
import { PartitionTurns } from './partition-turns.ts'
import type { LogConfig, Logs, Placement, TopicPartition } from './types.ts'

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
  startOffsetCheckpointIntervalMs: 60_000,
  highWatermarkCheckpointIntervalMs: 5000,
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

export class LogManager implements Logs {
  readonly #runtime: Runtime
  readonly #settings: LogManagerSettings
  readonly #shared: LogShared
  readonly #directories: LogDirectories
  readonly #table = new LogTable()
  readonly #futures: FutureLogs
  readonly #placement: LogPlacement
  readonly #loaders: LogLoader[] = []
  /** Creations and removals of one partition take turns. */
  readonly #turns = new PartitionTurns()
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
    this.#placement = new LogPlacement(directories)
    this.#chores = new LogChores(options.runtime, this)
    const { cleaner = defaultLogCleanerSettings } = options.settings
    this.cleaner = new LogCleaner(options.runtime, this, cleaner)
    this.#futures = this.#openFutures()
  }

  #openFutures(): FutureLogs {
    const { disk, random } = this.#runtime
    return new FutureLogs({
      disk,
      random,
      table: this.#table,
      directories: this.#directories,
      open: (directory, name, like, options) => this.#openCopy(directory, name, like, options),
      moveAside: (log, name) => this.#moveAside(log, name),
      removeLater: (target, delayMs) => this.#removeLater(target, delayMs),
      failed: (directory, error) => this.#directoryFailed(directory, error),
    })
  }

  async #openCopy(
    directory: LogDirectory,
    name: string,
    like: PartitionLog,
    { isNew }: { isNew: boolean },
  ): Promise<PartitionLog> {
    const { topicId, config, logStartOffset, highWatermark, recoveryPoint } = like
    const target = path.join(directory.path, name)
    if (isNew) {
      await this.#runtime.disk.mkdir(target)
      await this.#writePartitionMetadata(target, topicId)
    }
    const begin = { ...brandNew, topicId, config, name, logStartOffset }
    const opening = isNew ? begin : { ...begin, highWatermark, recoveryPoint }
    return this.#openLog(directory, like, opening)
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

  /** cordoned.log.dirs as it is now: new logs go elsewhere where they can. */
  cordon(paths: ReadonlySet<string>): void {
    this.#directories.cordon(paths)
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
    return this.#table.get(tp)
  }

  all(): Iterable<PartitionLog> {
    return this.#table.current()
  }

  getOrCreate(
    tp: TopicPartition,
    topicId: string,
    config: LogConfig,
    placement: Placement = { isNew: true },
  ): Promise<PartitionLog> {
    return this.#turns.take(tp, async () => {
      const known = this.get(tp)
      if (known !== null && (known.topicId === topicId || known.topicId === '')) {
        if (known.topicId === '') {
          await this.#writePartitionMetadata(known.directory, topicId)
          known.adoptTopicId(topicId)
        }
        known.updateConfig(config)
        return known
      }
      if (known !== null) {
        await this.#futures.drop(tp)
        await this.#setAside(known)
      }
      return this.#create(tp, { topicId, config, placement })
    })
  }

  directoryIdOf(tp: TopicPartition): string | null {
    const log = this.get(tp)
    return log === null ? null : (this.#table.directoryOf(log)?.directoryId ?? null)
  }

  futureOf(tp: TopicPartition): PartitionLog | null {
    return this.#table.futureOf(tp)
  }

  allFutures(): PartitionLog[] {
    return this.#table.futures()
  }

  createFuture(tp: TopicPartition, directoryPath: string): Promise<PartitionLog> {
    return this.#turns.take(tp, () => this.#futures.create(tp, directoryPath))
  }

  dropFuture(tp: TopicPartition): Promise<void> {
    return this.#turns.take(tp, () => this.#futures.drop(tp))
  }

  promoteFuture(tp: TopicPartition): Promise<PartitionLog> {
    return this.#turns.take(tp, () => this.#futures.promote(tp))
  }

  preferDirectory(tp: TopicPartition, directoryPath: string): void {
    if (this.get(tp) === null) this.#placement.prefer(tp, directoryPath)
  }

  async #create(
    tp: TopicPartition,
    options: { topicId: string; config: LogConfig; placement: Placement },
  ): Promise<PartitionLog> {
    const { topicId, config, placement } = options
    const directory = this.#placement.placeFor(tp, placement)
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
    this.#table.add(log, directory, 'current')
    return log
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
    return this.#turns.take(tp, async () => {
      await this.#futures.drop(tp)
      const log = this.get(tp)
      if (log === null) return
      const doomed = deletedDirectoryName(tp, this.#runtime.random.uuid())
      const target = await this.#moveAside(log, doomed)
      this.#removeLater(target, log.config.fileDeleteDelayMs)
    })
  }

  /** Closes the log and renames its directory; gives the new path. */
  async #moveAside(log: PartitionLog, name: string): Promise<string> {
    this.#table.forget(log)
    await this.cleaner.release(log)
    await log.abandon()
    const target = path.join(path.dirname(log.directory), name)
    await this.#runtime.disk.rename(log.directory, target)
    return target
  }

  setAside(tp: TopicPartition): Promise<void> {
    return this.#turns.take(tp, async () => {
      await this.#futures.drop(tp)
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

  /**
   * Opens every log, checking what an unclean stop left behind. A directory whose disk fails goes offline. Of two
   * logs of one partition that one stays which is where `assigned` says, else the longer one.
   */
  async load(assigned: DirectoryOfReplica = () => null): Promise<void> {
    this.#loading = loadLogs(this.#loadHost(), assigned)
    await this.#loading
    this.#isLoaded = true
  }

  #loadHost(): LoadHost {
    const { defaultConfig } = this.#settings
    return {
      runtime: this.#runtime,
      settings: { ...this.#settings, ...defaultConfig },
      directories: this.#directories,
      table: this.#table,
      loaders: this.#loaders,
      signal: this.#stopLoading.signal,
      open: (directory, tp, opening) =>
        this.#openLog(directory, tp, { ...opening, config: defaultConfig }),
      setAside: (log) => this.#setAside(log),
      promote: async (tp) => void (await this.#futures.promote(tp)),
      removeLater: (target) => this.#removeLater(target, defaultConfig.fileDeleteDelayMs),
      failed: (directory, error) => this.#directoryFailed(directory, error),
    }
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
      onRecoveryPointLowered: () => directory.checkpointRecoveryPoints(this.#table.in(directory)),
    })
  }

  #directoryFailed(directory: LogDirectory, error: unknown): void {
    const logs = this.#table.in(directory)
    if (!this.#directories.fail(directory, error)) return
    for (const log of logs) {
      this.#table.forget(log)
      // Releases what it holds in memory; its files are beyond reach.
      log.takeOffline(error)
    }
  }

  async checkpoint(what?: Checkpoint): Promise<void> {
    for (const directory of this.#directories.online) {
      try {
        await directory.checkpoint(this.#table.in(directory), what)
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
    const directory = this.#table.directoryOf(log)
    await directory?.checkpointRecoveryPoints(this.#table.in(directory))
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
    await Promise.allSettled([this.#loading, this.#turns.ended()])
    if (this.#isLoaded) await this.#closeLogs(brokerEpoch)
    else await this.#leaveAsFound()
    await this.#directories.release()
  }

  async #closeLogs(brokerEpoch: number): Promise<void> {
    const unclean = new Set<LogDirectory>()
    await forEachBounded(this.#table.everything(), CONCURRENT_LOGS, async (log) => {
      const directory = this.#table.directoryOf(log)
      try {
        await log.close()
      } catch (error) {
        if (directory !== null) unclean.add(directory)
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
    for (const log of this.#table.everything()) await log.abandon()
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
