// Holds a cleaning to its rate: whoever reads or writes tells how much, and waits when that was too much too soon.
// Asks now and then whether to stop. In a worker; holds nothing durable.
import type { Clock, Timers } from '../../runtime/runtime.ts'
import type { CleanControl } from './clean-plan.ts'

/** What was not used in such a time is not saved up. */
const WINDOW_MS = 1000

export class Pace {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #control: CleanControl
  /** Bytes are gathered up to this many before the clock is asked. */
  readonly #stepBytes: number
  #unpaidBytes = 0
  #rate = 0
  #sinceMs = 0
  #bytes = 0

  constructor(context: { clock: Clock; timers: Timers }, control: CleanControl, stepBytes: number) {
    this.#clock = context.clock
    this.#timers = context.timers
    this.#control = control
    this.#stepBytes = stepBytes
  }

  /** Null when there is nothing to wait for; rejects (or throws) with code CLEAN_ABORTED when told to stop. */
  spend(bytes: number): Promise<void> | null {
    this.#unpaidBytes += bytes
    return this.#unpaidBytes < this.#stepBytes ? null : this.settle()
  }

  /** What was spent since the last time is waited for. */
  async settle(): Promise<void> {
    this.#control.check()
    this.#startAnew()
    this.#bytes += this.#unpaidBytes
    this.#unpaidBytes = 0
    for (;;) {
      const rate = this.#control.bytesPerSecond
      const aheadMs = (this.#bytes / rate) * 1000 - (this.#clock.monotonicMs() - this.#sinceMs)
      if (aheadMs < 1) return
      await new Promise<void>((resolve) => this.#timers.set(Math.min(aheadMs, WINDOW_MS), resolve))
      this.#control.check()
    }
  }

  #startAnew(): void {
    const nowMs = this.#clock.monotonicMs()
    const rate = this.#control.bytesPerSecond
    if (rate === this.#rate && nowMs - this.#sinceMs < WINDOW_MS) return
    this.#rate = rate
    this.#sinceMs = nowMs
    this.#bytes = 0
  }
}
