// One client's connection, seen from the server: frames in, dispatched in order, replies out in
// order. Owned by the listener. Memory is bounded: reading stops while too much waits to be done or
// to be sent.
import { type AnyApi, isFlexible } from '../../protocol/api.ts'
import { findApi } from '../../protocol/apis.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  type RequestHeader,
  readRequestHeader,
  readRequestHeaderStart,
  responseFrame,
} from '../../protocol/frames.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import type { ChannelMetrics } from '../metrics/channel-metrics.ts'
import { RequestTimes } from '../metrics/request-metrics.ts'
import type { Logger, Runtime, Socket } from '../runtime/runtime.ts'
import { FrameReader } from './framing.ts'
import type { ConnectionContext, Dispatch, RequestContext } from './types.ts'

export interface ConnectionSettings {
  /** socket.request.max.bytes. */
  socketRequestMaxBytes: number
  /** Reading pauses at this many requests not yet answered. */
  maxQueuedRequests: number
  /** Reading pauses at this many bytes of requests not yet answered. */
  maxQueuedBytes: number
  /** No further request is started, and reading pauses, while more than this waits to be sent. */
  maxUnsentBytes: number
}

export const defaultConnectionSettings: ConnectionSettings = {
  socketRequestMaxBytes: 104_857_600,
  maxQueuedRequests: 32,
  maxQueuedBytes: 16 * 1024 * 1024,
  maxUnsentBytes: 1024 * 1024,
}

export interface ConnectionOptions {
  id: number
  listenerName: string
  socket: Socket
  runtime: Runtime
  settings: ConnectionSettings
  dispatch: Dispatch
  serves: (apiKey: number) => boolean
  /** Of all connections of its listener. */
  traffic?: ChannelMetrics
  onClose: (connection: Connection) => void
}

type Slot = {
  readonly api: AnyApi
  readonly context: RequestContext
  readonly times: RequestTimes
  readonly body: Buffer
  state: 'waiting' | 'running' | 'done'
  /** null: nothing is sent for this request. */
  reply: Buffer[] | null
  /** Gives back the memory that the reply points into. */
  readonly releases: Release[]
}

type Release = () => void

/**
 * Requests start in order and replies leave in order. As in Kafka one request is in processing at a
 * time, with one exception: a Produce starts beside Produces before it. That keeps appends in order
 * because the handler of Produce reaches the partition's append queue before its first await.
 */
export class Connection {
  readonly #socket: Socket
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #settings: ConnectionSettings
  readonly #dispatch: Dispatch
  readonly #serves: (apiKey: number) => boolean
  readonly #frames: FrameReader
  readonly #context: MutableConnectionContext
  #queue: Slot[] = []
  /** Of replies handed to the socket and not yet taken by the operating system. */
  readonly #unsent = new Set<readonly Release[]>()
  /** Replies handed to the socket, until it has none left; bounded as what is unsent is. */
  #sending: { slots: readonly Slot[]; dequeuedMs: number }[] = []
  readonly #traffic: ChannelMetrics | undefined
  #runningCount = 0
  #queuedBytes = 0
  #isPaused = false
  #isEnding = false
  #lastActivityMs: number

