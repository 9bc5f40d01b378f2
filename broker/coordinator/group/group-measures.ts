// What the group coordinator measures of itself. Told by the coordinator, its shards and groups; read by
// group-beans.ts.
import { Sensor } from '../../metrics/sensor.ts'
import type { Clock } from '../../runtime/runtime.ts'

const PERCENTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const

export class GroupMeasures {
  readonly #clock: Clock
  readonly #rebalances: Sensor
  readonly #commits: Sensor
  readonly #deletions: Sensor
  readonly #expirations: Sensor
  readonly #loadMs: Sensor
  readonly #lingerMs: Sensor
  readonly #flushMs: Sensor
  readonly #purgatoryMs: Sensor
  failedPartitions = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#rebalances = new Sensor(clock)
    this.#commits = new Sensor(clock)
    this.#deletions = new Sensor(clock)
    this.#expirations = new Sensor(clock)
    this.#loadMs = new Sensor(clock)
    this.#lingerMs = new Sensor(clock, { quantiles: true })
    this.#flushMs = new Sensor(clock, { quantiles: true })
    this.#purgatoryMs = new Sensor(clock, { quantiles: true })
  }

  /** All members are told their assignment. */
  rebalanced(): void {
    this.#rebalances.record()
  }

  /** Offsets, not requests: all those of one request. */
  committed(offsetCount: number): void {
    if (offsetCount > 0) this.#commits.record(offsetCount)
  }

  deleted(offsetCount: number): void {
    if (offsetCount > 0) this.#deletions.record(offsetCount)
  }

  expired(offsetCount: number): void {
    if (offsetCount > 0) this.#expirations.record(offsetCount)
  }

  /** The monotonic time now, for `loaded` and the batches. */
  nowMs(): number {
    return this.#clock.monotonicMs()
  }

  loaded(startedMs: number): void {
    this.#loadMs.record(this.nowMs() - startedMs)
  }

  /** A batch left its queue after `lingerMs`, was in the log after `flushMs` more, committed after `purgatoryMs`. */
  batch(lingerMs: number, flushMs: number, purgatoryMs: number): void {
    this.#purgatoryMs.record(purgatoryMs)
    this.#lingerMs.record(lingerMs)
    this.#flushMs.record(flushMs)
  }

  attributes(): Readonly<Record<string, number>> {
    return {
      'group-completed-rebalance-count': this.#rebalances.count,
      'group-completed-rebalance-rate': this.#rebalances.rate(),
      'offset-commit-count': this.#commits.total,
      'offset-commit-rate': this.#commits.rate(),
      'offset-deletion-count': this.#deletions.total,
      'offset-deletion-rate': this.#deletions.rate(),
      'offset-expiration-count': this.#expirations.total,
      'offset-expiration-rate': this.#expirations.rate(),
      'partition-load-time-avg': this.#loadMs.average(),
      'partition-load-time-max': this.#loadMs.max(),
      'batch-flush-rate': this.#flushMs.frequency(),
      ...distribution('batch-linger-time-ms', this.#lingerMs),
      ...distribution('batch-flush-time-ms', this.#flushMs),
      ...distribution('event-purgatory-time-ms', this.#purgatoryMs),
    }
  }
}

function distribution(name: string, sensor: Sensor): Record<string, number> {
  const max = sensor.max()
  const attributes: Record<string, number> = { [`${name}-max`]: Number.isNaN(max) ? 0 : max }
  for (const [suffix, p] of PERCENTILES) attributes[`${name}-${suffix}`] = sensor.quantile(p)
  return attributes
}
