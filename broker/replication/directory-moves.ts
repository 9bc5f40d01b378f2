// Moves replicas of this broker between its log directories (AlterReplicaLogDirs): copies the log into a future log
// beside the work of the replica, within replica.alter.log.dirs.io.max.bytes.per.second, and lets it take over once
// it has everything. Owned by ReplicaManager. After a crash the copy goes on where it was.
import path from 'node:path'
import { ErrorCode } from '../../protocol/errors.ts'
import { AppendError, type Log, type Logs, type TopicPartition } from '../log/types.ts'
import { configKey } from '../metadata/image.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { MetricsRegistry } from '../metrics/types.ts'
import type { Logger, Runtime, TimerHandle } from '../runtime/runtime.ts'
import type { DirectoryAssignments } from './directory-assignments.ts'
import type { FetcherManager } from './fetcher-manager.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { Partition } from './partition.ts'

export interface DirectoryMovesOptions {
  runtime: Runtime
  logs: Logs
  hosted: HostedPartitions
  fetchers: FetcherManager
  directories: DirectoryAssignments
  metrics: MetricsRegistry
  /** Replicas that are copied at the same time. */
  maxSideBySide: number
  /** replica.alter.log.dirs.io.max.bytes.per.second as it is now; Infinity when there is no limit. */
  maxBytesPerSecond: () => number
  /** Runs a step while no role changes. */
  exclusively: (step: () => Promise<void>) => Promise<void>
}

const LIMIT = 'replica.alter.log.dirs.io.max.bytes.per.second'
const BROKER = 4

/** The dynamic setting of the broker, else of all brokers; Infinity without one. */
export function moveBytesPerSecondMax(image: MetadataImage, brokerId: number): number {
  for (const name of [String(brokerId), '']) {
    const limit = Number(image.configs.get(configKey(BROKER, name))?.get(LIMIT))
    if (Number.isFinite(limit) && limit > 0) return limit
  }
  return Number.POSITIVE_INFINITY
}

const CHUNK_BYTES = 1024 * 1024
const RETRY_DELAY_MS = 1000
const BEAN = 'kafka.server:type=ReplicaAlterLogDirsManager'
const CLIENT_ID = 'clientId=ReplicaAlterLogDirs'

export class DirectoryMoves {
  readonly #options: DirectoryMovesOptions
  readonly #logger: Logger
  /** Future logs that wait for their turn, and those whose turn it is. */
  readonly #waiting = new Set<Log>()
  readonly #moving = new Set<Log>()
  readonly #failed = new Set<Log>()
  readonly #pauses = new Set<{ timer: TimerHandle; resume: () => void }>()
  /** Until when the bytes copied so far take, at the speed allowed. */
  #paidUntilMs = 0
  #isClosed = false

  constructor(options: DirectoryMovesOptions) {
    this.#options = options
    this.#logger = options.runtime.logger.child('[ReplicaAlterLogDirs]')
    const { metrics } = options
    metrics.gauge(`${BEAN},name=MaxLag,${CLIENT_ID}`, () => this.#maxLagRecords())
    metrics.gauge(`${BEAN},name=FailedPartitionsCount,${CLIENT_ID}`, () => this.#failed.size)
    metrics.gauge(`${BEAN},name=DeadThreadCount,${CLIENT_ID}`, () => 0)
  }

  /** Starts to move a replica to the directory at `target`, or gives a move up; gives an error code. */
  async alter(tp: TopicPartition, target: string): Promise<number> {
    const { logs, hosted } = this.#options
    const directory = logs.directories.find((each) => each.path === target)
    if (directory === undefined) return ErrorCode.LOG_DIR_NOT_FOUND
    if (!directory.isOnline) return ErrorCode.KAFKA_STORAGE_ERROR
    if (directory.isCordoned) return ErrorCode.INVALID_REPLICA_ASSIGNMENT
    const partition = hosted.get(tp)
    if (partition?.isOffline === true) return ErrorCode.KAFKA_STORAGE_ERROR
    logs.preferDirectory(tp, target)
    if (partition === null || partition.log === null) return ErrorCode.REPLICA_NOT_AVAILABLE
    const isIn = (log: Log) => log.directory.startsWith(`${target}/`)
    const known = logs.futureOf(tp)
    try {
      if (known !== null && !isIn(known)) await logs.dropFuture(tp)
      if (isIn(partition.log) || (known !== null && isIn(known))) return ErrorCode.NONE
      this.#begin(await logs.createFuture(tp, target))
      return ErrorCode.NONE
    } catch (error) {
      this.#logger.log('warn', 'A replica cannot move', {
        partition: partition.name,
        to: target,
        error,
      })
      return error instanceof AppendError ? error.code : ErrorCode.KAFKA_STORAGE_ERROR
    }
  }

