// What sequential readers of log files will ask for next, read while they look at what they have. Bounded for the
// whole broker, and dropped when nobody comes for it. One registry a broker, in LogShared.
import type { Timers } from '../runtime/runtime.ts'
import type { ReadBuffer } from './read-buffers.ts'

/** Of about a megabyte each. */
const READ_AHEADS_MAX = 16
const DROP_INTERVAL_MS = 1000

export class ReadAhead {
  readonly sizeBytes: number
  readonly #reading: Promise<ReadBuffer | null>
  readonly #registry: ReadAheads

  constructor(registry: ReadAheads, sizeBytes: number, reading: Promise<ReadBuffer>) {
    this.#registry = registry
    this.sizeBytes = sizeBytes
    // A failure is met, and told, by the read that asks for the same bytes again.
    this.#reading = reading.catch(() => null)
  }

  /** The bytes; null when they were dropped or could not be read. The buffer is the caller's. */
  take(): Promise<ReadBuffer | null> | null {
    return this.#registry.remove(this) ? this.#reading : null
  }

  drop(): void {
    if (this.#registry.remove(this)) void this.#reading.then((buffer) => buffer?.release())
  }
}

export class ReadAheads {
  readonly #timers: Timers
  /** Oldest first; true: it was there when the timer came by before. */
  readonly #waiting = new Map<ReadAhead, boolean>()
  #isTimerSet = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Those that wait go first: dropped for others, they would have been read for nothing. */
  get isFull(): boolean {
    return this.#waiting.size >= READ_AHEADS_MAX
  }

  /** Not when it is full. */
  add(sizeBytes: number, reading: Promise<ReadBuffer>): ReadAhead {
    const ahead = new ReadAhead(this, sizeBytes, reading)
    this.#waiting.set(ahead, false)
    if (!this.#isTimerSet) this.#setTimer()
    return ahead
  }

  /** False when it was taken or dropped before. */
  remove(ahead: ReadAhead): boolean {
    return this.#waiting.delete(ahead)
  }

  #setTimer(): void {
    this.#isTimerSet = true
    this.#timers.set(DROP_INTERVAL_MS, () => {
      for (const [ahead, isOld] of this.#waiting) {
        if (isOld) ahead.drop()
        else this.#waiting.set(ahead, true)
      }
      this.#isTimerSet = false
      if (this.#waiting.size > 0) this.#setTimer()
    })
  }
}
