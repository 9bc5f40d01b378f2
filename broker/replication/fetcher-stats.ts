// What the fetchers of this broker do, under Kafka's names: FetcherStats for each of them, FetcherLagMetrics for each
// followed partition (made when asked for). Owned by FetcherManager.
import { EwmaMeter } from '../metrics/meter.ts'
import type { Bean, BeanSource, Meter, MetricsRegistry } from '../metrics/types.ts'
import type { Clock, Endpoint } from '../runtime/runtime.ts'

/** Of one fetcher; its beans carry the address of the leader as of its first connection. */
export class FetcherStats {
  readonly clientId: string
  readonly #metrics: MetricsRegistry
  readonly #requests: EwmaMeter
  #names: readonly string[] = []
  #registered: { requests: Meter; bytes: Meter } | null = null

  constructor(metrics: MetricsRegistry, clock: Clock, id: { index: number; leaderId: number }) {
    this.#metrics = metrics
    this.#requests = new EwmaMeter(clock)
    this.clientId = `ReplicaFetcherThread-${id.index}-${id.leaderId}`
  }

  /** Requests a second, over about a minute. */
  get requestRate(): number {
    return this.#requests.rate(1)
  }

  connected({ host, port }: Endpoint): void {
    if (this.#registered !== null) return
    const labels = `clientId=${this.clientId},brokerHost=${host},brokerPort=${port}`
    const nameOf = (name: string) => `kafka.server:type=FetcherStats,name=${name},${labels}`
    this.#names = [nameOf('RequestsPerSec'), nameOf('BytesPerSec')]
    this.#registered = {
      requests: this.#metrics.meter(nameOf('RequestsPerSec'), 'requests'),
      bytes: this.#metrics.meter(nameOf('BytesPerSec'), 'bytes'),
    }
  }

  answered(sizeBytes: number): void {
    this.#requests.mark()
    this.#registered?.requests.mark()
    this.#registered?.bytes.mark(sizeBytes)
  }

  remove(): void {
    for (const name of this.#names) this.#metrics.remove(name)
  }
}

export interface PartitionLag {
  clientId: string
  topic: string
  partition: number
  lagRecords: number
}

export function lagBeans(lags: () => Iterable<PartitionLag>): BeanSource {
  function* beans(): Generator<Bean> {
    for (const { clientId, topic, partition, lagRecords } of lags()) {
      const keys = `clientId=${clientId},name=ConsumerLag,partition=${partition},topic=${topic}`
      const name = `kafka.server:${keys},type=FetcherLagMetrics`
      yield { name, kind: 'gauge', read: () => ({ Value: lagRecords }) }
    }
  }
  return {
    type: 'FetcherLagMetrics',
    isPerPartition: true,
    beans,
    find(name) {
      if (!name.endsWith(',type=FetcherLagMetrics')) return null
      for (const bean of beans()) if (bean.name === name) return bean
      return null
    },
  }
}
