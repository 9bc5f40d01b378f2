import { createConnection, type Socket } from 'node:net'
import {
  connect as connectTls,
  TLSSocket,
  type ConnectionOptions as TlsConnectionOptions,
} from 'node:tls'
import { type Api, decodeResponse, type Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { readResponseHeader, requestFrame } from '../../protocol/frames.ts'
import { ApiVersions, type ApiVersionsResponse } from '../../protocol/schemas/18-api-versions.ts'
import { lookupOnce } from './lookup.ts'
import { serverNameOf } from './tls.ts'
import { WireError } from './wire-error.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface ConnectionOptions {
  readonly clientId: string
  readonly connectTimeoutMs: number
  /** Plain TCP when left out. */
  readonly tls?: TlsConnectionOptions
  /** Runs after ApiVersions and before anything else, and again before the session ends. */
  readonly authenticate?: Authenticate
  /** Ends the connection, open or not yet. */
  readonly signal?: AbortSignal
  /** Told of each step of opening once it is done. */
  readonly onStep?: (step: OpenStep, facts: OpenFacts) => void
}

type OpenStep = 'tcp' | 'tls' | 'api-versions' | 'sasl'
type OpenFacts = Readonly<Record<string, string | number>>

/** Asks on a connection that may not be used for anything else yet. */
export type Exchange = <Q, S>(api: Api<Q, S>, request: Encodable<Q>) => Promise<S>

/** Gives the session's lifetime in milliseconds; 0: it has no end. Throws WireError `sasl`. */
export type Authenticate = (exchange: Exchange) => Promise<number>

export interface CallOptions {
  /** From the call to its answer, connecting included. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Highest version to use, e.g. the last one that names topics instead of giving their ids. */
  readonly maxVersion?: number
}

interface Pending {
  readonly finish: (frame: Buffer) => void
  readonly fail: (error: Error) => void
}

type AnyApi<Q, S> = Api<Q, S>

/** A larger answer than any we ask for: the peer is no Kafka broker. */
const FRAME_BYTES_MAX = 256 * 1024 * 1024

const handshakeFallback = { maxVersion: 0 }

/** A session is renewed when so much of its lifetime has passed. */
const RENEW_AT = 0.85

/**
 * One socket to one broker. Requests are pipelined; each has its own deadline. After `closed` it is
 * of no more use: the owner opens another.
 */
export class Connection {
  readonly endpoint: Endpoint
  readonly #socket: Socket
  readonly #pending = new Map<number, Pending>()
  #versions = new Map<number, { min: number; max: number }>()
  #features: ApiVersionsResponse['finalizedFeatures'] = []
  #chunks: Buffer[] = []
  #bufferedBytes = 0
  #wantedBytes = 4
  #correlationId = 0
  #failure: WireError | null = null
  readonly #options: ConnectionOptions
  #renewAtMs = Number.POSITIVE_INFINITY
  #renewing: Promise<void> | null = null

