// Connections of one kind and what goes over them, under the names of Kafka's selector metrics. Kafka counts what a
// side sends as requests and what it receives as responses, servers included. Marked by broker/network.
import type { Clock } from '../runtime/runtime.ts'
import { Sensor } from './sensor.ts'

export class ChannelMetrics {
  #openCount = 0
  readonly #created: Sensor
  readonly #closed: Sensor
  readonly #sent: Sensor
  readonly #received: Sensor

  constructor(clock: Clock) {
    this.#created = new Sensor(clock)
    this.#closed = new Sensor(clock)
    this.#sent = new Sensor(clock)
    this.#received = new Sensor(clock)
  }

  /** Connections made per second. */
  get creationRate(): number {
    return this.#created.rate()
  }

  opened(): void {
    this.#openCount += 1
    this.#created.record()
  }

  closed(): void {
    this.#openCount -= 1
    this.#closed.record()
  }

  /** One frame, its length prefix counted. */
  sent(sizeBytes: number, nowMs?: number): void {
    this.#sent.record(sizeBytes, nowMs)
  }

  /** One frame, its length prefix counted. */
  received(sizeBytes: number, nowMs?: number): void {
    this.#received.record(sizeBytes, nowMs)
  }

  attributes(): Readonly<Record<string, number>> {
    const created = this.#created
    const closed = this.#closed
    const sent = this.#sent
    const received = this.#received
    return {
      'connection-count': this.#openCount,
      'connection-creation-rate': created.rate(),
      'connection-creation-total': created.count,
      'connection-close-rate': closed.rate(),
      'connection-close-total': closed.count,
      'outgoing-byte-rate': sent.rate(),
      'outgoing-byte-total': sent.total,
      'request-rate': sent.frequency(),
      'request-total': sent.count,
      'request-size-avg': sent.average(),
      'request-size-max': sent.max(),
      'incoming-byte-rate': received.rate(),
      'incoming-byte-total': received.total,
      'response-rate': received.frequency(),
      'response-total': received.count,
      'network-io-rate': sent.frequency() + received.frequency(),
      'network-io-total': sent.count + received.count,
    }
  }
}
