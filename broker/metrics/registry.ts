// Metrics under Kafka's MBean names, with the attributes Kafka's own beans have. Everything marks or updates here;
// Jolokia reads. In memory only: counts begin at 0 with the process, as Kafka's do.
import type { Clock, Random } from '../runtime/runtime.ts'
import { DecayingHistogram } from './histogram.ts'
import { EwmaMeter } from './meter.ts'
import { canonicalName } from './object-name.ts'
import type { Bean, BeanSource, Histogram, Meter, MetricsRegistry } from './types.ts'

export type BeanAttributes = Readonly<Record<string, unknown>>

export type { Bean } from './types.ts'

type Metric = EwmaMeter | DecayingHistogram | null

export class Registry implements MetricsRegistry {
  readonly #clock: Clock
  readonly #random: Random
  readonly #beans = new Map<string, { bean: Bean; metric: Metric }>()
  readonly #sources: BeanSource[] = []
  /** Spellings met so far, so that a hot path pays one lookup. */
  readonly #canonicalNames = new Map<string, string>()

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock
    this.#random = options.random
  }

  meter(name: string, eventType: string): Meter {
    const canonical = this.#canonical(name)
    const known = this.#beans.get(canonical)?.metric
    if (known instanceof EwmaMeter) return known
    const meter = new EwmaMeter(this.#clock)
    const read = () => ({
      Count: meter.count,
      EventType: eventType,
      FifteenMinuteRate: meter.rate(15),
      FiveMinuteRate: meter.rate(5),
      MeanRate: meter.meanRate(),
      OneMinuteRate: meter.rate(1),
      RateUnit: 'SECONDS',
    })
    this.#beans.set(canonical, { bean: { name: canonical, read }, metric: meter })
    return meter
  }

  histogram(name: string): Histogram {
    const canonical = this.#canonical(name)
    const known = this.#beans.get(canonical)?.metric
    if (known instanceof DecayingHistogram) return known
    const histogram = new DecayingHistogram(this.#clock, this.#random)
    const bean = { name: canonical, read: () => histogram.snapshot() }
    this.#beans.set(canonical, { bean, metric: histogram })
    return histogram
  }

  gauge(name: string, read: () => number | string): void {
    this.attributes(name, () => ({ Value: read() }))
  }

  attributes(name: string, read: () => BeanAttributes): void {
    const canonical = this.#canonical(name)
    this.#beans.set(canonical, { bean: { name: canonical, read }, metric: null })
  }

  attach(source: BeanSource): void {
    this.#sources.push(source)
  }

  remove(name: string): void {
    this.#beans.delete(this.#canonical(name))
    this.#canonicalNames.delete(name)
  }

  /** Any order of keys; null when there is none. */
  find(name: string): Bean | null {
    const canonical = canonicalName(name)
    const known = this.#beans.get(canonical)
    if (known !== undefined) return known.bean
    for (const source of this.#sources) {
      const bean = source.find(canonical)
      if (bean !== null) return bean
    }
    return null
  }

  *beans(): Iterable<Bean> {
    for (const { bean } of this.#beans.values()) yield bean
    for (const source of this.#sources) yield* source.beans()
  }

  #canonical(name: string): string {
    let canonical = this.#canonicalNames.get(name)
    if (canonical === undefined) {
      canonical = canonicalName(name)
      this.#canonicalNames.set(name, canonical)
    }
    return canonical
  }
}