  private constructor(endpoint: Endpoint, socket: Socket, options: ConnectionOptions) {
    this.endpoint = endpoint
    this.#socket = socket
    this.#options = options
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (cause) => this.#fail(new WireError('closed', cause.message, { cause })))
    socket.on('close', () => this.#fail(new WireError('closed', 'the broker ended the connection')))
  }

  /** Connects and learns the broker's versions. Throws WireError. */
  static async open(endpoint: Endpoint, options: ConnectionOptions): Promise<Connection> {
    const socket = await connect(endpoint, options)
    const connection = new Connection(endpoint, socket, options)
    try {
      await connection.#learnVersions(options.connectTimeoutMs)
      options.onStep?.('api-versions', { count: connection.#versions.size })
      await connection.#authenticate()
      if (options.authenticate !== undefined) options.onStep?.('sasl', {})
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  get isClosed(): boolean {
    return this.#failure !== null
  }

  get inFlight(): number {
    return this.#pending.size
  }

  get finalizedFeatures(): ApiVersionsResponse['finalizedFeatures'] {
    return this.#features
  }

  /** The highest version both sides speak, or null. */
  versionOf<Q, S>(api: AnyApi<Q, S>, maxVersion = api.maxVersion): number | null {
    const theirs = this.#versions.get(api.key)
    if (theirs === undefined) return null
    const version = Math.min(api.maxVersion, theirs.max, maxVersion)
    return version >= Math.max(api.minVersion, theirs.min) ? version : null
  }

  /** Throws WireError. The answer may carry error codes. */
  async send<Q, S>(api: AnyApi<Q, S>, request: Encodable<Q>, options: CallOptions): Promise<S> {
    if (this.#renewing !== null || Date.now() >= this.#renewAtMs) await this.#renew()
    return this.#exchange(api, this.#knownVersion(api, options.maxVersion), request, options)
  }

  #knownVersion<Q, S>(api: AnyApi<Q, S>, maxVersion?: number): number {
    const version = this.versionOf(api, maxVersion)
    if (version !== null) return version
    throw new WireError('unsupported', `the broker does not serve ${api.name}`)
  }

  async #authenticate(): Promise<void> {
    const { authenticate, connectTimeoutMs: timeoutMs } = this.#options
    if (authenticate === undefined) return
    const lifetimeMs = await authenticate(async (api, request) =>
      this.#exchange(api, this.#knownVersion(api), request, { timeoutMs }),
    )
    this.#renewAtMs = lifetimeMs > 0 ? Date.now() + lifetimeMs * RENEW_AT : Number.POSITIVE_INFINITY
  }

  /** Requests wait meanwhile: the broker would take them for a breach of the handshake. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#authenticate()
      .catch((error: unknown) => {
        // Beyond its session the connection is of no use to anybody.
        this.close()
        throw error
      })
      .finally(() => {
        this.#renewing = null
      })
    return this.#renewing
  }

  close(): void {
    this.#fail(new WireError('closed', 'closed by the console'))
  }

  async #learnVersions(timeoutMs: number): Promise<void> {
    const request = { clientSoftwareName: 'eyrie', clientSoftwareVersion: '0.1.0' }
    let answer = await this.#exchange(ApiVersions, 3, request, { timeoutMs })
    if (answer.errorCode === ErrorCode.UNSUPPORTED_VERSION) {
      answer = await this.#exchange(ApiVersions, handshakeFallback.maxVersion, {}, { timeoutMs })
    }
    if (answer.errorCode !== ErrorCode.NONE) {
      throw new WireError('protocol', `ApiVersions failed with error ${answer.errorCode}`)
    }
    this.#features = answer.finalizedFeatures
    this.#versions = new Map(
      answer.apiKeys.map((key) => [key.apiKey, { min: key.minVersion, max: key.maxVersion }]),
    )
  }

  #exchange<Q, S>(
    api: AnyApi<Q, S>,
    version: number,
    request: Encodable<Q>,
    options: CallOptions,
  ): Promise<S> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    const correlationId = this.#correlationId
    this.#correlationId = (this.#correlationId + 1) % 0x7fff_ffff
    const header = { version, correlationId, clientId: this.#options.clientId }
    const frame = requestFrame(api, header, request)
    return new Promise<S>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        options.signal?.removeEventListener('abort', abort)
        this.#pending.delete(correlationId)
      }
      const fail = (error: Error): void => {
        settle()
        reject(error)
      }
      // Answers come in order, so one that is late blocks all behind it: start afresh.
      const expire = (): void => {
        fail(new WireError('timeout', `${api.name}: no answer within ${options.timeoutMs} ms`))
        this.#fail(new WireError('timeout', `an earlier ${api.name} was not answered in time`))
      }
      const abort = (): void => fail(new WireError('closed', 'no longer wanted'))
      const timer = setTimeout(expire, options.timeoutMs)
      const finish = (answer: Buffer): void => {
        settle()
        try {
          resolve(decodeAnswer(api, version, answer))
        } catch (cause) {
          reject(new WireError('protocol', `${api.name}: unreadable answer`, { cause }))
        }
      }
      this.#pending.set(correlationId, { finish, fail })
      if (options.signal?.aborted) return abort()
      options.signal?.addEventListener('abort', abort)
      this.#socket.cork()
      for (const piece of frame) this.#socket.write(piece)
      this.#socket.uncork()
    })
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bufferedBytes += chunk.length
    while (this.#bufferedBytes >= this.#wantedBytes && this.#failure === null) {
      const buffered = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
      if (buffered === undefined) return
      const size = buffered.readInt32BE(0)
      if (size < 4 || size > FRAME_BYTES_MAX) {
        this.#fail(new WireError('protocol', `a frame of ${size} bytes: not a Kafka broker?`))
        return
      }
      this.#wantedBytes = 4 + size
      this.#chunks = [buffered]
      if (buffered.length < this.#wantedBytes) return
      this.#chunks = buffered.length > this.#wantedBytes ? [buffered.subarray(4 + size)] : []
      this.#bufferedBytes -= this.#wantedBytes
      this.#wantedBytes = 4
      this.#deliver(buffered.subarray(4, 4 + size))
    }
  }

  /** An answer whose request timed out or was aborted finds nobody waiting and is dropped. */
  #deliver(frame: Buffer): void {
    this.#pending.get(frame.readInt32BE(0))?.finish(frame)
  }

  #fail(error: WireError): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#socket.destroy()
    for (const pending of [...this.#pending.values()]) pending.fail(error)
  }
}

function decodeAnswer<Q, S>(api: Api<Q, S>, version: number, frame: Buffer): S {
  const { bodyOffset } = readResponseHeader(api, version, frame)
  const body = frame.subarray(bodyOffset)
  const isFallback = api.key === ApiVersions.key && version > 0 && body.readInt16BE(0) === 35
  // A broker that does not know our ApiVersions version answers in version 0.
  return decodeResponse(api, isFallback ? 0 : version, body)
}

function connect(endpoint: Endpoint, options: ConnectionOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const where = `${endpoint.host}:${endpoint.port}`
    const { tls, signal } = options
    let isTcpOpen = false
    const tcp = createConnection({ ...endpoint, lookup: lookupOnce, ...(signal && { signal }) })
    const socket = tls === undefined ? tcp : secure(tcp, endpoint, tls)
    // Both listen on for as long as the socket lives: what comes after the promise is settled
    // is its owner's to see, but an error that nobody hears would end the process.
    const fail = (text: string, cause?: Error): void => {
      clearTimeout(timer)
      const failure = isTcpOpen && tls !== undefined ? 'tls' : 'unreachable'
      reject(new WireError(failure, `${where}: ${text}`, { cause }))
    }
    const timer = setTimeout(() => {
      fail(isTcpOpen ? 'no TLS handshake within a given time' : 'no connection within a given time')
      socket.destroy()
      tcp.destroy()
    }, options.connectTimeoutMs)
    for (const one of new Set([tcp, socket])) {
      one.on('error', (cause) => fail(cause.message, cause))
      one.on('close', () => fail('the broker ended the connection'))
    }
    tcp.once('connect', () => {
      isTcpOpen = true
      options.onStep?.('tcp', { address: tcp.remoteAddress ?? '' })
    })
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer)
      if (socket instanceof TLSSocket) options.onStep?.('tls', tlsFacts(socket))
      resolve(socket)
    })
  })
}

function tlsFacts(socket: TLSSocket): OpenFacts {
  const certificate = socket.getPeerCertificate()
  return {
    protocol: socket.getProtocol() ?? '',
    subject: String(certificate.subject?.CN ?? ''),
    validTo: Date.parse(certificate.valid_to ?? '') || 0,
  }
}

function secure(tcp: Socket, endpoint: Endpoint, tls: TlsConnectionOptions): Socket {
  const servername = serverNameOf(tls, endpoint.host)
  const { host } = endpoint
  return connectTls({ ...tls, socket: tcp, host, ...(servername !== undefined && { servername }) })
}
