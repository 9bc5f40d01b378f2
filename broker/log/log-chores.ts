// What is done to all logs of a broker now and then: retention, checkpoints, flush.ms, forgetting idle producers.
// Owned by LogManager, one log after another, leaving the event loop to others. A crash costs nothing: all of it
// is done again.
import type { Runtime, TimerHandle } from '../runtime/runtime.ts'
import { isDiskError } from './disk-errors.ts'
import type { PartitionLog } from './partition-log.ts'

/** After so many logs a background task lets others run. */
const LOGS_PER_TURN = 50

export interface LogChoresSettings {
  /** log.retention.check.interval.ms */
  retentionCheckIntervalMs: number
  /** log.flush.offset.checkpoint.interval.ms */
  checkpointIntervalMs: number
  /** log.flush.start.offset.checkpoint.interval.ms */
  startOffsetCheckpointIntervalMs: number
  /** replica.high.watermark.checkpoint.interval.ms; nothing above 0: only when it stops. */
  highWatermarkCheckpointIntervalMs: number
  /** log.flush.scheduler.interval.ms: how often flush.ms is looked at. */
  flushCheckIntervalMs: number
  /** producer.id.expiration.ms */
  producerIdExpirationMs: number
  /** producer.id.expiration.check.interval.ms */
  producerIdCheckIntervalMs: number
  /** log.initial.task.delay.ms: before the first look at retention. */
  initialTaskDelayMs: number
}

/** What is written down of all logs of a directory at once. */
export type Checkpoint = 'recovery points' | 'log starts' | 'high watermarks'

interface Owner {
  all(): Iterable<PartitionLog>
  checkpoint(what: Checkpoint): Promise<void>
}

export class LogChores {
  readonly #runtime: Runtime
  readonly #owner: Owner
  readonly #timers = new Set<TimerHandle>()
  /** Overrides what `start` was given; null until then. */
  producerIdExpirationMs: number | null = null
  #isStopped = false

  constructor(runtime: Runtime, owner: Owner) {
    this.#runtime = runtime
    this.#owner = owner
  }

  start(settings: LogChoresSettings): void {
    const { clock } = this.#runtime
    this.#every(settings.retentionCheckIntervalMs, settings.initialTaskDelayMs, () =>
      this.#forEachLog((log) => log.applyRetention(clock.nowMs())),
    )
    this.#every(settings.checkpointIntervalMs, settings.checkpointIntervalMs, async () => {
      await this.#forEachLog((log) => log.saveIndexes())
      await this.#owner.checkpoint('recovery points')
    })
    const startsMs = settings.startOffsetCheckpointIntervalMs
    this.#every(startsMs, startsMs, () => this.#owner.checkpoint('log starts'))
    const watermarksMs = settings.highWatermarkCheckpointIntervalMs
    if (watermarksMs > 0) {
      this.#every(watermarksMs, watermarksMs, () => this.#owner.checkpoint('high watermarks'))
    }
    const flushMs = settings.flushCheckIntervalMs
    if (flushMs < Number.MAX_SAFE_INTEGER) this.#every(flushMs, flushMs, () => this.#flushDue())
    const expireMs = settings.producerIdCheckIntervalMs
    this.#every(expireMs, expireMs, async () => {
      const beforeMs =
        clock.nowMs() - (this.producerIdExpirationMs ?? settings.producerIdExpirationMs)
      await this.#forEachLog(async (log) => log.expireProducers(beforeMs))
    })
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers) this.#runtime.timers.clear(timer)
    this.#timers.clear()
  }

  /** Runs `task` once, unless stopped before; a failure is told in the log. */
  after(delayMs: number, task: () => Promise<unknown>): void {
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
        if (!this.#isStopped) this.after(intervalMs, run)
      }
    }
    this.after(Math.min(firstMs, intervalMs), run)
  }

  /** Offline logs are passed over; a disk that fails takes its log offline. */
  async #forEachLog(task: (log: PartitionLog) => Promise<unknown>): Promise<void> {
    let count = 0
    for (const log of [...this.#owner.all()]) {
      if (this.#isStopped) return
      if (log.failure !== null || log.isClosed) continue
      if (++count % LOGS_PER_TURN === 0) {
        await new Promise<void>((resolve) => this.#runtime.timers.immediate(resolve))
      }
      try {
        await task(log)
      } catch (error) {
        if (isDiskError(error) && !log.isClosed) log.takeOffline(error)
        const name = `${log.topic}-${log.partition}`
        this.#runtime.logger.log('warn', 'A background task of a log failed', { log: name, error })
      }
    }
  }

  async #flushDue(): Promise<void> {
    const nowMs = this.#runtime.clock.nowMs()
    await this.#forEachLog(async (log) => {
      if (nowMs - log.flushedAtMs >= log.config.flushMs) await log.flush()
    })
  }
}
