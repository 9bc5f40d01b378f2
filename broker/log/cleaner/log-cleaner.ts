// Compacts the logs of a broker in the background: picks the dirtiest, has a worker write what stays, and puts the
// result in place. Owned by LogManager. A crash costs at most the work since the last segment was put in place.
import type { Runtime, TimerHandle } from '../../runtime/runtime.ts'
import { loadAborted } from '../aborted-transactions.ts'
import { isDiskError } from '../disk-errors.ts'
import type { LogState } from '../log-state.ts'
import { directoryName } from '../names.ts'
import type { PartitionLog } from '../partition-log.ts'
import type { Segment } from '../segment.ts'
import type { AbortedEntry } from '../transaction-index.ts'
import {
  CLEAN_ABORTED,
  CleanControl,
  type CleanedGroup,
  type CleanInput,
  type CleanOutput,
} from './clean-plan.ts'
import { cleanTask } from './clean-task.ts'
import { type Cleanable, findCleanable, isDue } from './cleanable.ts'
import { type CleanerReport, CleanerStatistics } from './cleaner-statistics.ts'
import { SECRET_BYTES } from './key-hash.ts'
import { removeCleaned, swapIn } from './swap.ts'

export interface LogCleanerSettings {
  /** log.cleaner.enable */
  isEnabled: boolean
  /** log.cleaner.threads */
  threads: number
  /** log.cleaner.dedupe.buffer.size, of all threads together. */
  dedupeBufferBytes: number
  /** log.cleaner.io.buffer.load.factor */
  dedupeLoadFactor: number
  /** log.cleaner.io.buffer.size, of all threads together. */
  ioBufferBytes: number
  /** log.cleaner.io.max.bytes.per.second, of all threads together. */
  ioMaxBytesPerSecond: number
  /** log.cleaner.backoff.ms */
  backoffMs: number
}

export const defaultLogCleanerSettings: LogCleanerSettings = {
  isEnabled: true,
  threads: 1,
  dedupeBufferBytes: 134_217_728,
  dedupeLoadFactor: 0.9,
  ioBufferBytes: 524_288,
  ioMaxBytesPerSecond: Number.MAX_VALUE,
  backoffMs: 15_000,
}

/** A read is never smaller than this. */
const CHUNK_BYTES_MIN = 4096

/** Whose logs are cleaned. */
interface Owner {
  all(): Iterable<PartitionLog>
  /** Resolves once the log's first dirty offset is on disk. */
  checkpointCleaned(log: PartitionLog): Promise<void>
}

interface Work {
  control: CleanControl
  done: Promise<void>
}

export class LogCleaner {
  readonly #runtime: Runtime
  readonly #owner: Owner
  readonly statistics: CleanerStatistics
  #settings: LogCleanerSettings
  readonly #inProgress = new Map<PartitionLog, Work>()
  /** Cleanable bytes of logs that cannot be cleaned, as of the last look. */
  readonly #uncleanable = new Map<PartitionLog, number>()
  #selection: Promise<unknown> = Promise.resolve()
  #runningThreads = 0
  readonly #pauses = new Map<TimerHandle, () => void>()
  #isStarted = false
  #isClosed = false

  constructor(runtime: Runtime, owner: Owner, settings: LogCleanerSettings) {
    this.#runtime = runtime
    this.#owner = owner
    this.#settings = settings
    this.statistics = new CleanerStatistics(runtime.clock.nowMs())
  }

  /** Logs that an earlier cleaning could not read, with the bytes that wait in them. */
  get uncleanable(): ReadonlyMap<PartitionLog, number> {
    return this.#uncleanable
  }

