// Metrics under Kafka's MBean names. Implemented by `Registry` in registry.ts; Jolokia serves it.

export interface Meter {
  /** `nowMs`: the clock's monotonic time, where the caller has just read it. */
  mark(count?: number, nowMs?: number): void
  readonly count: number
}
export type RateUnit = 'SECONDS' | 'NANOSECONDS'
export interface Histogram {
  update(value: number, nowMs?: number): void
}
/** A meter of how often and a histogram of how long. */
export interface Timer {
  update(durationMs: number): void
}

/**
 * What the attributes of a bean are: one `Value`; those of a meter, a histogram or both; doubles, as all of Kafka's
 * newer metrics; or each of a type of its own.
 */
export type BeanKind = 'gauge' | 'meter' | 'histogram' | 'timer' | 'sensors' | 'plain'

export interface Bean {
  /** Canonical: keys in order of the alphabet. */
  readonly name: string
  readonly kind: BeanKind
  read(): Readonly<Record<string, unknown>>
  /** Changes whenever Count or a percentile may have; left out where that is not known. */
  revision?(): number
  /** Java's types by attribute, where `kind` does not say. */
  readonly types?: Readonly<Record<string, string>>
}

export interface BeanSource {
  /** The key `type` of all its beans. */
  readonly type?: string
  /** All its beans are some partition's. */
  readonly isPerPartition?: boolean
  /** By canonical name; null when it is none of this source's. */
  find(name: string): Bean | null
  beans(): Iterable<Bean>
}

/**
 * Names are full MBean object names, keys in Kafka's order as in mbeans.tsv, e.g.
 * 'kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec,topic=orders'. Asking twice gives the same object.
 */
export interface MetricsRegistry {
  /** Beans that are made when asked for: where there are too many to keep. */
  attach(source: BeanSource): void
  /** With NANOSECONDS it is marked with nanoseconds, and its rates are shares of the time. */
  meter(name: string, eventType: string, unit?: RateUnit): Meter
  histogram(name: string): Histogram
  timer(name: string, eventType: string): Timer
  /** `Value` attribute, read when asked. */
  gauge(name: string, read: () => number | string | boolean): void
  /**
   * Attributes of Kafka's newer metrics (raft-metrics, socket-server-metrics). Several sources may share a name:
   * the bean then has the attributes of all.
   */
  sensors(name: string, read: () => Readonly<Record<string, unknown>>): void
  /** A bean with attributes of types of their own (java.lang:type=Memory). */
  attributes(
    name: string,
    read: () => Readonly<Record<string, unknown>>,
    types?: Readonly<Record<string, string>>,
  ): void
  remove(name: string): void
}