  /** Goes on with what a stop interrupted; copies of what is not here any more are dropped. */
  async resume(): Promise<void> {
    const { logs, hosted } = this.#options
    for (const future of logs.allFutures()) {
      if (hosted.get(future)?.topicId === future.topicId) {
        this.#begin(future)
        continue
      }
      await logs.dropFuture(future)
      // Stopped before the topic id was noted, so there is nothing in it.
      if (future.topicId === '') await this.alter(future, path.dirname(future.directory))
    }
  }

  close(): void {
    this.#isClosed = true
    this.#waiting.clear()
    for (const { timer, resume } of this.#pauses) {
      this.#options.runtime.timers.clear(timer)
      resume()
    }
    this.#pauses.clear()
  }

  #maxLagRecords(): number {
    let max = 0
    for (const future of [...this.#waiting, ...this.#moving]) {
      const log = this.#options.hosted.get(future)?.log
      if (log) max = Math.max(max, log.logEndOffset - future.logEndOffset)
    }
    return max
  }

  #begin(future: Log): void {
    if (!this.#moving.has(future)) this.#waiting.add(future)
    this.#startNext()
  }

  #startNext(): void {
    for (const future of this.#waiting) {
      if (this.#isClosed || this.#moving.size >= this.#options.maxSideBySide) return
      this.#waiting.delete(future)
      this.#moving.add(future)
      void this.#move(future).finally(() => {
        this.#moving.delete(future)
        this.#startNext()
      })
    }
  }

  /** Never rejects. */
  async #move(future: Log): Promise<void> {
    const name = `${future.topic}-${future.partition}`
    try {
      for (;;) {
        const partition = this.#partitionOf(future)
        if (partition === null) return
        const state = await this.#copySome(partition, future)
        if (state === 'caught up' && (await this.#changePlaces(partition, future))) return
      }
    } catch (error) {
      if (this.#partitionOf(future) === null) return
      this.#failed.add(future)
      this.#logger.log('error', 'A move to another directory failed', { partition: name, error })
      await this.#pause(RETRY_DELAY_MS)
      if (this.#partitionOf(future) === null) return
      this.#failed.delete(future)
      this.#waiting.add(future)
    }
  }

  /** null once the move is over: given up, deleted, offline, closed. */
  #partitionOf(future: Log): Partition | null {
    const { hosted, logs } = this.#options
    if (this.#isClosed || logs.futureOf(future) !== future) return null
    const partition = hosted.get(future)
    return partition === null || partition.isOffline || partition.log === null ? null : partition
  }

  async #copySome(partition: Partition, future: Log): Promise<'caught up' | 'behind'> {
    const { log } = partition
    if (log === null) return 'behind'
    const endOffset = log.logEndOffset
    const copiedBytes = await copyChunk(log, future)
    if (copiedBytes > 0) await this.#pay(copiedBytes)
    return future.logEndOffset >= endOffset ? 'caught up' : 'behind'
  }

  /** False when the replica's role stood in the way. */
  async #changePlaces(partition: Partition, future: Log): Promise<boolean> {
    const { logs, fetchers, directories, exclusively } = this.#options
    let isDone = false
    await exclusively(async () => {
      if (this.#partitionOf(future) !== partition) return
      const { state } = partition
      const isFollower = state.role === 'follower'
      // Nobody truncates the old log any more.
      if (isFollower) await fetchers.remove(partition)
      try {
        await partition.replaceLog(async (log) => {
          while (future.logEndOffset < log.logEndOffset || isAhead(future, log)) {
            await copyChunk(log, future)
          }
          takeOver(log, future)
          return logs.promoteFuture(partition)
        })
        isDone = true
      } finally {
        if (isFollower && state.leaderId >= 0 && !partition.isOffline) {
          fetchers.add(partition, state.leaderId, state.leaderEpoch)
        }
      }
      const directoryId = logs.directoryIdOf(partition)
      if (directoryId !== null) {
        directories.assign(partition.topicId, partition.partition, directoryId)
      }
      this.#logger.log('info', 'A replica moved to another directory', {
        partition: partition.name,
        to: partition.log?.directory,
      })
    })
    return isDone
  }

  /** Waits until what has been copied so far is within the limit. */
  async #pay(bytes: number): Promise<void> {
    const limit = this.#options.maxBytesPerSecond()
    const nowMs = this.#options.runtime.clock.monotonicMs()
    if (!Number.isFinite(limit)) {
      this.#paidUntilMs = nowMs
      return
    }
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs) + (bytes / limit) * 1000
    // Looked at again each second: the limit may be raised meanwhile.
    while (!this.#isClosed && this.#paidUntilMs > this.#options.runtime.clock.monotonicMs()) {
      const leftMs = this.#paidUntilMs - this.#options.runtime.clock.monotonicMs()
      await this.#pause(Math.min(leftMs, RETRY_DELAY_MS))
      if (this.#options.maxBytesPerSecond() > limit) this.#paidUntilMs = 0
    }
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      const pause = { timer: this.#options.runtime.timers.set(delayMs, done), resume: resolve }
      const pauses = this.#pauses
      function done() {
        pauses.delete(pause)
        resolve()
      }
      pauses.add(pause)
    })
  }
}

