import type { Api, Encodable } from '../../protocol/api.ts'
import {
  type CallOptions,
  Connection,
  type ConnectionOptions,
  type Endpoint,
} from './connection.ts'
import { messageOf, WireError } from './wire-error.ts'

/**
 * `control`: short questions. `data`: record fetches, which wait. Own sockets, so neither delays
 * the other.
 */
export type Purpose = 'control' | 'data' | `tail-${string}`

export interface ClientCallOptions extends Partial<CallOptions> {
  readonly purpose?: Purpose
}

export interface WireClientOptions extends Partial<ConnectionOptions> {
  readonly bootstrap: readonly Endpoint[]
}

interface Attempts {
  failures: number
  notBeforeMs: number
  lastError: WireError
}

const BACKOFF_FIRST_MS = 100
const BACKOFF_MAX_MS = 2_000
export const CALL_TIMEOUT_MS = 5_000

/** `'any'`: whichever broker answers first. */
export type Target = number | 'any'

/**
 * Speaks to all brokers of one cluster: a connection per (broker, purpose), opened when first used,
 * opened again after a failure with a growing pause in which calls fail at once.
 */
export class WireClient {
  readonly #bootstrap: readonly Endpoint[]
  readonly #options: ConnectionOptions
  readonly #connections = new Map<string, Promise<Connection>>()
  readonly #attempts = new Map<string, Attempts>()
  #nodes = new Map<number, Endpoint>()
  #preferredKey: string | null = null
  #isClosed = false

  constructor(options: WireClientOptions) {
    const { bootstrap, ...connection } = options
    this.#bootstrap = bootstrap
    this.#options = { clientId: 'eyrie-console', connectTimeoutMs: 2_000, ...connection }
  }

  /** The brokers' addresses as the cluster advertises them. */
  setNodes(nodes: Iterable<readonly [number, Endpoint]>): void {
    const next = new Map(nodes)
    if (next.size > 0) this.#nodes = next
  }

