// How fast connections are taken: max.connection.creation.rate of the broker and of each listener. Beyond it a
// connection is held unread until its turn comes, never refused. Asked by listeners; keeps nothing across a crash.

/** Kafka measures over eleven windows of a second: what comes at once may use the ten that are past. */
const BURST_SECONDS = 10
/** Where the rate is 0, and wherever the line gets longer than this. */
const MAX_DELAY_MS = 60_000

export interface ConnectionRates {
  /** max.connection.creation.rate: connections a second, over all listeners but the exempt one. */
  broker: number
  /** Under `listener.name.…`, by listener in upper case. */
  byListener: ReadonlyMap<string, number>
  /** The listener between brokers, where it is not the only one: the broker's rate does not hold it back. */
  exempt: string | null
}

export class ConnectionRate {
  readonly #broker = new TokenBucket(Number.POSITIVE_INFINITY)
  readonly #byListener = new Map<string, TokenBucket>()
  #exempt: string | null = null

  /** For connections to come. */
  update({ broker, byListener, exempt }: ConnectionRates): void {
    this.#broker.perSecond = broker
    this.#exempt = exempt
    for (const name of [...this.#byListener.keys()]) {
      if (!byListener.has(name)) this.#byListener.delete(name)
    }
    for (const [name, perSecond] of byListener) {
      const bucket = this.#byListener.get(name)
      if (bucket === undefined) this.#byListener.set(name, new TokenBucket(perSecond))
      else bucket.perSecond = perSecond
    }
  }

  /** Takes a place for a connection at `nowMs` of a monotonic clock; gives how long it must be held first. */
  delayMs(listener: string, nowMs: number): number {
    const ofListener = this.#byListener.get(listener)?.delayMs(nowMs) ?? 0
    const ofBroker = listener === this.#exempt ? 0 : this.#broker.delayMs(nowMs)
    return Math.min(MAX_DELAY_MS, Math.max(ofListener, ofBroker))
  }
}

class TokenBucket {
  /** Connections a second. */
  perSecond: number
  #tokens: number | null = null
  #lastMs = 0

  constructor(perSecond: number) {
    this.perSecond = perSecond
  }

  delayMs(nowMs: number): number {
    const { perSecond } = this
    const most = perSecond * BURST_SECONDS
    if (!Number.isFinite(most)) return 0
    if (perSecond <= 0) return MAX_DELAY_MS
    const refilled = (this.#tokens ?? most) + ((nowMs - this.#lastMs) / 1000) * perSecond
    // Who waits longer than anybody is made to takes no further place in the line.
    const least = (-MAX_DELAY_MS / 1000) * perSecond
    this.#tokens = Math.max(least, Math.min(most, refilled) - 1)
    this.#lastMs = nowMs
    return this.#tokens >= 0 ? 0 : (-this.#tokens / perSecond) * 1000
  }
}
