// By how much the event loop is late, for the metrics; owned by NodeProcess.
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

const NS_PER_MS = 1e6
/** The delay is sampled by a timer of this period, which is part of what it measures. */
const SAMPLE_PERIOD_MS = 50
const WINDOW_MS = 10_000

export interface LoopDelay {
  readonly min: number
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What is asked of one that Node makes, in nanoseconds. */
export type DelayHistogram = Pick<
  IntervalHistogram,
  'count' | 'min' | 'mean' | 'max' | 'percentile' | 'reset' | 'enable' | 'disable'
>

const monitorLoop = (): DelayHistogram => monitorEventLoopDelay({ resolution: SAMPLE_PERIOD_MS })

/**
 * By how much the event loop was late, over the last ten seconds at least and back to the last reading but one at most:
 * two histograms begin anew in turns, and the longer one answers, so that no reader takes away what another has not seen.
 */
export class LoopDelayWindows {
  readonly #nowMs: () => number
  #older: DelayHistogram
  #younger: DelayHistogram
  #youngerFromMs: number

  constructor(nowMs: () => number, monitor: () => DelayHistogram = monitorLoop) {
    this.#nowMs = nowMs
    this.#older = monitor()
    this.#younger = monitor()
    for (const one of [this.#older, this.#younger]) one.enable()
    this.#youngerFromMs = nowMs()
  }

  /** In milliseconds; zeros before the first sample. */
  figures(): LoopDelay {
    const nowMs = this.#nowMs()
    if (nowMs - this.#youngerFromMs >= WINDOW_MS) {
      this.#older.reset()
      const longer = this.#younger
      this.#younger = this.#older
      this.#older = longer
      this.#youngerFromMs = nowMs
    }
    const delay = this.#older
    if (delay.count === 0) return { min: 0, mean: 0, p50: 0, p99: 0, max: 0 }
    return {
      min: lateMs(delay.min),
      mean: lateMs(delay.mean),
      p50: lateMs(delay.percentile(50)),
      p99: lateMs(delay.percentile(99)),
      max: lateMs(delay.max),
    }
  }

  close(): void {
    for (const one of [this.#older, this.#younger]) one.disable()
  }
}

function lateMs(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns / NS_PER_MS - SAMPLE_PERIOD_MS) : 0
}
