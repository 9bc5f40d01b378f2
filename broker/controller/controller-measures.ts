// What the controller measures of itself, kept across its terms. Marked by ControllerNode; read by the broker's beans.
import { Sensor } from '../metrics/sensor.ts'
import type { Histogram, Meter, MetricsRegistry } from '../metrics/types.ts'
import type { Clock } from '../runtime/runtime.ts'
import type { ControllerMeter } from './types.ts'

const STATS = 'kafka.controller:type=ControllerStats,name='

export class ControllerMeasures implements ControllerMeter {
  readonly #clock: Clock
  readonly #busyMs: Sensor
  readonly #queueMs: Histogram
  readonly #processingMs: Histogram
  readonly #uncleanElections: Meter
  readonly #elrElections: Meter
  operationsStarted = 0
  operationsTimedOut = 0
  terms = 0
  sessionsTimedOut = 0

  constructor(metrics: MetricsRegistry, clock: Clock) {
    this.#clock = clock
    this.#busyMs = new Sensor(clock)
    const manager = 'kafka.controller:type=ControllerEventManager,name='
    this.#queueMs = metrics.histogram(`${manager}EventQueueTimeMs`)
    this.#processingMs = metrics.histogram(`${manager}EventQueueProcessingTimeMs`)
    this.#uncleanElections = metrics.meter(`${STATS}UncleanLeaderElectionsPerSec`, 'elections')
    this.#elrElections = metrics.meter(
      `${STATS}ElectionFromEligibleLeaderReplicasPerSec`,
      'elections',
    )
    metrics.gauge(`${manager}AvgIdleRatio`, () => this.idleRatio)
  }

  /** Share of the last half to one minute in which the controller had nothing to do, 0 to 1. */
  get idleRatio(): number {
    return Math.max(0, 1 - this.#busyMs.rate() / 1000)
  }

  measure<Result>(operation: () => Result, dueMs?: number): Result {
    const startedMs = this.#clock.monotonicMs()
    this.#queueMs.update(Math.max(0, startedMs - (dueMs ?? startedMs)), startedMs)
    this.operationsStarted += 1
    try {
      return operation()
    } finally {
      const endedMs = this.#clock.monotonicMs()
      this.#processingMs.update(endedMs - startedMs, endedMs)
      this.#busyMs.record(endedMs - startedMs, endedMs)
    }
  }

  leaderElected(from: 'elr' | 'unclean'): void {
    if (from === 'elr') this.#elrElections.mark()
    else this.#uncleanElections.mark()
  }
}
