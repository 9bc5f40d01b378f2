// A connection from this broker to another one: negotiates versions, pipelines, matches replies in
// order. Owned by raft, the replica fetchers and the controller channel; a closed one is replaced,
// never revived.
import { type AnyApi, type Api, decodeResponse, type Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { readResponseHeader, requestFrame } from '../../protocol/frames.ts'
import { ApiVersions, type ApiVersionsResponse } from '../../protocol/schemas/18-api-versions.ts'
import type { ChannelMetrics } from '../metrics/channel-metrics.ts'
import type { Endpoint, Runtime, Socket, TimerHandle } from '../runtime/runtime.ts'
import { FrameReader } from './framing.ts'
import { type PeerClient, PeerError } from './types.ts'

export interface PeerClientSettings {
  /** socket.connection.setup.timeout.ms, negotiation included. */
  connectTimeoutMs: number
  /** Requests sent and not answered; further ones wait. */
  maxInFlightRequests: number
  /** Requests waiting to be sent; further ones are refused. */
  maxWaitingRequests: number
  /** A response over this closes the connection. */
  maxResponseBytes: number
}

export const defaultPeerClientSettings: PeerClientSettings = {
  connectTimeoutMs: 10_000,
  maxInFlightRequests: 32,
  maxWaitingRequests: 4096,
  maxResponseBytes: 256 * 1024 * 1024,
}

export interface PeerClientOptions {
  endpoint: Endpoint
  clientId: string
  runtime: Runtime
  settings?: Partial<PeerClientSettings>
  softwareName?: string
  softwareVersion?: string
  /** Of all connections of its kind. */
  traffic?: ChannelMetrics
}

/** Starts to connect at once; requests sent meanwhile wait. */
export function connectPeer(options: PeerClientOptions): PeerClient {
  return SocketPeerClient.connect(options)
}

type RequestFrameHeader = { version: number; correlationId: number; clientId: string }

interface Pending {
  readonly api: AnyApi
  readonly encode: (header: RequestFrameHeader) => Buffer[]
  readonly wantedVersion: number | null
  readonly timeoutMs: number
  readonly startedMs: number
  version: number
  correlationId: number
  resolve(response: unknown): void
  reject(error: PeerError): void
}

type VersionRange = { minVersion: number; maxVersion: number }

class SocketPeerClient implements PeerClient {
  readonly endpoint: Endpoint
  readonly #options: PeerClientOptions
  readonly #runtime: Runtime
  readonly #settings: PeerClientSettings
  readonly #frames: FrameReader
  readonly #closeCallbacks: ((code: string | null) => void)[] = []
  #state: 'connecting' | 'connected' | 'closed' = 'connecting'
  #closeCode: string | null = null
  readonly #traffic: ChannelMetrics | undefined
  #socket: Socket | null = null
  #versions: ReadonlyMap<number, VersionRange> | null = null
  #waiting: Pending[] = []
  #inFlight: Pending[] = []
  #nextCorrelationId = 0
  #lastBytesMs = Number.NEGATIVE_INFINITY
  #timer: TimerHandle | null = null
  #timerDueMs = Number.POSITIVE_INFINITY

  private constructor(options: PeerClientOptions) {
    this.endpoint = options.endpoint
    this.#options = options
    this.#runtime = options.runtime
    this.#settings = { ...defaultPeerClientSettings, ...options.settings }
    this.#traffic = options.traffic
    this.#frames = new FrameReader(this.#settings.maxResponseBytes, (frame) => this.#onFrame(frame))
  }

  static connect(options: PeerClientOptions): SocketPeerClient {
    const client = new SocketPeerClient(options)
    options.runtime.network
      .connect(options.endpoint, client.#settings.connectTimeoutMs)
      .then((socket) => client.#onConnected(socket))
      .catch((error: unknown) => client.#fail(errorCodeOf(error), messageOf(error), error))
    return client
  }

  get state(): 'connecting' | 'connected' | 'closed' {
    return this.#state
  }

  send<Request, Response>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    options: { timeoutMs: number; version?: number },
  ): Promise<Response> {
    return new Promise<Response>((resolve, reject) => {
      if (this.#state === 'closed') {
        const code = this.#closeCode ?? 'ECONNRESET'
        reject(new PeerError(code, `connection to ${this.#where()} is closed`))
        return
      }
      if (this.#waiting.length >= this.#settings.maxWaitingRequests) {
        reject(new PeerError('EBUSY', `too many requests wait for ${this.#where()}`))
        return
      }
      this.#waiting.push({
        // Safe because the response handed to `resolve` is decoded with this very `api`.
        api: api as unknown as AnyApi,
        encode: (header) => requestFrame(api, header, request),
        wantedVersion: options.version ?? null,
        timeoutMs: options.timeoutMs,
        startedMs: this.#runtime.clock.monotonicMs(),
        version: -1,
        correlationId: -1,
        resolve: resolve as (response: unknown) => void,
        reject,
      })
      this.#sendWaiting()
      this.#armTimer()
    })
  }

  onClose(callback: (code: string | null) => void): void {
    if (this.#state === 'closed') callback(this.#closeCode)
    else this.#closeCallbacks.push(callback)
  }

  close(): void {
    this.#fail(null, `connection to ${this.#where()} was closed here`, null)
  }

  #where(): string {
    return `${this.endpoint.host}:${this.endpoint.port}`
  }

  #onConnected(socket: Socket): void {
    this.#socket = socket
    this.#traffic?.opened()
    socket.onData((chunk) => this.#onData(chunk))
    socket.onDrain(() => undefined)
    socket.onClose((error) => {
      this.#traffic?.closed()
      const code = error === null ? null : (error.code ?? 'ECONNRESET')
      this.#fail(code, `connection to ${this.#where()} ended`, error)
    })
    if (this.#state === 'closed') {
      socket.destroy()
      return
    }
    this.#negotiate(Math.min(ApiVersions.maxVersion, NEGOTIATION_VERSION))
  }

  #negotiate(version: number): void {
    const { softwareName = 'eyrie', softwareVersion = '1' } = this.#options
    this.#transmit({
      api: ApiVersions as unknown as AnyApi,
      encode: (header) =>
        requestFrame(ApiVersions, header, {
          clientSoftwareName: softwareName,
          clientSoftwareVersion: softwareVersion,
        }),
      wantedVersion: null,
      timeoutMs: this.#settings.connectTimeoutMs,
      startedMs: this.#runtime.clock.monotonicMs(),
      version,
      correlationId: -1,
      resolve: (response) => this.#onNegotiated(response as ApiVersionsResponse, version),
      reject: () => undefined,
    })
    this.#armTimer()
  }

  #onNegotiated(response: ApiVersionsResponse, version: number): void {
    if (response.errorCode === ErrorCode.UNSUPPORTED_VERSION && version > 0) {
      const known = response.apiKeys.find((range) => range.apiKey === ApiVersions.key)
      this.#negotiate(Math.min(known?.maxVersion ?? 0, version - 1))
      return
    }
    if (response.errorCode !== ErrorCode.NONE) {
      this.#fail('EPROTO', `${this.#where()} refuses ApiVersions: ${response.errorCode}`, null)
      return
    }
    this.#versions = new Map(response.apiKeys.map((range) => [range.apiKey, range]))
    this.#state = 'connected'
    this.#sendWaiting()
  }

  #sendWaiting(): void {
    if (this.#state !== 'connected') return
    while (this.#waiting.length > 0 && this.#inFlight.length < this.#settings.maxInFlightRequests) {
      const pending = this.#waiting.shift() as Pending
      const version = this.#chooseVersion(pending)
      if (version === null) {
        const message = `${this.#where()} does not serve the needed version of ${pending.api.name}`
        pending.reject(new PeerError('UNSUPPORTED_VERSION', message))
        continue
      }
      pending.version = version
      this.#transmit(pending)
    }
  }

  #chooseVersion(pending: Pending): number | null {
    const range = this.#versions?.get(pending.api.key)
    if (range === undefined) return null
    const wanted = pending.wantedVersion
    if (wanted !== null) {
      return wanted >= range.minVersion && wanted <= range.maxVersion ? wanted : null
    }
    const highest = Math.min(range.maxVersion, pending.api.maxVersion)
    return highest < Math.max(range.minVersion, pending.api.minVersion) ? null : highest
  }

  #transmit(pending: Pending): void {
    pending.correlationId = this.#nextCorrelationId
    this.#nextCorrelationId = (this.#nextCorrelationId + 1) & 0x7fffffff
    let frame: Buffer[]
    try {
      frame = pending.encode({
        version: pending.version,
        correlationId: pending.correlationId,
        clientId: this.#options.clientId,
      })
    } catch (error) {
      pending.reject(new PeerError('EINVAL', messageOf(error), { cause: error }))
      return
    }
    this.#inFlight.push(pending)
    this.#socket?.write(frame)
    if (this.#traffic === undefined) return
    let sizeBytes = 0
    for (const buffer of frame) sizeBytes += buffer.length
    this.#traffic.sent(sizeBytes)
  }

  #onData(chunk: Buffer): void {
    if (this.#state === 'closed') return
    this.#lastBytesMs = this.#runtime.clock.monotonicMs()
    try {
      this.#frames.push(chunk)
    } catch (error) {
      this.#fail('EPROTO', `bad response from ${this.#where()}: ${messageOf(error)}`, error)
      return
    }
    this.#sendWaiting()
  }

  #onFrame(frame: Buffer): void {
    const pending = this.#inFlight.shift()
    if (this.#state === 'closed') return
    this.#traffic?.received(frame.length + LENGTH_BYTES, this.#lastBytesMs)
    if (pending === undefined) throw new Error('a response nobody asked for')
    const { api } = pending
    const version = isUnsupportedReply(api, frame) ? 0 : pending.version
    const header = readResponseHeader(api, version, frame)
    if (header.correlationId !== pending.correlationId) {
      this.#inFlight.unshift(pending)
      throw new Error(
        `correlation id ${header.correlationId} where ${pending.correlationId} was expected`,
      )
    }
    let response: unknown
    try {
      response = decodeResponse(api, version, frame.subarray(header.bodyOffset))
    } catch (error) {
      this.#inFlight.unshift(pending)
      throw error
    }
    pending.resolve(response)
  }

  /**
   * One timer for all requests, at the earliest deadline; bytes from the peer put every deadline
   * off.
   */
  #armTimer(): void {
    let dueMs = Number.POSITIVE_INFINITY
    for (const pending of this.#inFlight) dueMs = Math.min(dueMs, this.#deadlineMs(pending))
    for (const pending of this.#waiting) dueMs = Math.min(dueMs, this.#deadlineMs(pending))
    if (this.#state === 'closed' || dueMs >= this.#timerDueMs) return
    const { timers, clock } = this.#runtime
    timers.clear(this.#timer)
    this.#timerDueMs = dueMs
    this.#timer = timers.set(Math.max(0, dueMs - clock.monotonicMs()), () => this.#onTimer())
  }

  #deadlineMs(pending: Pending): number {
    return Math.max(pending.startedMs, this.#lastBytesMs) + pending.timeoutMs
  }

  #onTimer(): void {
    this.#timer = null
    this.#timerDueMs = Number.POSITIVE_INFINITY
    const nowMs = this.#runtime.clock.monotonicMs()
    const late = [...this.#inFlight, ...this.#waiting].find(
      (pending) => this.#deadlineMs(pending) <= nowMs,
    )
    if (late === undefined) {
      this.#armTimer()
      return
    }
    const message = `${late.api.name} to ${this.#where()} timed out after ${late.timeoutMs} ms`
    this.#fail('ETIMEDOUT', message, null)
  }

  #fail(code: string | null, message: string, cause: unknown): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#closeCode = code
    this.#runtime.timers.clear(this.#timer)
    this.#socket?.destroy()
    const unanswered = [...this.#inFlight, ...this.#waiting]
    this.#inFlight = []
    this.#waiting = []
    for (const pending of unanswered) {
      pending.reject(new PeerError(code ?? 'ECONNRESET', message, { cause }))
    }
    for (const callback of this.#closeCallbacks.splice(0)) callback(code)
  }
}

/** Of the size in front of each frame. */
const LENGTH_BYTES = 4

/** ApiVersions v3 is the first that says who asks; every broker since 2.4 knows it. */
const NEGOTIATION_VERSION = 3

/** A broker that does not know the asked version of ApiVersions answers in v0, with error 35. */
function isUnsupportedReply(api: AnyApi, frame: Buffer): boolean {
  return (
    api.key === ApiVersions.key &&
    frame.length >= 6 &&
    frame.readInt16BE(4) === ErrorCode.UNSUPPORTED_VERSION
  )
}

function errorCodeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'ECONNRESET'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
