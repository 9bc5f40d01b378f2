// The one connection to whichever controller leads now: made when first asked for, given up with its leader. Used by
// all that send to the active controller; nothing of it outlives the process.
import type { Endpoint } from '../runtime/runtime.ts'
import type { PeerClient } from './types.ts'

export interface LeaderPeerOptions {
  /** By node id. */
  controllerEndpoints: Pick<ReadonlyMap<number, Endpoint>, 'get'>
  connect: (endpoint: Endpoint) => PeerClient
}

export class LeaderPeer {
  readonly #options: LeaderPeerOptions
  #current: { leaderId: number; client: PeerClient } | null = null

  constructor(options: LeaderPeerOptions) {
    this.#options = options
  }

  /** Null where no endpoint of `leaderId` is known. */
  of(leaderId: number): PeerClient | null {
    const current = this.#current
    if (current?.leaderId === leaderId && current.client.state !== 'closed') return current.client
    this.drop()
    const endpoint = this.#options.controllerEndpoints.get(leaderId)
    if (endpoint === undefined) return null
    const client = this.#options.connect(endpoint)
    this.#current = { leaderId, client }
    return client
  }

  /** Requests to anybody but `leaderId` end. */
  dropOthers(leaderId: number | null): void {
    if (this.#current !== null && this.#current.leaderId !== leaderId) this.drop()
  }

  drop(): void {
    const current = this.#current
    this.#current = null
    current?.client.close()
  }
}