  constructor(options: ConnectionOptions) {
    const { socket, runtime } = options
    this.#socket = socket
    this.#runtime = runtime
    this.#logger = runtime.logger
    this.#settings = options.settings
    this.#dispatch = options.dispatch
    this.#serves = options.serves
    this.#traffic = options.traffic
    this.#lastActivityMs = runtime.clock.monotonicMs()
    this.#context = new MutableConnectionContext(options)
    this.#frames = new FrameReader(options.settings.socketRequestMaxBytes, (frame) =>
      this.#onFrame(frame),
    )
    socket.onData((chunk) => this.#onData(chunk))
    socket.onDrain(() => this.#onDrain())
    socket.onClose(() => {
      this.#isEnding = true
      this.#releaseAll()
      this.#queue = []
      this.#queuedBytes = 0
      options.onClose(this)
      this.#context.close()
    })
  }

  /** Nothing is sent any more. A request still in processing releases what it holds when it is through. */
  #releaseAll(): void {
    for (const slot of this.#queue) if (slot.state === 'done') releaseSlot(slot)
    for (const releases of this.#unsent) for (const release of releases) release()
    this.#unsent.clear()
  }

  /** Who it is, as far as it has said. */
  get client(): Readonly<ConnectionContext> {
    return this.#context
  }

  /** Requests read and not yet in processing, replies that wait for those in front, and bytes of both. */
  get waiting(): { requests: number; responses: number; requestBytes: number } {
    let requests = 0
    let responses = 0
    for (const { state } of this.#queue) {
      if (state === 'waiting') requests += 1
      else if (state === 'done') responses += 1
    }
    return { requests, responses, requestBytes: this.#queuedBytes }
  }

  /** Milliseconds without a byte either way; 0 while a request is in processing. */
  idleMs(nowMonotonicMs: number): number {
    return this.#queue.length > 0 ? 0 : nowMonotonicMs - this.#lastActivityMs
  }

  /** Sends the replies that are ready, then ends. */
  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#socket.end()
  }

  destroy(): void {
    this.#isEnding = true
    this.#socket.destroy()
  }

  #onData(chunk: Buffer): void {
    if (this.#isEnding) return
    this.#lastActivityMs = this.#runtime.clock.monotonicMs()
    try {
      this.#frames.push(chunk)
    } catch (error) {
      this.#fail('bad frame', error)
      return
    }
    this.#startNext()
    this.#flush()
    this.#updateReading()
  }

  #onFrame(frame: Buffer): void {
    if (this.#isEnding) return
    const { apiKey, apiVersion, correlationId } = readRequestHeaderStart(frame)
    const api = findApi(apiKey)
    if (api === null || !this.#serves(apiKey)) {
      this.#fail(`API key ${apiKey} is not served`, null)
      return
    }
    const isSupported = apiVersion >= api.minVersion && apiVersion <= api.maxVersion
    if (!isSupported && apiKey !== ApiVersions.key) {
      this.#fail(`${api.name} version ${apiVersion} is not supported`, null)
      return
    }
    const header = isSupported
      ? readRequestHeader(frame, isFlexible(api, apiVersion))
      : { apiKey, apiVersion, correlationId, clientId: null, bodyOffset: frame.length }
    this.#queuedBytes += frame.length
    this.#traffic?.received(frame.length + LENGTH_BYTES, this.#lastActivityMs)
    const releases: Release[] = []
    const times = new RequestTimes(this.#runtime.clock, this.#lastActivityMs, frame.length)
    this.#queue.push({
      api,
      context: this.#requestContext(header, times, releases),
      times,
      body: frame.subarray(header.bodyOffset),
      state: isSupported ? 'waiting' : 'done',
      reply: isSupported ? null : unsupportedApiVersions(correlationId),
      releases,
    })
  }

  #requestContext(header: RequestHeader, times: RequestTimes, releases: Release[]): RequestContext {
    return {
      connection: this.#context,
      apiKey: header.apiKey,
      apiVersion: header.apiVersion,
      correlationId: header.correlationId,
      clientId: header.clientId,
      receivedMonotonicMs: times.receivedMs,
      requestSizeBytes: times.sizeBytes,
      times,
      holdUntilSent: (release) => releases.push(release),
    }
  }

