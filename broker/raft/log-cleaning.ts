// Keeps the metadata log and its snapshots within their bounds: after each new snapshot, and every minute, as time alone
// makes them too old. Owned by RaftNode. A crash in between leaves at most more than was needed.
import type { Log } from '../log/types.ts'
import type { Runtime, TimerHandle } from '../runtime/runtime.ts'
import type { SnapshotStore } from './snapshots.ts'
import { dropOldSnapshots } from './storage.ts'

export interface LogCleaningOptions {
  log: Log
  snapshots: SnapshotStore
  runtime: Runtime
  /** metadata.max.retention.bytes and .ms; -1 unlimited. */
  maxRetentionBytes: number
  maxRetentionMs: number
  /** The log begins at `startOffset` now. */
  moved(startOffset: number): void
  failed(error: unknown): void
}

const INTERVAL_MS = 60_000

export class LogCleaning {
  readonly #options: LogCleaningOptions
  #timer: TimerHandle | null = null
  #last: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: LogCleaningOptions) {
    this.#options = options
    this.#arm()
  }

  /** One after the other; resolves when done. */
  clean(): Promise<void> {
    this.#last = this.#last.then(() => this.#cleanNow())
    return this.#last
  }

  /** Resolves once nothing is being removed any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#options.runtime.timers.clear(this.#timer)
    await this.#last
  }

  #arm(): void {
    this.#timer = this.#options.runtime.timers.set(INTERVAL_MS, () => {
      this.clean().then(() => {
        if (!this.#isClosed) this.#arm()
      }, this.#options.failed)
    })
  }

  async #cleanNow(): Promise<void> {
    if (this.#isClosed) return
    const { log, snapshots, runtime, maxRetentionBytes, maxRetentionMs, moved } = this.#options
    const startOffset = await dropOldSnapshots(log, snapshots, {
      maxBytes: maxRetentionBytes,
      maxAgeMs: maxRetentionMs,
      nowMs: runtime.clock.nowMs(),
    })
    if (startOffset !== null) moved(startOffset)
  }
}
