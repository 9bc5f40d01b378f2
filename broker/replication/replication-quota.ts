// Throttled replication: how many bytes a second the throttled replicas of this broker may send (leader) and fetch
// (follower), from the dynamic settings that kafka-reassign-partitions.sh --throttle writes. Owned by ReplicaManager;
// the fetch path and the fetchers ask. Nothing of it survives a crash but the settings.
import type { TopicPartition } from '../log/types.ts'
import { configKey } from '../metadata/image.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { MetricsRegistry } from '../metrics/types.ts'
import type { Clock } from '../runtime/runtime.ts'

export interface ReplicationQuotaSettings {
  /** replication.quota.window.num, at least 1. */
  quotaWindowCount: number
  /** replication.quota.window.size.seconds, in milliseconds. */
  quotaWindowMs: number
}

/** Kafka's defaults. */
export const defaultReplicationQuotaSettings: ReplicationQuotaSettings = {
  quotaWindowCount: 11,
  quotaWindowMs: 1000,
}

const TOPIC = 2
const BROKER = 4

/** Bytes of the last windows over the time since the oldest of them began, which counts as one window at least. */
class WindowedRate {
  readonly #settings: ReplicationQuotaSettings
  readonly #clock: Clock
  /** Oldest first, at most `quotaWindowCount` + 1. */
  readonly #windows: { startMs: number; bytes: number }[] = []

  constructor(settings: ReplicationQuotaSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  record(bytes: number): void {
    const nowMs = this.#clock.monotonicMs()
    this.#purge(nowMs)
    const last = this.#windows.at(-1)
    if (last !== undefined && nowMs - last.startMs < this.#settings.quotaWindowMs) {
      last.bytes += bytes
    } else {
      this.#windows.push({ startMs: nowMs, bytes })
    }
  }

  bytesPerSecond(): number {
    const nowMs = this.#clock.monotonicMs()
    this.#purge(nowMs)
    const [oldest] = this.#windows
    if (oldest === undefined) return 0
    const elapsedMs = Math.max(nowMs - oldest.startMs, this.#settings.quotaWindowMs)
    let bytes = 0
    for (const window of this.#windows) bytes += window.bytes
    return (bytes * 1000) / elapsedMs
  }

  #purge(nowMs: number): void {
    const { quotaWindowCount, quotaWindowMs } = this.#settings
    const expireAgeMs = quotaWindowCount * quotaWindowMs
    const kept = this.#windows.findIndex(({ startMs }) => nowMs - startMs < expireAgeMs)
    this.#windows.splice(0, kept < 0 ? this.#windows.length : kept)
  }
}

/** One direction: which replicas are throttled, and whether they have had their share. */
export class ReplicationQuota {
  readonly #rate: WindowedRate
  /** Partitions of a topic whose replica here is throttled. */
  readonly #throttled = new Map<string, ReadonlySet<number> | 'all'>()
  #limit = Number.POSITIVE_INFINITY

  constructor(settings: ReplicationQuotaSettings, clock: Clock) {
    this.#rate = new WindowedRate(settings, clock)
  }

  isThrottled({ topic, partition }: TopicPartition): boolean {
    if (this.#throttled.size === 0) return false
    const partitions = this.#throttled.get(topic)
    return partitions === 'all' || partitions?.has(partition) === true
  }

  /** Whether more came through than the limit allows; what is recorded is never refused. */
  isExceeded(): boolean {
    return this.#limit !== Number.POSITIVE_INFINITY && this.#rate.bytesPerSecond() > this.#limit
  }

  /** Counts what a throttled replica was sent or has fetched; in-sync ones count too. */
  record(bytes: number): void {
    this.#rate.record(bytes)
  }

  bytesPerSecond(): number {
    return this.#rate.bytesPerSecond()
  }

  /** Infinity: no limit. */
  setLimit(bytesPerSecond: number): void {
    this.#limit = bytesPerSecond
  }

  setThrottled(topic: string, partitions: ReadonlySet<number> | 'all' | null): void {
    if (partitions === null) this.#throttled.delete(topic)
    else this.#throttled.set(topic, partitions)
  }

  topics(): Iterable<string> {
    return this.#throttled.keys()
  }
}

/** Both directions, as metadata sets them. */
export class ReplicationQuotas {
  readonly leader: ReplicationQuota
  readonly follower: ReplicationQuota
  readonly #brokerId: number

  constructor(options: {
    brokerId: number
    settings: ReplicationQuotaSettings
    clock: Clock
    metrics: MetricsRegistry
  }) {
    const { brokerId, settings, clock, metrics } = options
    this.#brokerId = brokerId
    this.leader = new ReplicationQuota(settings, clock)
    this.follower = new ReplicationQuota(settings, clock)
    for (const side of ['leader', 'follower'] as const) {
      const bean = side === 'leader' ? 'LeaderReplication' : 'FollowerReplication'
      metrics.sensors(`kafka.server:type=${bean}`, () => ({
        'byte-rate': this[side].bytesPerSecond(),
      }))
    }
  }

  /** Reads everything anew. */
  reload(image: MetadataImage): void {
    const topics = new Set([...this.leader.topics(), ...this.follower.topics()])
    for (const key of image.configs.keys()) {
      if (key.startsWith(`${TOPIC}:`)) topics.add(key.slice(`${TOPIC}:`.length))
    }
    this.#setLimits(image)
    for (const topic of topics) this.#setTopic(image, topic)
  }

  /** `changed`: keys of `image.configs` that came, went or differ. */
  update(image: MetadataImage, changed: ReadonlySet<string>): void {
    for (const key of changed) {
      if (key.startsWith(`${TOPIC}:`)) this.#setTopic(image, key.slice(`${TOPIC}:`.length))
      else if (key.startsWith(`${BROKER}:`)) this.#setLimits(image)
    }
  }

  #setLimits(image: MetadataImage): void {
    const own = image.configs.get(configKey(BROKER, String(this.#brokerId)))
    const shared = image.configs.get(configKey(BROKER, ''))
    for (const side of ['leader', 'follower'] as const) {
      const name = `${side}.replication.throttled.rate`
      const value = own?.get(name) ?? shared?.get(name)
      this[side].setLimit(value === undefined ? Number.POSITIVE_INFINITY : Number(value))
    }
  }

  #setTopic(image: MetadataImage, topic: string): void {
    const overrides = image.configs.get(configKey(TOPIC, topic))
    for (const side of ['leader', 'follower'] as const) {
      const text = overrides?.get(`${side}.replication.throttled.replicas`)
      this[side].setThrottled(topic, throttledPartitions(text, this.#brokerId))
    }
  }
}

/** Of '*' or 'partition:broker,…', which were validated when they were set; null for none. */
function throttledPartitions(
  text: string | undefined,
  brokerId: number,
): ReadonlySet<number> | 'all' | null {
  const trimmed = text?.trim() ?? ''
  if (trimmed === '') return null
  if (trimmed === '*') return 'all'
  const partitions = new Set<number>()
  for (const pair of trimmed.split(',')) {
    const [partition = '', broker = ''] = pair.trim().split(':')
    if (Number(broker) === brokerId) partitions.add(Number(partition))
  }
  return partitions
}
