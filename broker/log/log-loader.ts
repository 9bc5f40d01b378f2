// Finds and opens the logs of one directory at start. After an unclean stop whatever has much to check is recovered
// by worker threads, a few per directory, so that the broker goes on answering; the log tells how far it is.
// Nothing is changed that a second recovery would not change again.
import path from 'node:path'
import type { Disk, Runtime } from '../runtime/runtime.ts'
import { forEachBounded } from './bounded.ts'
import { decodePartitionMetadata, readTextFile } from './checkpoints.ts'
import type { LogDirectory } from './log-directory.ts'
import {
  directoryName,
  isDeletedDirectory,
  LOG_SUFFIX,
  METADATA_TOPIC,
  offsetOfFile,
  PARTITION_METADATA_FILE,
  parseDirectoryName,
  parseFutureDirectoryName,
} from './names.ts'
import { type RecoverInput, type RecoverOutput, recoverTask } from './recover-task.ts'
import { firstToRecover } from './recovery.ts'
import type { TopicPartition } from './types.ts'

/** Each waits for the disk several times in a row. */
const CONCURRENT_LOGS = 32
const PROGRESS_INTERVAL_MS = 2000

export interface LoaderSettings {
  /** num.recovery.threads.per.data.dir */
  recoveryThreadsPerDirectory: number
  /** A log with no more than this to check is recovered in place: not worth a thread. */
  recoverInPlaceBytesMax: number
  indexIntervalBytes: number
}

/** What is known of a log before it is opened. */
export interface Opening {
  /** '' when partition.metadata is not there. */
  topicId: string
  isFuture: boolean
  recoveryPoint: number
  logStartOffset: number
  highWatermark: number
  hadCleanShutdown: boolean
  isRecovered: boolean
}

export interface FoundLogs {
  opened: number
  /** Directories whose deletion a stop interrupted. */
  deleted: string[]
}

type OpenLog = (tp: TopicPartition, name: string, opening: Opening) => Promise<void>

interface Found {
  tp: TopicPartition
  name: string
  isFuture: boolean
  segmentsToCheck: number
  bytesToCheck: number
}

interface Progress {
  logs: number
  segments: number
  bytes: number
}

export class LogLoader {
  readonly #runtime: Runtime
  readonly #settings: LoaderSettings
  readonly #directory: LogDirectory
  readonly #signal: AbortSignal
  readonly #remaining: Progress = { logs: 0, segments: 0, bytes: 0 }

  /** Once `signal` is aborted no further log is opened, and `load` rejects. */
  constructor(
    runtime: Runtime,
    options: { settings: LoaderSettings; directory: LogDirectory; signal: AbortSignal },
  ) {
    this.#runtime = runtime
    this.#settings = options.settings
    this.#directory = options.directory
    this.#signal = options.signal
  }

  get path(): string {
    return this.#directory.path
  }

  /** What is left to check in this directory. */
  get remaining(): Readonly<Progress> {
    return this.#remaining
  }

