// Random frames: valid requests of every API and version, such requests broken in a few places, bytes that were
// never a request, lengths that lie.
import type { AnyApi } from '../../protocol/api.ts'
import { allApis } from '../../protocol/apis.ts'
import { requestFrame } from '../../protocol/frames.ts'
import type { SeededRandom } from '../support/memory-runtime.ts'
import { mutate } from './records.ts'
import { ValueSource } from './values.ts'

export interface Frame {
  /** With the length before it. */
  bytes: Buffer
  /** What was asked, where the broker must understand it; null: it may end the connection instead. */
  asked: { api: AnyApi; version: number; correlationId: number } | null
  /** Produce with acks=0 is never answered. */
  isOneWay: boolean
}

/** Of the raw ones: what their length may say beyond what comes. */
const LENGTHS = [0, 1, -1, -(2 ** 31), 2 ** 31 - 1, 100_000_000, 5000, 3] as const
/** Requests that would take the broker under test out of service, as it is asked to. */
const BROKER_UNDER_TEST = 1

export class FrameSource {
  readonly values: ValueSource
  readonly #random: SeededRandom
  readonly #apis: readonly AnyApi[]
  #correlationId = 0

  /** `serves`: which APIs the listener has; others are asked for seldom. */
  constructor(random: SeededRandom, serves: (apiKey: number) => boolean) {
    this.#random = random
    this.#apis = allApis.filter((api) => serves(api.key))
    this.values = new ValueSource(random, () => this.#whole(this.#apis).subarray(4))
  }

  next(): Frame {
    const roll = this.#random.next()
    if (roll < 0.7) return this.#request(this.#apis)
    if (roll < 0.9) return this.#broken()
    if (roll < 0.95) return this.#request(allApis)
    return { bytes: this.#raw(), asked: null, isOneWay: false }
  }

  #request(apis: readonly AnyApi[]): Frame {
    const api = apis[this.#random.int(apis.length)]
    if (api === undefined) throw new Error('there is no API')
    const version = api.minVersion + this.#random.int(api.maxVersion - api.minVersion + 1)
    const correlationId = this.#correlationId++
    const request = this.values.struct(api.requestFields, version)
    spareTheBroker(api, request)
    const header = {
      version,
      correlationId,
      clientId: ['fuzz', '', null][this.#random.int(3)] ?? null,
    }
    let bytes: Buffer
    try {
      bytes = Buffer.concat(requestFrame(api, header, request))
    } catch {
      // A number that this field cannot hold: as good as bytes that mean nothing.
      return { bytes: this.#raw(), asked: null, isOneWay: false }
    }
    const isServed = this.#apis.includes(api)
    const asked = isServed ? { api, version, correlationId } : null
    return { bytes, asked, isOneWay: api.name === 'Produce' && request.acks === 0 }
  }

  #whole(apis: readonly AnyApi[]): Buffer {
    return this.#request(apis).bytes
  }

  /** A request changed in some bytes, cut short, or made longer, with a length that fits. */
  #broken(): Frame {
    const { bytes } = this.#request(this.#apis)
    const headerBytes = 4 + 8
    const body = Buffer.from(bytes.subarray(headerBytes))
    const roll = this.#random.next()
    if (roll < 0.7) mutate(this.#random, body)
    const kept = roll < 0.85 ? body : body.subarray(0, this.#random.int(body.length + 1))
    const tail = roll < 0.95 ? Buffer.alloc(0) : Buffer.alloc(this.#random.int(100), 0xff)
    const header = Buffer.from(bytes.subarray(0, headerBytes))
    // Mostly a version that is served; sometimes an API that is not, or a version of long ago or to come.
    if (this.#random.next() < 0.05) mutate(this.#random, header.subarray(4, 8))
    const whole = Buffer.concat([header, kept, tail])
    whole.writeInt32BE(whole.length - 4, 0)
    return { bytes: whole, asked: null, isOneWay: false }
  }

  #raw(): Buffer {
    const body = Buffer.from(
      Array.from({ length: this.#random.int(300) }, () => this.#random.int(256)),
    )
    const length = Buffer.alloc(4)
    const lies = this.#random.next() < 0.3
    length.writeInt32BE(lies ? (LENGTHS[this.#random.int(LENGTHS.length)] ?? 0) : body.length)
    return Buffer.concat([length, body])
  }
}

/** An administrator may switch a broker off; the fuzzer needs it running. */
function spareTheBroker(api: AnyApi, request: Record<string, unknown>): void {
  const isMeant = request.brokerId === BROKER_UNDER_TEST
  if (api.name === 'BrokerHeartbeat') request.wantShutDown = false
  if (!isMeant) return
  if (api.name === 'UnregisterBroker' || api.name === 'BrokerRegistration') request.brokerId = 2
}
