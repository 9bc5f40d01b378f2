// Metrics under Kafka's MBean names. Implemented by `Registry` in registry.ts; Jolokia serves it.

export interface Meter {
  mark(count?: number): void
  readonly count: number
}
export interface Histogram {
  update(value: number): void
}

export interface Bean {
  /** Canonical: keys in order of the alphabet. */
  readonly name: string
  read(): Readonly<Record<string, unknown>>
}

export interface BeanSource {
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
  meter(name: string, eventType: string): Meter
  histogram(name: string): Histogram
  /** `Value` attribute, read when asked. */
  gauge(name: string, read: () => number | string): void
  /** A bean with several attributes (app-info, raft-metrics, java.lang:type=Memory). */
  attributes(name: string, read: () => Readonly<Record<string, unknown>>): void
  remove(name: string): void
}
