// All partition logs of one broker: opens them on start, creates and removes them, keeps checkpoints, and
// runs retention in the background. Made by main; replication asks it for logs. After a clean close a start
// checks nothing; after anything else each log recovers from its checkpointed recovery point.
import path from 'node:path'
import type { Runtime, TimerHandle } from '../runtime/runtime.ts'
import { forEachBounded } from './bounded.ts'
import { decodePartitionMetadata, encodePartitionMetadata, readTextFile } from './checkpoints.ts'
import { LogDirectory } from './log-directory.ts'
import { createLogShared, type LogShared, type LogSharedSettings } from './log-shared.ts'
import {
  deletedDirectoryName,
  directoryName,
  isDeletedDirectory,
  PARTITION_METADATA_FILE,
  parseDirectoryName,
  strayDirectoryName,
} from './names.ts'
import { PartitionLog } from './partition-log.ts'
import type { LogConfig, Logs, TopicPartition } from './types.ts'

/** The quorum opens this one itself, whoever's directory it is in. */
const METADATA_TOPIC = '__cluster_metadata'
const CONCURRENT_LOGS = 8
const FIRST_RETENTION_MS = 30_000
const EXPIRE_PRODUCERS_INTERVAL_MS = 600_000
/** After so many logs a background task lets others run. */
const LOGS_PER_TURN = 50

export interface LogManagerSettings extends LogSharedSettings {
  /** Absolute paths, at least one. */
  directories: readonly string[]
  clusterId: string
  nodeId: number
  /** In force for a log from its opening until `getOrCreate` gives it its topic's. */
  defaultConfig: LogConfig
  /** log.retention.check.interval.ms */
  retentionCheckIntervalMs: number
  /** log.flush.offset.checkpoint.interval.ms */
  checkpointIntervalMs: number
  /** log.flush.scheduler.interval.ms: how often flush.ms is looked at. */
  flushCheckIntervalMs: number
  /** producer.id.expiration.ms */
  producerIdExpirationMs: number
}

export const defaultLogManagerSettings = {
  retentionCheckIntervalMs: 300_000,
  checkpointIntervalMs: 60_000,
  flushCheckIntervalMs: Number.MAX_SAFE_INTEGER,
  producerIdExpirationMs: 86_400_000,
} as const

export interface LogManagerOptions {
  runtime: Runtime
  settings: LogManagerSettings
  /** A directory went offline; its logs take nothing any more. */
  onDirectoryFailure?: (directory: string, error: unknown) => void
}