  /** Threads that the settings ask for and that are not there: 0 while all is well. */
  get missingThreads(): number {
    if (!this.#isStarted || this.#isClosed || !this.#settings.isEnabled) return 0
    return Math.max(0, this.#settings.threads - this.#runningThreads)
  }

  get settings(): Readonly<LogCleanerSettings> {
    return this.#settings
  }

  start(): void {
    this.#isStarted = true
    this.#staff()
  }

  /** Takes effect at once; a cleaning under way keeps the buffers that it has. */
  reconfigure(settings: LogCleanerSettings): void {
    this.#settings = settings
    for (const { control } of this.#inProgress.values()) control.bytesPerSecond = this.#rate()
    // Whoever pauses looks again, under the new settings.
    for (const [timer, wake] of this.#pauses) {
      this.#runtime.timers.clear(timer)
      wake()
    }
    this.#pauses.clear()
    this.#staff()
  }

  #rate(): number {
    return this.#settings.ioMaxBytesPerSecond / Math.max(1, this.#settings.threads)
  }

  #staff(): void {
    if (!this.#isStarted || this.#isClosed || !this.#settings.isEnabled) return
    while (this.#runningThreads < this.#settings.threads) {
      this.#runningThreads++
      void this.#work()
    }
  }

  /** One thread's life: ends when there are more than the settings ask for. Never rejects. */
  async #work(): Promise<void> {
    while (!this.#isClosed && this.#runningThreads <= this.#settings.threads) {
      const hasCleaned = await this.cleanNext().catch((error: unknown) => {
        this.#runtime.logger.log('error', 'The log cleaner failed', { error })
        return false
      })
      if (!hasCleaned && !this.#isClosed) await this.#pause(this.#settings.backoffMs)
    }
    this.#runningThreads--
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#runtime.timers.set(delayMs, () => {
        this.#pauses.delete(timer)
        resolve()
      })
      this.#pauses.set(timer, resolve)
    })
  }

  /** Cleans the dirtiest log that is due; false when there was none, or it could not be cleaned. */
  async cleanNext(): Promise<boolean> {
    const chosen = this.#selection.then(() => this.#chooseAndTake())
    this.#selection = chosen.catch(() => undefined)
    const taken = await chosen
    if (taken === null) return false
    const { log, cleanable, control, finish } = taken
    try {
      return await this.#clean(log, cleanable, control)
    } finally {
      this.#inProgress.delete(log)
      finish()
    }
  }

  /** One look at a time, so that no log is taken twice. */
  async #chooseAndTake() {
    const nowMs = this.#runtime.clock.nowMs()
    const looks: { log: PartitionLog; cleanable: Cleanable }[] = []
    this.#forgetGone()
    for (const log of [...this.#owner.all()]) {
      if (!log.config.cleanupCompact || !isUsable(log) || this.#inProgress.has(log)) continue
      const { state } = log.compaction
      const { lastStableOffset } = log
      const cleanable = await findCleanable(state, { lastStableOffset, nowMs })
      if (this.#uncleanable.has(log)) this.#uncleanable.set(log, cleanable.cleanableBytes)
      else if (cleanable.cleanBytes + cleanable.cleanableBytes > 0) looks.push({ log, cleanable })
    }
    looks.sort((a, b) => b.cleanable.dirtyRatio - a.cleanable.dirtyRatio)
    this.statistics.looked({
      nowMs,
      maxDirtyRatio: looks[0]?.cleanable.dirtyRatio ?? 0,
      maxCompactionDelayMs: Math.max(0, ...looks.map((look) => look.cleanable.compactionDelayMs)),
    })
    const next = looks.find(
      ({ log, cleanable }) => isUsable(log) && isDue(cleanable, log.config.minCleanableDirtyRatio),
    )
    if (next === undefined || this.#isClosed) return null
    const control = new CleanControl()
    control.bytesPerSecond = this.#rate()
    let finish: () => void = () => undefined
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    this.#inProgress.set(next.log, { control, done })
    return { ...next, control, finish }
  }

  #forgetGone(): void {
    if (this.#uncleanable.size === 0) return
    const present = new Set(this.#owner.all())
    for (const log of this.#uncleanable.keys()) {
      if (!present.has(log)) this.#uncleanable.delete(log)
    }
  }

  async #clean(log: PartitionLog, cleanable: Cleanable, control: CleanControl): Promise<boolean> {
    const { clock, logger } = this.#runtime
    const { state } = log.compaction
    const startedMs = clock.monotonicMs()
    let sources: Segment[] = []
    const hasChanged = () =>
      !isUsable(log) ||
      state.truncations !== cleanable.truncations ||
      sources.some((source) => !state.segments.all().includes(source))
    try {
      // A recovery never has to look at a cleaned segment, and a truncation into one lowers the recovery point.
      await log.flush()
      sources = state.segments
        .all()
        .filter((segment) => segment.baseOffset < cleanable.firstUncleanableOffset)
      const input = await this.#inputFor(log, { cleanable, sources, control })
      const output = await this.#run(log, input, sources)
      if (output === null || state.truncations !== cleanable.truncations) return false
      state.firstDirtyOffset = output.endOffset
      await this.#owner.checkpointCleaned(log)
      const report = { ...output.stats, tookMs: clock.monotonicMs() - startedMs }
      this.statistics.cleaned(report)
      logger.log('info', 'Compacted a log', describe(log, output, report))
      return true
    } catch (error) {
      this.#failed(log, error, hasChanged())
      return false
    }
  }

  /** null when the log changed under it. */
  async #run(
    log: PartitionLog,
    input: CleanInput,
    sources: readonly Segment[],
  ): Promise<CleanOutput | null> {
    const { state, alone } = log.compaction
    const control = new CleanControl(input.control)
    const byBase = new Map(sources.map((segment) => [segment.baseOffset, segment]))
    let swaps: Promise<boolean> = Promise.resolve(true)
    const swap = async (group: CleanedGroup) => {
      const replaced = group.sources.map((base) => byBase.get(base)).filter(isPresent)
      let isSwapped = false
      await alone(async () => {
        isSwapped = !control.isAborted && (await swapIn(state, group, replaced))
      })
      if (!isSwapped) control.abort()
      return isSwapped
    }
    const onProgress = (group: CleanedGroup) => {
      swaps = swaps.then((isFine) => isFine && swap(group))
      swaps.catch(() => control.abort())
    }
    let isDone = false
    try {
      const output = await this.#runtime.workers.run(cleanTask, input, { onProgress })
      isDone = await swaps
      return isDone ? output : null
    } finally {
      if (!isDone) {
        await swaps.catch(() => false)
        if (isUsable(log)) await removeCleaned(state, byBase.keys())
      }
    }
  }

  async #inputFor(
    log: PartitionLog,
    plan: { cleanable: Cleanable; sources: readonly Segment[]; control: CleanControl },
  ): Promise<CleanInput> {
    const { state } = log.compaction
    const { segments, config, producers } = state
    const settings = this.#settings
    const threads = Math.max(1, settings.threads)
    const { cleanable, sources, control } = plan
    return {
      directory: state.directory,
      segments: sources.map((segment) => ({
        baseOffset: segment.baseOffset,
        endOffset: segments.endOf(segment, state.logEndOffset),
        sizeBytes: segment.sizeBytes,
      })),
      firstDirtyOffset: cleanable.firstDirtyOffset,
      aborted: await abortsOf(state, cleanable.firstUncleanableOffset),
      lastOfProducers: [...producers.all()].map(({ producerId, producerEpoch, batches }) => ({
        producerId,
        producerEpoch,
        lastDataOffset: batches.at(-1)?.lastOffset ?? -1,
      })),
      nowMs: this.#runtime.clock.nowMs(),
      deleteRetentionMs: config.deleteRetentionMs,
      segmentBytes: config.segmentBytes,
      segmentIndexBytes: config.segmentIndexBytes,
      indexIntervalBytes: config.indexIntervalBytes,
      secret: Uint8Array.from({ length: SECRET_BYTES }, () => this.#runtime.random.int(256)),
      mapBytes: settings.dedupeBufferBytes / threads,
      mapLoadFactor: settings.dedupeLoadFactor,
      chunkBytes: Math.max(CHUNK_BYTES_MIN, Math.floor(settings.ioBufferBytes / threads / 2)),
      control: control.buffer,
    }
  }

  #failed(log: PartitionLog, error: unknown, hasChanged: boolean): void {
    const name = directoryName(log)
    const { code } = error as { code?: unknown }
    const { logger } = this.#runtime
    if (code === CLEAN_ABORTED || hasChanged) {
      logger.log('debug', 'Gave up compacting a log that changed', { log: name })
    } else if (code === 'EWORKER' || code === 'ENOSPC') {
      // Neither says anything about the log: it is tried again.
      logger.log('warn', 'Cannot compact a log now', { log: name, error })
    } else if (isDiskError(error)) log.takeOffline(error)
    else {
      this.#uncleanable.set(log, 0)
      logger.log('error', 'A log cannot be compacted and is left alone from now on', {
        log: name,
        error,
      })
    }
  }

  /** Ends a cleaning of this log, if there is one: its directory is about to go or to close. */
  async release(log: PartitionLog): Promise<void> {
    const work = this.#inProgress.get(log)
    work?.control.abort()
    await work?.done
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const [timer, wake] of this.#pauses) {
      this.#runtime.timers.clear(timer)
      wake()
    }
    this.#pauses.clear()
    for (const { control } of this.#inProgress.values()) control.abort()
    await Promise.all([...this.#inProgress.values()].map(({ done }) => done))
  }
}

function isUsable(log: PartitionLog): boolean {
  return log.failure === null && !log.isClosed
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined
}

/** Of the log's start up to `endOffset`; markers may lie further up. */
async function abortsOf(state: LogState, endOffset: number): Promise<AbortedEntry[]> {
  const aborted: AbortedEntry[] = []
  for (const segment of [...state.segments.all()]) {
    for (const entry of (await loadAborted(state, segment)).all()) {
      if (entry.firstOffset < endOffset) aborted.push(entry)
    }
  }
  return aborted
}

function describe(log: PartitionLog, output: CleanOutput, report: CleanerReport) {
  return {
    log: directoryName(log),
    firstDirtyOffset: output.endOffset,
    mappedBytes: report.mapBytesRead,
    mapFullPercent: Math.round(100 * report.mapUtilization),
    readBytes: report.bytesRead,
    writtenBytes: report.bytesWritten,
    readRecords: report.recordsRead,
    keptRecords: report.recordsKept,
    ...(report.invalidRecords > 0 ? { invalidRecords: report.invalidRecords } : {}),
    tookMs: Math.round(report.tookMs),
  }
}
