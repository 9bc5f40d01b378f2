// Deletes segments the way Apache Kafka does: out of sight at once by renaming, unlinked some time later, so
// that reads under way finish. What a crash leaves renamed is swept when the log is opened again.
import type { Logger, TimerHandle } from '../runtime/runtime.ts'
import type { LogShared } from './log-shared.ts'
import type { Segment } from './segment.ts'

export class SegmentRetirer {
  readonly #shared: LogShared
  readonly #logger: Logger
  readonly #timers = new Set<TimerHandle>()

  constructor(shared: LogShared, logger: Logger) {
    this.#shared = shared
    this.#logger = logger
  }

  /** Renames now, unlinks after `delayMs`. The caller has taken the segment out of its list. */
  async retire(segment: Segment, delayMs: number): Promise<void> {
    await this.putOutOfSight(segment)
    this.unlinkLater(segment, delayMs)
  }

  /** Renames its files; reads go on in them. */
  async putOutOfSight(segment: Segment): Promise<void> {
    this.#shared.indexCache.forget(segment)
    await segment.markDeleted()
  }

  unlinkLater(segment: Segment, delayMs: number): void {
    const timer = this.#shared.runtime.timers.set(delayMs, () => {
      this.#timers.delete(timer)
      segment.unlink().catch((error: unknown) => {
        this.#logger.log('warn', 'Cannot unlink an old segment', { error })
      })
    })
    this.#timers.add(timer)
  }

  /** The log closes: what is left is swept on the next opening. */
  stop(): void {
    for (const timer of this.#timers) this.#shared.runtime.timers.clear(timer)
    this.#timers.clear()
  }
}