export class LogManager implements Logs {
  readonly #runtime: Runtime
  readonly #settings: LogManagerSettings
  readonly #onDirectoryFailure: (directory: string, error: unknown) => void
  readonly #shared: LogShared
  readonly #directories: LogDirectory[]
  readonly #logs = new Map<string, PartitionLog>()
  readonly #directoryOf = new Map<PartitionLog, LogDirectory>()
  /** Creations and removals of one partition take turns. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #timers = new Set<TimerHandle>()
  #isClosed = false

  private constructor(options: LogManagerOptions, directories: LogDirectory[]) {
    this.#runtime = options.runtime
    this.#settings = options.settings
    this.#onDirectoryFailure = options.onDirectoryFailure ?? (() => undefined)
    this.#shared = createLogShared(options.runtime, options.settings)
    this.#directories = directories
  }

  /** Locks all directories and opens every log in them. */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const { runtime, settings } = options
    const directories: LogDirectory[] = []
    try {
      for (const target of settings.directories) {
        directories.push(await LogDirectory.open(runtime, target, settings))
      }
      const manager = new LogManager(options, directories)
      for (const directory of directories) await manager.#loadDirectory(directory)
      return manager
    } catch (error) {
      for (const directory of directories) await directory.release()
      throw error
    }
  }

  get directories(): { path: string; directoryId: string; isOnline: boolean }[] {
    return this.#directories.map(({ path, directoryId, isOnline }) => ({
      path,
      directoryId,
      isOnline,
    }))
  }

  /** What the quorum needs to open a log of its own beside these. */
  get shared(): LogShared {
    return this.#shared
  }

  /** Broker epoch of the last clean stop (for the registration), -1 unless every directory stopped cleanly. */
  get previousBrokerEpoch(): number {
    const epochs = this.#directories.map((directory) => directory.cleanShutdownEpoch ?? -1)
    return epochs.every((epoch) => epoch === epochs[0]) ? (epochs[0] ?? -1) : -1
  }

  get(tp: TopicPartition): PartitionLog | null {
    return this.#logs.get(directoryName(tp)) ?? null
  }

  all(): Iterable<PartitionLog> {
    return this.#logs.values()
  }

  getOrCreate(tp: TopicPartition, topicId: string, config: LogConfig): Promise<PartitionLog> {
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
      return this.#create(tp, topicId, config)
    })
  }

  async #create(tp: TopicPartition, topicId: string, config: LogConfig): Promise<PartitionLog> {
    const directory = this.#roomiestDirectory()
    const target = path.join(directory.path, directoryName(tp))
    await this.#runtime.disk.mkdir(target)
    await this.#writePartitionMetadata(target, topicId)
    return this.#openLog(directory, tp, { topicId, config, isNew: true })
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

  #roomiestDirectory(): LogDirectory {
    const online = this.#directories.filter((directory) => directory.isOnline)
    const sizes = new Map(online.map((directory) => [directory, 0]))
    if (online.length > 1) {
      for (const directory of this.#directoryOf.values()) {
        sizes.set(directory, (sizes.get(directory) ?? 0) + 1)
      }
    }
    const [best] = [...online].sort((a, b) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0))
    if (best === undefined) throw new Error('no log directory is online')
    return best
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
    this.#logs.delete(directoryName(log))
    this.#directoryOf.delete(log)
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
    this.#after(delayMs, () => this.#runtime.disk.remove(target))
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

  async #loadDirectory(directory: LogDirectory): Promise<void> {
    const found: TopicPartition[] = []
    for (const name of await this.#runtime.disk.readdir(directory.path)) {
      const target = path.join(directory.path, name)
      if (isDeletedDirectory(name)) {
        this.#removeLater(target, this.#settings.defaultConfig.fileDeleteDelayMs)
        continue
      }
      const tp = parseDirectoryName(name)
      if (tp === null || tp.topic === METADATA_TOPIC) continue
      if ((await this.#runtime.disk.stat(target))?.isDirectory === true) found.push(tp)
    }
    const startedMs = this.#runtime.clock.monotonicMs()
    await forEachBounded(found, CONCURRENT_LOGS, async (tp) => {
      const file = path.join(directory.path, directoryName(tp), PARTITION_METADATA_FILE)
      const topicId = decodePartitionMetadata((await readTextFile(this.#runtime.disk, file)) ?? '')
      const config = this.#settings.defaultConfig
      await this.#openLog(directory, tp, { topicId: topicId ?? '', config, isNew: false })
    })
    this.#runtime.logger.log('info', 'Opened the logs of a directory', {
      directory: directory.path,
      logs: found.length,
      wasClean: directory.cleanShutdownEpoch !== null,
      tookMs: Math.round(this.#runtime.clock.monotonicMs() - startedMs),
    })
  }

  async #openLog(
    directory: LogDirectory,
    tp: TopicPartition,
    options: { topicId: string; config: LogConfig; isNew: boolean },
  ): Promise<PartitionLog> {
    const key = directoryName(tp)
    const { recoveryPoints, highWatermarks, logStarts } = directory.checkpointed
    const offsetIn = (offsets: Map<string, number>) => (options.isNew ? 0 : (offsets.get(key) ?? 0))
    const log = await PartitionLog.open({
      shared: this.#shared,
      directory: path.join(directory.path, key),
      topic: tp.topic,
      partition: tp.partition,
      topicId: options.topicId,
      config: options.config,
      recoveryPoint: offsetIn(recoveryPoints),
      logStartOffset: offsetIn(logStarts),
      highWatermark: offsetIn(highWatermarks),
      hadCleanShutdown: options.isNew || directory.cleanShutdownEpoch !== null,
      onFailure: (error) => this.#directoryFailed(directory, error),
      onRecoveryPointLowered: () => directory.checkpointRecoveryPoints(this.#logsIn(directory)),
    })
    this.#logs.set(key, log)
    this.#directoryOf.set(log, directory)
    return log
  }

  #logsIn(directory: LogDirectory): PartitionLog[] {
    return [...this.#logs.values()].filter((log) => this.#directoryOf.get(log) === directory)
  }

  #directoryFailed(directory: LogDirectory, error: unknown): void {
    if (!directory.isOnline) return
    directory.isOnline = false
    this.#runtime.logger.log('error', 'A log directory is offline', {
      directory: directory.path,
      error,
    })
    this.#onDirectoryFailure(directory.path, error)
  }

  async checkpoint(): Promise<void> {
    for (const directory of this.#directories) {
      if (!directory.isOnline) continue
      try {
        await directory.checkpoint(this.#logsIn(directory))
      } catch (error) {
        this.#directoryFailed(directory, error)
      }
    }
  }

  start(): void {
    const settings = this.#settings
    this.#every(settings.retentionCheckIntervalMs, FIRST_RETENTION_MS, () => this.#retain())
    this.#every(settings.checkpointIntervalMs, settings.checkpointIntervalMs, async () => {
      await this.#forEachLog((log) => log.saveIndexes())
      await this.checkpoint()
    })
    const flushMs = settings.flushCheckIntervalMs
    if (flushMs < Number.MAX_SAFE_INTEGER) this.#every(flushMs, flushMs, () => this.#flushDue())
    this.#every(EXPIRE_PRODUCERS_INTERVAL_MS, EXPIRE_PRODUCERS_INTERVAL_MS, async () => {
      const beforeMs = this.#runtime.clock.nowMs() - settings.producerIdExpirationMs
      await this.#forEachLog(async (log) => log.expireProducers(beforeMs))
    })
  }

  #after(delayMs: number, task: () => Promise<unknown>): void {
    const timer = this.#runtime.timers.set(delayMs, () => {
      this.#timers.delete(timer)
      task().catch((error: unknown) => {
        this.#runtime.logger.log('warn', 'A background task of the logs failed', { error })
      })
    })
    this.#timers.add(timer)
  }

  #every(intervalMs: number, firstMs: number, task: () => Promise<void>): void {
    const run = async () => {
      try {
        await task()
      } finally {
        if (!this.#isClosed) this.#after(intervalMs, run)
      }
    }
    this.#after(Math.min(firstMs, intervalMs), run)
  }

  /** One log after another, leaving the event loop to others now and then; offline ones are passed over. */
  async #forEachLog(task: (log: PartitionLog) => Promise<unknown>): Promise<void> {
    let count = 0
    for (const log of [...this.#logs.values()]) {
      if (this.#isClosed) return
      if (log.failure !== null || !this.#directoryOf.has(log)) continue
      if (++count % LOGS_PER_TURN === 0) {
        await new Promise<void>((resolve) => this.#runtime.timers.immediate(resolve))
      }
      try {
        await task(log)
      } catch (error) {
        this.#runtime.logger.log('warn', 'A background task of a log failed', {
          log: directoryName(log),
          error,
        })
      }
    }
  }

  async #retain(): Promise<void> {
    await this.#forEachLog((log) => log.applyRetention(this.#runtime.clock.nowMs()))
  }

  async #flushDue(): Promise<void> {
    const nowMs = this.#runtime.clock.nowMs()
    await this.#forEachLog(async (log) => {
      if (nowMs - log.flushedAtMs >= log.config.flushMs) await log.flush()
    })
  }

  async close(brokerEpoch: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const timer of this.#timers) this.#runtime.timers.clear(timer)
    this.#timers.clear()
    await Promise.allSettled(this.#turns.values())
    const unclean = new Set(this.#directories.filter((directory) => !directory.isOnline))
    await forEachBounded([...this.#logs.values()], CONCURRENT_LOGS, async (log) => {
      try {
        await log.close()
      } catch (error) {
        const directory = this.#directoryOf.get(log)
        if (directory !== undefined) unclean.add(directory)
        this.#runtime.logger.log('error', 'A log did not close cleanly', {
          log: directoryName(log),
          error,
        })
      }
    })
    await this.#shared.handles.closeAll()
    await this.checkpoint()
    for (const directory of this.#directories) {
      if (!unclean.has(directory) && directory.isOnline) await directory.markClean(brokerEpoch)
      await directory.release()
    }
  }
}
