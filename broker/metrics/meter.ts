// A rate of events: count, mean since the start, and averages that forget over 1, 5 and 15 minutes, in the manner
// of Unix load averages: 5-second ticks, caught up when somebody marks or reads, so that no timer runs.
import type { Clock } from '../runtime/runtime.ts'
import type { Meter } from './types.ts'

const TICK_MS = 5000
const MINUTES = [1, 5, 15] as const
const ALPHAS = MINUTES.map((minutes) => 1 - Math.exp(-TICK_MS / 60_000 / minutes))
/** After this many idle ticks every average is nothing. */
const TICKS_UNTIL_ZERO = 12 * 15 * 40

export class EwmaMeter implements Meter {
  readonly #clock: Clock
  readonly #startMs: number
  #lastTickMs: number
  #count = 0
  #uncounted = 0
  #isFirstTick = true
  /** Events per second, one for each of MINUTES. */
  readonly #rates = [0, 0, 0]

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startMs = clock.monotonicMs()
    this.#lastTickMs = this.#startMs
  }

  get count(): number {
    return this.#count
  }

  mark(count = 1, nowMs = this.#clock.monotonicMs()): void {
    this.#tick(nowMs)
    this.#count += count
    this.#uncounted += count
  }

  /** Events per second over the last `minutes`. */
  rate(minutes: 1 | 5 | 15): number {
    this.#tick(this.#clock.monotonicMs())
    return this.#rates[MINUTES.indexOf(minutes)] ?? 0
  }

  /** Events per second since the meter was made. */
  meanRate(): number {
    const elapsedMs = this.#clock.monotonicMs() - this.#startMs
    return this.#count === 0 || elapsedMs <= 0 ? 0 : (this.#count * 1000) / elapsedMs
  }

  #tick(nowMs: number): void {
    let ticks = Math.floor((nowMs - this.#lastTickMs) / TICK_MS)
    if (ticks <= 0) return
    this.#lastTickMs += ticks * TICK_MS
    if (ticks > TICKS_UNTIL_ZERO) {
      this.#rates.fill(0)
      this.#uncounted = 0
      this.#isFirstTick = false
      return
    }
    for (; ticks > 0; ticks--) {
      const instantRate = (this.#uncounted * 1000) / TICK_MS
      this.#uncounted = 0
      for (const [index, alpha] of ALPHAS.entries()) {
        const rate = this.#rates[index] ?? 0
        this.#rates[index] = this.#isFirstTick ? instantRate : rate + alpha * (instantRate - rate)
      }
      this.#isFirstTick = false
    }
  }
}
