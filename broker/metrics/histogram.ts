// A distribution that favours the last five minutes: a sample of 1,028 values in which a value's chance to stay
// falls with its age (forward decay, Cormode et al. 2009), as Kafka's histograms have it.
import type { Clock } from '../runtime/runtime.ts'
import type { Histogram } from './types.ts'

const SAMPLE_SIZE = 1028
const ALPHA_PER_SECOND = 0.015
/** Weights grow with time; before they overflow, all are scaled down. */
const RESCALE_MS = 3_600_000

export class DecayingHistogram implements Histogram {
  readonly #clock: Clock
  #randomState: number
  /** A binary heap by priority, smallest first; values beside it. Grows up to SAMPLE_SIZE. */
  #priorities: number[] = []
  #values: number[] = []
  /** The values in order, until one is added or replaced: scrapes read them far more often than idle APIs change. */
  #sorted: Float64Array | null = null
  /** As it was last read, until something is seen. */
  #snapshot: Readonly<Record<string, number>> | null = null
  #epochMs: number
  #weightSecond = -1
  #secondsWeight = 1
  #count = 0
  #sum = 0
  #min = 0
  #max = 0
  #mean = 0
  /** Sum of squared distances from the mean (Welford). */
  #squares = 0

  /** `seed`: not 0. */
  constructor(clock: Clock, seed: number) {
    this.#clock = clock
    this.#randomState = seed
    this.#epochMs = clock.monotonicMs()
  }

  get count(): number {
    return this.#count
  }

  update(value: number, nowMs = this.#clock.monotonicMs()): void {
    this.#snapshot = null
    this.#count += 1
    this.#sum += value
    if (this.#count === 1 || value < this.#min) this.#min = value
    if (this.#count === 1 || value > this.#max) this.#max = value
    const distance = value - this.#mean
    this.#mean += distance / this.#count
    this.#squares += distance * (value - this.#mean)
    if (nowMs - this.#epochMs > RESCALE_MS) this.#rescale(nowMs)
    const priority = this.#weight(nowMs) / (1 - this.#nextRandom())
    if (this.#values.length < SAMPLE_SIZE) this.#push(priority, value)
    else if (priority > (this.#priorities[0] ?? 0)) this.#replaceSmallest(priority, value)
  }

  /** `p` in [0, 1]; 0 when nothing was seen. */
  percentile(p: number): number {
    return percentileOf(this.#inOrder(), p)
  }

  /** Attributes as Kafka's histogram beans have them. */
  snapshot(): Readonly<Record<string, number>> {
    this.#snapshot ??= this.#read()
    return this.#snapshot
  }

  #read(): Readonly<Record<string, number>> {
    const sorted = this.#inOrder()
    return {
      '50thPercentile': percentileOf(sorted, 0.5),
      '75thPercentile': percentileOf(sorted, 0.75),
      '95thPercentile': percentileOf(sorted, 0.95),
      '98thPercentile': percentileOf(sorted, 0.98),
      '99thPercentile': percentileOf(sorted, 0.99),
      '999thPercentile': percentileOf(sorted, 0.999),
      Count: this.#count,
      Max: this.#max,
      Mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      Min: this.#min,
      StdDev: this.#count < 2 ? 0 : Math.sqrt(this.#squares / (this.#count - 1)),
    }
  }

  #inOrder(): Float64Array {
    this.#sorted ??= Float64Array.from(this.#values).sort()
    return this.#sorted
  }

  /** Uniform in [0, 1) (xorshift32); of its own, so that what is measured never changes what is done. */
  #nextRandom(): number {
    let state = this.#randomState
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#randomState = state
    return (state >>> 0) / 0x1_0000_0000
  }

  /** The same for all values of one second, as in Kafka. */
  #weight(nowMs: number): number {
    const second = Math.floor((nowMs - this.#epochMs) / 1000)
    if (second !== this.#weightSecond) {
      this.#weightSecond = second
      this.#secondsWeight = Math.exp(ALPHA_PER_SECOND * second)
    }
    return this.#secondsWeight
  }

  #rescale(nowMs: number): void {
    const factor = Math.exp((-ALPHA_PER_SECOND * (nowMs - this.#epochMs)) / 1000)
    this.#priorities = this.#priorities.map((priority) => priority * factor)
    this.#epochMs = nowMs
    this.#weightSecond = -1
  }

  #push(priority: number, value: number): void {
    const priorities = this.#priorities
    let index = priorities.length
    priorities.push(priority)
    this.#values.push(value)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if ((priorities[parent] as number) <= priority) break
      this.#move(parent, index)
      index = parent
    }
    this.#put(index, priority, value)
  }

  #replaceSmallest(priority: number, value: number): void {
    const priorities = this.#priorities
    const size = priorities.length
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= size) break
      const right = child + 1
      if (right < size && (priorities[right] as number) < (priorities[child] as number)) {
        child = right
      }
      if ((priorities[child] as number) >= priority) break
      this.#move(child, index)
      index = child
    }
    this.#put(index, priority, value)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#priorities[from] as number, this.#values[from] as number)
  }

  #put(index: number, priority: number, value: number): void {
    this.#sorted = null
    this.#priorities[index] = priority
    this.#values[index] = value
  }
}

function percentileOf(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return 0
  const position = p * (sorted.length + 1)
  const index = Math.floor(position)
  if (index < 1) return sorted[0] ?? 0
  if (index >= sorted.length) return sorted[sorted.length - 1] ?? 0
  const lower = sorted[index - 1] ?? 0
  return lower + (position - index) * ((sorted[index] ?? lower) - lower)
}
