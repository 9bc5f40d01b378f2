import { createConnection, type Socket } from 'node:net'
import { type Api, decodeResponse, type Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { readResponseHeader, requestFrame } from '../../protocol/frames.ts'
import { ApiVersions, type ApiVersionsResponse } from '../../protocol/schemas/18-api-versions.ts'
import { WireError } from './wire-error.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface ConnectionOptions {
  readonly clientId: string
  readonly connectTimeoutMs: number
  /** Opens the transport; TLS goes here. Plain TCP when left out. */
  readonly openSocket?: (endpoint: Endpoint) => Socket
  /** Runs after ApiVersions and before anything else; SASL goes here. */
  readonly authenticate?: (connection: Connection) => Promise<void>
}

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

/**
 * One socket to one broker. Requests are pipelined; each has its own deadline. After `closed` it is
 * of no more use: the owner opens another.
 */
export class Connection {
  readonly endpoint: Endpoint
  readonly #socket: Socket
  readonly #clientId: string
  readonly #pending = new Map<number, Pending>()
  #versions = new Map<number, { min: number; max: number }>()
  #features: ApiVersionsResponse['finalizedFeatures'] = []
  #chunks: Buffer[] = []
  #bufferedBytes = 0
  #wantedBytes = 4
  #correlationId = 0
  #failure: WireError | null = null

  private constructor(endpoint: Endpoint, socket: Socket, clientId: string) {
    this.endpoint = endpoint
    this.#socket = socket
    this.#clientId = clientId
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (cause) => this.#fail(new WireError('closed', cause.message, { cause })))
    socket.on('close', () => this.#fail(new WireError('closed', 'the broker ended the connection')))
  }

  /** Connects and learns the broker's versions. Throws WireError. */
  static async open(endpoint: Endpoint, options: ConnectionOptions): Promise<Connection> {
    const socket = await connect(endpoint, options)
    const connection = new Connection(endpoint, socket, options.clientId)
    try {
      await connection.#learnVersions(options.connectTimeoutMs)
      await options.authenticate?.(connection)
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
    const version = this.versionOf(api, options.maxVersion)
    if (version === null) {
      throw new WireError('unsupported', `the broker does not serve ${api.name}`)
    }
    return this.#exchange(api, version, request, options)
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
    const header = { version, correlationId, clientId: this.#clientId }
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
    const socket = options.openSocket?.(endpoint) ?? createConnection(endpoint.port, endpoint.host)
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new WireError('unreachable', `${where}: no connection within a given time`))
    }, options.connectTimeoutMs)
    const refuse = (cause: Error): void => {
      clearTimeout(timer)
      reject(new WireError('unreachable', `${where}: ${cause.message}`, { cause }))
    }
    socket.once('error', refuse)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', refuse)
      resolve(socket)
    })
  })
}
