// kafka.network's RequestMetrics: how long requests of one name spent in each phase, how large they were, how many
// came in which version and which errors they were answered with. Made by the dispatcher, one for each name in
// Kafka's sense (Fetch, FetchConsumer and FetchFollower are three).
import type { Clock } from '../runtime/runtime.ts'
import type { Histogram, Meter, MetricsRegistry } from './types.ts'

/** Stations of one request on the monotonic clock, in milliseconds; 0 where it has not been yet. */
export class RequestTimes {
  readonly #clock: Clock
  readonly receivedMs: number
  readonly sizeBytes: number
  startedMs = 0
  /** What could be done in this process without waiting is done; a handler may move it. */
  locallyDoneMs = 0
  /** The response is there. */
  completedMs = 0
  throttleMs = 0
  conversionMs = 0
  temporaryBytes = 0
  /** Who is told once it is sent. */
  metrics: readonly RequestMetrics[] = NOBODY

  constructor(clock: Clock, receivedMs: number, sizeBytes: number) {
    this.#clock = clock
    this.receivedMs = receivedMs
    this.sizeBytes = sizeBytes
  }

  /** From here on it waits for others: told by handlers that wait for more than their own disk. */
  locallyDone(): void {
    this.locallyDoneMs = this.#clock.monotonicMs()
  }

  /** Of all batches of the request together. */
  converted(durationMs: number, temporaryBytes: number): void {
    this.conversionMs += durationMs
    this.temporaryBytes += temporaryBytes
  }

  /** `dequeuedMs`: the response's turn on its connection came; `sentMs`: the system has taken it. */
  sent(dequeuedMs: number, sentMs: number): void {
    for (const metrics of this.metrics) metrics.record(this, dequeuedMs, sentMs)
  }
}

const NOBODY: readonly RequestMetrics[] = []

export class RequestMetrics {
  readonly request: string
  readonly #registry: MetricsRegistry
  readonly #versions = new Map<number, Meter>()
  readonly #errors = new Map<string, Meter>()
  readonly #requestQueue: Histogram
  readonly #local: Histogram
  readonly #remote: Histogram
  readonly #throttle: Histogram
  readonly #responseQueue: Histogram
  readonly #responseSend: Histogram
  readonly #total: Histogram
  readonly #bytes: Histogram
  readonly #conversions: Histogram | null
  readonly #temporaryBytes: Histogram | null

  /** `hasConversions`: of Produce and Fetch, which Kafka once converted between message formats. */
  constructor(registry: MetricsRegistry, request: string, hasConversions: boolean) {
    this.request = request
    this.#registry = registry
    const histogram = (name: string) => registry.histogram(beanName(name, request))
    this.#requestQueue = histogram('RequestQueueTimeMs')
    this.#local = histogram('LocalTimeMs')
    this.#remote = histogram('RemoteTimeMs')
    this.#throttle = histogram('ThrottleTimeMs')
    this.#responseQueue = histogram('ResponseQueueTimeMs')
    this.#responseSend = histogram('ResponseSendTimeMs')
    this.#total = histogram('TotalTimeMs')
    this.#bytes = histogram('RequestBytes')
    this.#conversions = hasConversions ? histogram('MessageConversionsTimeMs') : null
    this.#temporaryBytes = hasConversions ? histogram('TemporaryMemoryBytes') : null
  }

  markRequest(version: number): void {
    let meter = this.#versions.get(version)
    if (meter === undefined) {
      const name = `${beanName('RequestsPerSec', this.request)},version=${version}`
      meter = this.#registry.meter(name, 'requests')
      this.#versions.set(version, meter)
    }
    meter.mark()
  }

  markError(error: string, count: number): void {
    let meter = this.#errors.get(error)
    if (meter === undefined) {
      const name = `${beanName('ErrorsPerSec', this.request)},error=${error}`
      meter = this.#registry.meter(name, 'requests')
      this.#errors.set(error, meter)
    }
    meter.mark(count)
  }

  record(times: RequestTimes, dequeuedMs: number, sentMs: number): void {
    const { receivedMs, startedMs, locallyDoneMs, completedMs } = times
    this.#requestQueue.update(startedMs - receivedMs, sentMs)
    this.#local.update(locallyDoneMs - startedMs, sentMs)
    this.#remote.update(completedMs - locallyDoneMs, sentMs)
    this.#throttle.update(times.throttleMs, sentMs)
    this.#responseQueue.update(dequeuedMs - completedMs, sentMs)
    this.#responseSend.update(sentMs - dequeuedMs, sentMs)
    this.#total.update(sentMs - receivedMs, sentMs)
    this.#bytes.update(times.sizeBytes, sentMs)
    this.#conversions?.update(times.conversionMs, sentMs)
    this.#temporaryBytes?.update(times.temporaryBytes, sentMs)
  }
}

function beanName(name: string, request: string): string {
  return `kafka.network:type=RequestMetrics,name=${name},request=${request}`
}
