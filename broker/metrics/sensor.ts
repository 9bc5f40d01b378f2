// Rates, averages, maxima and percentiles as Kafka's newer metrics have them: over the last two windows of 30 s.
// What is older counts in `total` and `count` only. In memory; the clock is asked when something is recorded or read.
import type { Clock } from '../runtime/runtime.ts'

const WINDOW_MS = 30_000
const WINDOWS = 2

interface Sample {
  startMs: number
  count: number
  sum: number
  max: number
  values: Quantiles | null
}

export class Sensor {
  readonly #clock: Clock
  readonly #hasQuantiles: boolean
  /** Newest last, at most WINDOWS. */
  #samples: Sample[] = []
  #count = 0
  #total = 0

  /** With `quantiles`, values in [0, 2^24) are kept to within 2 %. */
  constructor(clock: Clock, options: { quantiles?: boolean } = {}) {
    this.#clock = clock
    this.#hasQuantiles = options.quantiles ?? false
  }

  /** How often something was recorded since the start. */
  get count(): number {
    return this.#count
  }

  /** The sum of what was recorded since the start. */
  get total(): number {
    return this.#total
  }

  /** `nowMs`: the clock's monotonic time, where the caller has just read it. */
  record(value = 1, nowMs = this.#clock.monotonicMs()): void {
    this.#count += 1
    this.#total += value
    const sample = this.#current(nowMs)
    sample.count += 1
    sample.sum += value
    if (value > sample.max) sample.max = value
    sample.values?.add(value)
  }

  /** Sum of the values per second. */
  rate(): number {
    return this.#perSecond(({ sum }) => sum)
  }

  /** Recordings per second. */
  frequency(): number {
    return this.#perSecond(({ count }) => count)
  }

  /** NaN when nothing was recorded lately, as in Kafka. */
  average(): number {
    let count = 0
    let sum = 0
    for (const sample of this.#recent()) {
      count += sample.count
      sum += sample.sum
    }
    return count === 0 ? Number.NaN : sum / count
  }

  /** NaN when nothing was recorded lately, as in Kafka. */
  max(): number {
    let max = Number.NaN
    for (const sample of this.#recent()) {
      if (sample.count > 0 && !(sample.max <= max)) max = sample.max
    }
    return max
  }

  /** `p` in (0, 1]; 0 when nothing was recorded lately. */
  quantile(p: number): number {
    const recent = this.#recent().flatMap(({ values }) => (values === null ? [] : [values]))
    return quantileOf(recent, p)
  }

  #current(nowMs: number): Sample {
    const newest = this.#samples.at(-1)
    if (newest !== undefined && nowMs - newest.startMs < WINDOW_MS) return newest
    const values = this.#hasQuantiles ? new Quantiles() : null
    const sample = { startMs: nowMs, count: 0, sum: 0, max: Number.NEGATIVE_INFINITY, values }
    this.#samples.push(sample)
    if (this.#samples.length > WINDOWS) this.#samples.shift()
    return sample
  }

  #recent(): readonly Sample[] {
    const nowMs = this.#clock.monotonicMs()
    const [oldest] = this.#samples
    if (oldest !== undefined && nowMs - oldest.startMs >= WINDOWS * WINDOW_MS) {
      this.#samples = this.#samples.filter(({ startMs }) => nowMs - startMs < WINDOWS * WINDOW_MS)
    }
    return this.#samples
  }

  /** Over the time since the oldest sample began, but over one whole window at least. */
  #perSecond(of: (sample: Sample) => number): number {
    const recent = this.#recent()
    const [oldest] = recent
    if (oldest === undefined) return 0
    const elapsedMs = Math.max(WINDOW_MS, this.#clock.monotonicMs() - oldest.startMs)
    let sum = 0
    for (const sample of recent) sum += of(sample)
    return (sum * 1000) / elapsedMs
  }
}

/** Below this each whole number has a bucket; above it 64 share each doubling. */
const EXACT = 64
const DOUBLINGS = 18

class Quantiles {
  readonly counts = new Uint32Array(EXACT * (DOUBLINGS + 1))
  count = 0

  add(value: number): void {
    const bucket = bucketOf(value)
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.count += 1
  }
}

function bucketOf(value: number): number {
  if (!(value >= EXACT)) return Math.max(0, Math.floor(value))
  const doubling = Math.min(DOUBLINGS - 1, Math.floor(Math.log2(value / EXACT)))
  const within = Math.min(EXACT - 1, Math.floor((value / (EXACT * 2 ** doubling) - 1) * EXACT))
  return EXACT * (doubling + 1) + within
}

function bucketStart(bucket: number): number {
  if (bucket < EXACT) return bucket
  const doubling = Math.floor(bucket / EXACT) - 1
  return EXACT * 2 ** doubling * (1 + (bucket % EXACT) / EXACT)
}

function quantileOf(parts: readonly Quantiles[], p: number): number {
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  let left = Math.ceil(total * p)
  if (left === 0) return 0
  for (let bucket = 0; bucket < EXACT * (DOUBLINGS + 1); bucket++) {
    for (const { counts } of parts) left -= counts[bucket] ?? 0
    if (left <= 0) return bucketStart(bucket)
  }
  return bucketStart(EXACT * (DOUBLINGS + 1) - 1)
}