  get nodeIds(): number[] {
    return [...this.#nodes.keys()]
  }

  /** Throws WireError; an unknown broker id is `unreachable`. */
  async call<Q, S>(
    target: Target,
    api: Api<Q, S>,
    request: Encodable<Q>,
    options: ClientCallOptions = {},
  ): Promise<S> {
    if (this.#isClosed) throw new WireError('closed', 'the client is closed')
    const timeoutMs = options.timeoutMs ?? CALL_TIMEOUT_MS
    const send = async (connection: Connection): Promise<S> =>
      connection.send(api, request, { ...options, timeoutMs })
    if (target === 'any') return this.#onAny(options.purpose ?? 'control', send)
    const endpoint = this.#nodes.get(target)
    if (endpoint === undefined) {
      throw new WireError('unreachable', `broker ${target} is not in the cluster's metadata`)
    }
    return this.#onEndpoint(endpoint, options.purpose ?? 'control', send)
  }

  /** The version a broker would be asked in, or null where it does not serve the API. */
  async versionOn<Q, S>(target: Target, api: Api<Q, S>): Promise<number | null> {
    const read = async (connection: Connection): Promise<number | null> => connection.versionOf(api)
    if (target === 'any') return this.#onAny('control', read)
    const endpoint = this.#nodes.get(target)
    return endpoint === undefined ? null : this.#onEndpoint(endpoint, 'control', read)
  }

  /** Ends the connections of one purpose, e.g. of one live tail. */
  closePurpose(purpose: Purpose): void {
    for (const [key, connection] of this.#connections) {
      if (!key.endsWith(` ${purpose}`)) continue
      this.#connections.delete(key)
      connection.then((open) => open.close(), ignoreFailedOpen)
    }
  }

  /** Ends all connections: whoever waits for an answer gets none. The next call opens new ones. */
  hangUp(): void {
    for (const connection of this.#connections.values()) {
      connection.then((open) => open.close(), ignoreFailedOpen)
    }
    this.#connections.clear()
  }

  close(): void {
    this.#isClosed = true
    this.hangUp()
  }

  async #onEndpoint<T>(
    endpoint: Endpoint,
    purpose: Purpose,
    use: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const { connection, isReused } = await this.#connect(endpoint, purpose)
    try {
      return await use(connection)
    } catch (error) {
      // The broker may have closed an idle connection just before our request reached it.
      const isStale = isReused && error instanceof WireError && error.failure === 'closed'
      if (!isStale || !connection.isClosed || this.#isClosed) throw error
      const again = await this.#connect(endpoint, purpose)
      return use(again.connection)
    }
  }

  /** Tries the broker that answered last, then the known ones, then the bootstrap list. */
  async #onAny<T>(purpose: Purpose, use: (connection: Connection) => Promise<T>): Promise<T> {
    const candidates = new Map<string, Endpoint>()
    for (const endpoint of [...this.#nodes.values(), ...this.#bootstrap]) {
      candidates.set(keyOf(endpoint), endpoint)
    }
    const ordered = [...candidates.entries()].sort(
      ([a], [b]) => Number(b === this.#preferredKey) - Number(a === this.#preferredKey),
    )
    let lastError: unknown = new WireError('unreachable', 'no broker address is known')
    for (const [key, endpoint] of ordered) {
      try {
        const result = await this.#onEndpoint(endpoint, purpose, use)
        this.#preferredKey = key
        return result
      } catch (error) {
        if (!(error instanceof WireError) || error.failure === 'unsupported') throw error
        lastError = error
      }
    }
    throw lastError
  }

  async #connect(
    endpoint: Endpoint,
    purpose: Purpose,
  ): Promise<{ connection: Connection; isReused: boolean }> {
    const key = `${keyOf(endpoint)} ${purpose}`
    const existing = this.#connections.get(key)
    if (existing !== undefined) {
      const connection = await existing
      if (!connection.isClosed) return { connection, isReused: true }
      if (this.#connections.get(key) === existing) this.#connections.delete(key)
      return this.#connect(endpoint, purpose)
    }
    const attempts = this.#attempts.get(keyOf(endpoint))
    if (attempts !== undefined && Date.now() < attempts.notBeforeMs) throw attempts.lastError
    const opening = Connection.open(endpoint, this.#options)
    this.#connections.set(key, opening)
    try {
      const connection = await opening
      this.#attempts.delete(keyOf(endpoint))
      return { connection, isReused: false }
    } catch (error) {
      if (this.#connections.get(key) === opening) this.#connections.delete(key)
      this.#noteFailure(endpoint, error)
      throw error
    }
  }

  #noteFailure(endpoint: Endpoint, error: unknown): void {
    const key = keyOf(endpoint)
    const failures = (this.#attempts.get(key)?.failures ?? 0) + 1
    const pauseMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 10))
    const lastError =
      error instanceof WireError ? error : new WireError('unreachable', messageOf(error))
    this.#attempts.set(key, { failures, notBeforeMs: Date.now() + pauseMs, lastError })
  }
}

function keyOf(endpoint: Endpoint): string {
  return `${endpoint.host}:${endpoint.port}`
}

/** Its opener has already had the error. */
function ignoreFailedOpen(): void {
  return
}

/** Results by broker; a broker that is slow or dead has an error instead and delays nobody. */
export interface FanOut<T> {
  readonly results: Map<number, T>
  readonly errors: Map<number, Error>
}

export async function fanOut<T>(
  brokerIds: Iterable<number>,
  ask: (brokerId: number) => Promise<T>,
): Promise<FanOut<T>> {
  const results = new Map<number, T>()
  const errors = new Map<number, Error>()
  const one = async (brokerId: number): Promise<void> => {
    try {
      results.set(brokerId, await ask(brokerId))
    } catch (error) {
      errors.set(brokerId, error instanceof Error ? error : new Error(messageOf(error)))
    }
  }
  await Promise.all([...brokerIds].map(one))
  return { results, errors }
}

/** `host:port,host:port`; IPv6 hosts in brackets. Throws on a part without a port. */
export function parseBootstrap(text: string): Endpoint[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(part)
      const port = Number(match?.[2])
      if (match?.[1] === undefined || port < 1 || port > 65_535) {
        throw new Error(`not a host:port: ${part}`)
      }
      return { host: match[1], port }
    })
}
