// Connections to the other voters, one for fetching and one for the rest, made when needed. Owned
// by RaftNode. Finds out whether a leader that went silent is gone: its address refuses fresh
// connections.
import type { Api, Encodable } from '../../protocol/api.ts'
import type { ChannelMetrics } from '../metrics/channel-metrics.ts'
import { connectPeer } from '../network/peer-client.ts'
import type { PeerClient } from '../network/types.ts'
import { PeerError } from '../network/types.ts'
import type { Endpoint, Runtime, TimerHandle } from '../runtime/runtime.ts'

/** A fetch waits at the leader: other requests must not queue up behind it. */
export type Purpose = 'fetch' | 'election'

export interface PeersOptions {
  runtime: Runtime
  nodeId: number
  endpointOf(nodeId: number): Endpoint | undefined
  requestTimeoutMs: number
  traffic?: ChannelMetrics | undefined
  /** The fetch connection ended, and two fresh connects were refused. */
  onRefused(nodeId: number): void
}

const REFUSALS_NEEDED = 2
const PROBE_INTERVAL_MS = 15
const PROBE_TIMEOUT_MS = 500

export class Peers {
  readonly #options: PeersOptions
  readonly #clients = new Map<string, PeerClient>()
  readonly #probing = new Map<number, TimerHandle | null>()
  #isClosed = false

  constructor(options: PeersOptions) {
    this.#options = options
  }

  send<Request, Response>(
    to: number,
    purpose: Purpose,
    api: Api<Request, Response>,
    request: Encodable<Request>,
  ): Promise<Response> {
    const client = this.#client(to, purpose)
    if (client === null) {
      return Promise.reject(new PeerError('ENOTFOUND', `the address of node ${to} is not known`))
    }
    return client.send(api, request, { timeoutMs: this.#options.requestTimeoutMs })
  }

  close(): void {
    this.#isClosed = true
    for (const client of this.#clients.values()) client.close()
    this.#clients.clear()
    for (const timer of this.#probing.values()) this.#options.runtime.timers.clear(timer)
    this.#probing.clear()
  }

  #client(to: number, purpose: Purpose): PeerClient | null {
    const key = `${purpose} ${to}`
    const known = this.#clients.get(key)
    const { runtime, endpointOf, requestTimeoutMs, nodeId, traffic } = this.#options
    const endpoint = endpointOf(to)
    if (known !== undefined && known.state !== 'closed') {
      if (endpoint === undefined || isSame(known.endpoint, endpoint)) return known
      this.#clients.delete(key)
      known.close()
    }
    if (endpoint === undefined || this.#isClosed) return null
    const client = connectPeer({
      endpoint,
      clientId: `raft-client-${nodeId}`,
      runtime,
      settings: { connectTimeoutMs: requestTimeoutMs },
      ...(traffic === undefined ? {} : { traffic }),
    })
    this.#clients.set(key, client)
    client.onClose(() => {
      if (this.#clients.get(key) !== client) return
      this.#clients.delete(key)
      if (purpose === 'fetch' && to >= 0) this.#probe(to, endpoint, 0)
    })
    return client
  }

  /** Only a refusal is evidence; a connection, a reset or silence proves nothing. */
  #probe(to: number, endpoint: Endpoint, refusals: number): void {
    if (this.#isClosed || (refusals === 0 && this.#probing.has(to))) return
    const { network, timers } = this.#options.runtime
    this.#probing.set(to, null)
    network.connect(endpoint, PROBE_TIMEOUT_MS).then(
      (socket) => {
        socket.onClose(() => undefined)
        socket.destroy()
        this.#probing.delete(to)
      },
      (error: NodeJS.ErrnoException) => {
        if (this.#isClosed || error.code !== 'ECONNREFUSED') {
          this.#probing.delete(to)
        } else if (refusals + 1 >= REFUSALS_NEEDED) {
          this.#probing.delete(to)
          this.#options.onRefused(to)
        } else {
          const again = () => this.#probe(to, endpoint, refusals + 1)
          this.#probing.set(to, timers.set(PROBE_INTERVAL_MS, again))
        }
      },
    )
  }
}

function isSame(left: Endpoint, right: Endpoint): boolean {
  return left.host === right.host && left.port === right.port
}