/** The log was truncated below what has been copied, or its history is another one there. */
function isAhead(future: Log, log: Log): boolean {
  return commonEnd(future, log) < future.logEndOffset
}

/** How far both hold the same: the end of the copy's newest epoch in the log. */
function commonEnd(future: Log, log: Log): number {
  if (future.latestEpoch < 0) return Math.min(future.logEndOffset, log.logEndOffset)
  const { endOffset } = log.endOffsetForEpoch(future.latestEpoch)
  return Math.min(future.logEndOffset, endOffset < 0 ? log.logEndOffset : endOffset)
}

/** Brings the copy in line with the log and copies what comes next; gives bytes copied. */
async function copyChunk(log: Log, future: Log): Promise<number> {
  const common = commonEnd(future, log)
  if (future.logEndOffset < log.logStartOffset) {
    await future.truncateFullyAndStartAt(log.logStartOffset)
  } else if (common < future.logEndOffset) await future.truncateTo(common)
  if (future.config !== log.config) future.updateConfig(log.config)
  if (future.logEndOffset >= log.logEndOffset) return 0
  const { records } = await log.read({
    offset: future.logEndOffset,
    maxBytes: CHUNK_BYTES,
    minOneBatch: true,
    endOffsetExclusive: log.logEndOffset,
  })
  if (records.length === 0) {
    throw new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, 'the log gives nothing to copy')
  }
  const wantedEpoch = future.latestEpoch
  // A copy: what is read may be shared with other readers.
  await future.append(Buffer.from(records), { origin: 'replica', leaderEpoch: wantedEpoch })
  future.setHighWatermark(log.highWatermark)
  await future.advanceLogStartOffset(Math.min(log.logStartOffset, future.logEndOffset))
  return records.length
}

/** What is not in the batches: epochs without records, the start of the log, the high watermark. */
function takeOver(log: Log, future: Log): void {
  for (const { epoch, startOffset } of log.epochs()) {
    if (epoch > future.latestEpoch) future.assignEpochStart(epoch, startOffset)
  }
  future.setHighWatermark(log.highWatermark)
}
