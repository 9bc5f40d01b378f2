// BrokerTopicMetrics under Kafka's names, per topic and over all of them. Owned by the replica manager; a
// topic's beans go when this broker holds none of its partitions any more.
import type { Meter, MetricsRegistry } from '../metrics/types.ts'

const TYPE = 'kafka.server:type=BrokerTopicMetrics'

const eventTypes = {
  MessagesInPerSec: 'messages',
  BytesInPerSec: 'bytes',
  BytesOutPerSec: 'bytes',
  BytesRejectedPerSec: 'bytes',
  FailedProduceRequestsPerSec: 'requests',
  FailedFetchRequestsPerSec: 'requests',
  TotalProduceRequestsPerSec: 'requests',
  TotalFetchRequestsPerSec: 'requests',
  ReplicationBytesInPerSec: 'bytes',
  ReplicationBytesOutPerSec: 'bytes',
  ReassignmentBytesInPerSec: 'bytes',
  ReassignmentBytesOutPerSec: 'bytes',
  InvalidMessageCrcRecordsPerSec: 'requests',
  InvalidMagicNumberRecordsPerSec: 'requests',
  InvalidOffsetOrSequenceRecordsPerSec: 'requests',
  NoKeyCompactedTopicRecordsPerSec: 'requests',
  ProduceMessageConversionsPerSec: 'requests',
  FetchMessageConversionsPerSec: 'requests',
} as const

export type TopicMeterName = keyof typeof eventTypes

/** Kept over all topics only. */
const brokerWideOnly: ReadonlySet<string> = new Set([
  'ReplicationBytesInPerSec',
  'ReplicationBytesOutPerSec',
  'ReassignmentBytesInPerSec',
  'ReassignmentBytesOutPerSec',
])

/** Meters of one topic, made when first marked; each mark counts for all topics too. */
export class TopicStats {
  readonly topic: string
  readonly #metrics: MetricsRegistry
  readonly #all: BrokerStats
  readonly #meters = new Map<TopicMeterName, Meter>()

  constructor(topic: string, metrics: MetricsRegistry, all: BrokerStats) {
    this.topic = topic
    this.#metrics = metrics
    this.#all = all
  }

  mark(name: TopicMeterName, count = 1): void {
    this.#all.mark(name, count)
    if (brokerWideOnly.has(name)) return
    let meter = this.#meters.get(name)
    if (meter === undefined) {
      meter = this.#metrics.meter(`${TYPE},name=${name},topic=${this.topic}`, eventTypes[name])
      this.#meters.set(name, meter)
    }
    meter.mark(count)
  }

  remove(): void {
    for (const name of this.#meters.keys()) {
      this.#metrics.remove(`${TYPE},name=${name},topic=${this.topic}`)
    }
    this.#meters.clear()
  }
}

/** The meters over all topics; they exist from the start, as in Kafka. */
export class BrokerStats {
  readonly #metrics: MetricsRegistry
  readonly #meters: Readonly<Record<TopicMeterName, Meter>>
  readonly #topics = new Map<string, TopicStats>()

  constructor(metrics: MetricsRegistry) {
    this.#metrics = metrics
    const names = Object.keys(eventTypes) as TopicMeterName[]
    const entries = names.map((name) => [
      name,
      metrics.meter(`${TYPE},name=${name}`, eventTypes[name]),
    ])
    // Safe because every key of eventTypes has an entry.
    this.#meters = Object.fromEntries(entries) as Record<TopicMeterName, Meter>
  }

  mark(name: TopicMeterName, count = 1): void {
    this.#meters[name].mark(count)
  }

  topic(name: string): TopicStats {
    let stats = this.#topics.get(name)
    if (stats === undefined) {
      stats = new TopicStats(name, this.#metrics, this)
      this.#topics.set(name, stats)
    }
    return stats
  }

  removeTopic(name: string): void {
    this.#topics.get(name)?.remove()
    this.#topics.delete(name)
  }
}