  /** Calls `open` for each log, several side by side. Rejects with the first error. */
  async load(open: OpenLog): Promise<FoundLogs> {
    const { clock, logger } = this.#runtime
    const startedMs = clock.monotonicMs()
    const { found, deleted } = await this.#find()
    const wasClean = this.#directory.cleanShutdownEpoch !== null
    if (!wasClean) await forEachBounded(found, CONCURRENT_LOGS, (each) => this.#measure(each))
    const total = { ...this.#remaining }
    const stopTelling = total.bytes > 0 ? this.#tellProgress(total) : () => undefined
    const isLarge = (each: Found) => each.bytesToCheck > this.#settings.recoverInPlaceBytesMax
    try {
      const small = found.filter((each) => !isLarge(each))
      await Promise.all([
        forEachBounded(small, CONCURRENT_LOGS, (each) => this.#open(each, open, null)),
        forEachBounded(
          found.filter(isLarge),
          this.#settings.recoveryThreadsPerDirectory,
          async (each) => this.#open(each, open, await this.#recover(each)),
        ),
      ])
    } finally {
      stopTelling()
    }
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    logger.log('info', 'Opened the logs of a directory', {
      directory: this.#directory.path,
      logs: found.length,
      wasClean,
      checkedSegments: total.segments,
      checkedBytes: total.bytes,
      tookMs,
    })
    return { opened: found.length, deleted }
  }

  async #find(): Promise<{ found: Found[]; deleted: string[] }> {
    const { disk } = this.#runtime
    const found: Found[] = []
    const deleted: string[] = []
    for (const name of await disk.readdir(this.#directory.path)) {
      const target = path.join(this.#directory.path, name)
      if (isDeletedDirectory(name)) {
        deleted.push(target)
        continue
      }
      const future = parseFutureDirectoryName(name)
      const tp = future ?? parseDirectoryName(name)
      if (tp === null || tp.topic === METADATA_TOPIC) continue
      if ((await disk.stat(target))?.isDirectory !== true) continue
      found.push({ tp, name, isFuture: future !== null, segmentsToCheck: 0, bytesToCheck: 0 })
    }
    return { found, deleted }
  }

  async #measure(log: Found): Promise<void> {
    const { disk } = this.#runtime
    const target = path.join(this.#directory.path, log.name)
    const sizes = await sizesToCheck(disk, target, this.#offset('recoveryPoints', log))
    log.segmentsToCheck = sizes.length
    log.bytesToCheck = sizes.reduce((sum, size) => sum + size, 0)
    this.#remaining.logs++
    this.#remaining.segments += log.segmentsToCheck
    this.#remaining.bytes += log.bytesToCheck
  }

  #offset(what: 'recoveryPoints' | 'highWatermarks' | 'logStarts', { tp }: Found): number {
    return this.#directory.checkpointed[what].get(directoryName(tp)) ?? 0
  }

  /** null: to be recovered in place, because its worker was lost. */
  async #recover(log: Found): Promise<RecoverOutput | null> {
    const input: RecoverInput = {
      directory: path.join(this.#directory.path, log.name),
      name: directoryName(log.tp),
      recoveryPoint: this.#offset('recoveryPoints', log),
      logStartOffset: this.#offset('logStarts', log),
      indexIntervalBytes: this.#settings.indexIntervalBytes,
    }
    try {
      this.#signal.throwIfAborted()
      return await this.#runtime.workers.run(recoverTask, input, {
        signal: this.#signal,
        onProgress: (sizeBytes) => {
          log.segmentsToCheck--
          log.bytesToCheck -= sizeBytes
          this.#remaining.segments--
          this.#remaining.bytes -= sizeBytes
        },
      })
    } catch (error) {
      this.#signal.throwIfAborted()
      if ((error as NodeJS.ErrnoException).code !== 'EWORKER') throw error
      this.#runtime.logger.log('warn', 'Recovering a log on the event loop', {
        log: input.name,
        error,
      })
      return null
    }
  }

  async #open(log: Found, open: OpenLog, recovered: RecoverOutput | null): Promise<void> {
    this.#signal.throwIfAborted()
    const file = path.join(this.#directory.path, log.name, PARTITION_METADATA_FILE)
    const topicId = decodePartitionMetadata((await readTextFile(this.#runtime.disk, file)) ?? '')
    await open(log.tp, log.name, {
      topicId: topicId ?? '',
      isFuture: log.isFuture,
      recoveryPoint: recovered?.recoveryPoint ?? this.#offset('recoveryPoints', log),
      logStartOffset: recovered?.logStartOffset ?? this.#offset('logStarts', log),
      highWatermark: this.#offset('highWatermarks', log),
      hadCleanShutdown: recovered !== null || this.#directory.cleanShutdownEpoch !== null,
      isRecovered: recovered !== null,
    })
    if (this.#directory.cleanShutdownEpoch !== null) return
    this.#remaining.logs--
    this.#remaining.segments -= log.segmentsToCheck
    this.#remaining.bytes -= log.bytesToCheck
  }

  /** Gives what ends it. */
  #tellProgress(total: Readonly<Progress>): () => void {
    const { clock, timers, logger } = this.#runtime
    const startedMs = clock.monotonicMs()
    const tell = () => {
      const seconds = (clock.monotonicMs() - startedMs) / 1000
      logger.log('info', 'Recovering logs', {
        directory: this.#directory.path,
        logsRemaining: this.#remaining.logs,
        segmentsRemaining: this.#remaining.segments,
        bytesRemaining: this.#remaining.bytes,
        bytesPerSecond:
          seconds > 0 ? Math.round((total.bytes - this.#remaining.bytes) / seconds) : 0,
      })
      timer = timers.set(PROGRESS_INTERVAL_MS, tell)
    }
    let timer = timers.set(PROGRESS_INTERVAL_MS, tell)
    return () => timers.clear(timer)
  }
}

/** Sizes of the segments from the one that holds the recovery point on. */
async function sizesToCheck(
  disk: Disk,
  directory: string,
  recoveryPoint: number,
): Promise<number[]> {
  const bases: { baseOffset: number; name: string }[] = []
  for (const name of await disk.readdir(directory)) {
    const baseOffset = offsetOfFile(name, LOG_SUFFIX)
    if (baseOffset !== null) bases.push({ baseOffset, name })
  }
  bases.sort((a, b) => a.baseOffset - b.baseOffset)
  const first = firstToRecover(
    bases.map(({ baseOffset }) => baseOffset),
    recoveryPoint,
  )
  const infos = await Promise.all(
    bases.slice(first).map(({ name }) => disk.stat(path.join(directory, name))),
  )
  return infos.map((info) => info?.sizeBytes ?? 0)
}
