// Memory for reads of log files, used again and again: a fresh megabyte a fetch keeps the garbage collector busier
// than all other work of serving it. One pool a broker, in LogShared. It holds only what is free; a buffer that
// is never given back is the garbage collector's, as any other.
import type { Timers } from '../runtime/runtime.ts'

const SMALLEST_BYTES = 64 * 1024
const CLASSES = 5
/** Room for what is read before the batch that was asked for; see log-reader.ts. */
const SLACK_BYTES = 16 * 1024
/** Smaller reads are cheap to allocate; larger ones are rare. */
const POOLED_BYTES_MIN = 16 * 1024
const DEFAULT_FREE_BYTES_MAX = 16 * 1024 * 1024
const SHRINK_INTERVAL_MS = 2000

/** Bytes that were read, in memory that is used again after `release`. */
export interface ReadBuffer {
  readonly bytes: Buffer
  /** Idempotent. Nothing may look at `bytes` afterwards. */
  release(): void
}

interface SizeClass {
  readonly sizeBytes: number
  readonly free: Buffer[]
  /** Fewest that were free since the pool was looked through. */
  leastFree: number
}

const nothing = () => undefined

export class ReadBuffers {
  readonly #timers: Timers
  readonly #freeBytesMax: number
  readonly #classes: readonly SizeClass[]
  #freeBytes = 0
  #isTimerSet = false

  constructor(timers: Timers, freeBytesMax = DEFAULT_FREE_BYTES_MAX) {
    this.#timers = timers
    this.#freeBytesMax = freeBytesMax
    this.#classes = Array.from({ length: CLASSES }, (_, index) => ({
      sizeBytes: SMALLEST_BYTES * 2 ** index + SLACK_BYTES,
      free: [],
      leastFree: 0,
    }))
  }

  /** Memory held for reads to come; at most `freeBytesMax`, nothing soon after reads have ended. */
  get freeBytes(): number {
    return this.#freeBytes
  }

  /** Memory of `sizeBytes`, with whatever was in it before. */
  take(sizeBytes: number): ReadBuffer {
    const fitting =
      sizeBytes < POOLED_BYTES_MIN
        ? undefined
        : this.#classes.find((sizeClass) => sizeBytes <= sizeClass.sizeBytes)
    if (fitting === undefined) {
      return { bytes: Buffer.allocUnsafeSlow(sizeBytes), release: nothing }
    }
    const whole = this.#takeOf(fitting)
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      this.#give(fitting, whole)
    }
    return { bytes: whole.subarray(0, sizeBytes), release }
  }

  #takeOf(sizeClass: SizeClass): Buffer {
    const known = sizeClass.free.pop()
    if (known === undefined) return Buffer.allocUnsafeSlow(sizeClass.sizeBytes)
    this.#freeBytes -= known.length
    sizeClass.leastFree = Math.min(sizeClass.leastFree, sizeClass.free.length)
    return known
  }

  #give(sizeClass: SizeClass, whole: Buffer): void {
    if (this.#freeBytes + whole.length > this.#freeBytesMax) return
    sizeClass.free.push(whole)
    this.#freeBytes += whole.length
    if (this.#isTimerSet) return
    this.#isTimerSet = true
    this.#timers.set(SHRINK_INTERVAL_MS, () => this.#shrink())
  }

  /** Drops what no read needed since the last look. */
  #shrink(): void {
    for (const sizeClass of this.#classes) {
      sizeClass.free.splice(0, sizeClass.leastFree)
      this.#freeBytes -= sizeClass.leastFree * sizeClass.sizeBytes
      sizeClass.leastFree = sizeClass.free.length
    }
    this.#isTimerSet = this.#freeBytes > 0
    if (this.#isTimerSet) this.#timers.set(SHRINK_INTERVAL_MS, () => this.#shrink())
  }
}