  #startNext(): void {
    for (const slot of this.#queue) {
      if (this.#isEnding || this.#socket.bufferedBytes > this.#settings.maxUnsentBytes) return
      const isProduce = slot.api.key === PRODUCE_KEY
      if (slot.state === 'waiting') {
        if (this.#runningCount > 0 && !isProduce) return
        this.#start(slot)
      }
      if (slot.state === 'running' && !isProduce) return
    }
  }

  #start(slot: Slot): void {
    slot.state = 'running'
    this.#runningCount += 1
    this.#dispatch(slot.context, slot.body).then(
      (reply) => {
        slot.reply = reply
        this.#finish(slot)
      },
      (error: unknown) => {
        this.#runningCount -= 1
        releaseSlot(slot)
        this.#fail(`${slot.api.name} could not be answered`, error)
      },
    )
  }

  #finish(slot: Slot): void {
    slot.state = 'done'
    this.#runningCount -= 1
    if (this.#isEnding) {
      releaseSlot(slot)
      return
    }
    this.#flush()
    this.#startNext()
    this.#updateReading()
  }

  #flush(): void {
    if (this.#isEnding) return
    let count = 0
    let replies: Buffer[] | null = null
    let releases: Release[] = []
    while (this.#queue[count]?.state === 'done') {
      const slot = this.#queue[count] as Slot
      this.#queuedBytes -= slot.context.requestSizeBytes
      if (slot.reply !== null) {
        if (replies === null) replies = slot.reply
        else replies = replies.concat(slot.reply)
      }
      if (slot.releases.length > 0) releases = releases.concat(slot.releases)
      count += 1
    }
    if (count === 0) return
    const slots = this.#queue.splice(0, count)
    const dequeuedMs = this.#runtime.clock.monotonicMs()
    if (replies === null) {
      for (const release of releases) release()
      for (const { times } of slots) times.sent(dequeuedMs, dequeuedMs)
      return
    }
    this.#lastActivityMs = dequeuedMs
    if (releases.length === 0) this.#socket.write(replies)
    else this.#writeHeld(replies, releases)
    this.#sending.push({ slots, dequeuedMs })
    if (this.#socket.bufferedBytes === 0) this.#measureSent()
  }

  /** Everything written so far has been taken by the operating system. */
  #measureSent(): void {
    const sentMs = this.#runtime.clock.monotonicMs()
    for (const { slots, dequeuedMs } of this.#sending) {
      for (const { times, reply } of slots) {
        times.sent(dequeuedMs, sentMs)
        if (reply !== null) this.#traffic?.sent(sizeOf(reply), sentMs)
      }
    }
    this.#sending = []
  }

  #writeHeld(replies: readonly Buffer[], releases: readonly Release[]): void {
    this.#unsent.add(releases)
    this.#socket.write(replies, () => {
      // Once: the connection may have ended before.
      if (this.#unsent.delete(releases)) for (const release of releases) release()
    })
  }

  #onDrain(): void {
    this.#measureSent()
    if (this.#isEnding) return
    this.#lastActivityMs = this.#runtime.clock.monotonicMs()
    this.#startNext()
    this.#updateReading()
  }

  #updateReading(): void {
    if (this.#isEnding) return
    const settings = this.#settings
    const isFull =
      this.#queue.length >= settings.maxQueuedRequests ||
      this.#queuedBytes >= settings.maxQueuedBytes ||
      this.#socket.bufferedBytes > settings.maxUnsentBytes
    if (isFull === this.#isPaused) return
    this.#isPaused = isFull
    if (isFull) this.#socket.pause()
    else this.#socket.resume()
  }

  #fail(reason: string, error: unknown): void {
    if (this.#isEnding) return
    this.#logger.log('warn', 'Closing a connection', {
      connection: this.#context.id,
      client: this.#context.clientAddress,
      listener: this.#context.listenerName,
      reason,
      ...(error === null ? {} : { error: error instanceof Error ? error.message : String(error) }),
    })
    this.destroy()
  }
}

const PRODUCE_KEY = 0
/** Of the size in front of each frame. */
const LENGTH_BYTES = 4

function sizeOf(buffers: readonly Buffer[]): number {
  let sizeBytes = 0
  for (const buffer of buffers) sizeBytes += buffer.length
  return sizeBytes
}

function releaseSlot(slot: Slot): void {
  for (const release of slot.releases.splice(0)) release()
}

/** The one unsupported version that is answered: v0, error 35 and what is supported of key 18. */
function unsupportedApiVersions(correlationId: number): Buffer[] {
  const { key: apiKey, minVersion, maxVersion } = ApiVersions
  return responseFrame(
    ApiVersions,
    { version: 0, correlationId },
    {
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey, minVersion, maxVersion }],
    },
  )
}

class MutableConnectionContext implements ConnectionContext {
  readonly id: number
  readonly listenerName: string
  readonly securityProtocol = 'PLAINTEXT'
  readonly clientAddress: string
  readonly principal = 'User:ANONYMOUS'
  clientSoftwareName = ''
  clientSoftwareVersion = ''
  #isClosed = false
  #callbacks: Set<() => void> | null = null

  constructor(options: { id: number; listenerName: string; socket: Socket }) {
    this.id = options.id
    this.listenerName = options.listenerName
    this.clientAddress = options.socket.remote.host
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  onClose(callback: () => void): () => void {
    if (this.#isClosed) {
      callback()
      return () => undefined
    }
    this.#callbacks ??= new Set()
    const callbacks = this.#callbacks
    callbacks.add(callback)
    return () => callbacks.delete(callback)
  }

  close(): void {
    this.#isClosed = true
    const callbacks = this.#callbacks
    this.#callbacks = null
    for (const callback of callbacks ?? []) callback()
  }
}
