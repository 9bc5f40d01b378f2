// Where the nodes of the quorum listen: bootstrap servers (under negative ids, as nobody knows who
// they are), voters as the voter set says, leaders as others told of them. Owned by RaftNode; in
// memory only.
import type { Endpoint } from '../runtime/runtime.ts'

/** Told leaders kept; there are never more than a few, but the wire must not fill memory. */
const LEARNED_MAX = 64

export class AddressBook {
  readonly #bootstrap: readonly Endpoint[]
  readonly #voterEndpoint: (nodeId: number) => Endpoint | undefined
  readonly #learned = new Map<number, Endpoint>()

  constructor(options: {
    bootstrap: readonly Endpoint[]
    /** As the newest voter set says. */
    voterEndpoint: (nodeId: number) => Endpoint | undefined
  }) {
    this.#bootstrap = options.bootstrap
    this.#voterEndpoint = options.voterEndpoint
  }

  get(nodeId: number): Endpoint | undefined {
    if (nodeId < 0) return this.#bootstrap[-nodeId - 1]
    return this.#learned.get(nodeId) ?? this.#voterEndpoint(nodeId)
  }

  /** What another node says of `nodeId`; it counts until the voter set changes. */
  learn(nodeId: number, { host, port }: Endpoint): void {
    if (nodeId < 0 || host === '' || port <= 0) return
    const known = this.#voterEndpoint(nodeId)
    this.#learned.delete(nodeId)
    if (known !== undefined && known.host === host && known.port === port) return
    this.#learned.set(nodeId, { host, port })
    for (const oldest of this.#learned.keys()) {
      if (this.#learned.size <= LEARNED_MAX) break
      this.#learned.delete(oldest)
    }
  }

  forgetLearned(): void {
    this.#learned.clear()
  }
}

/** The ids under which `bootstrap` servers are asked. */
export function bootstrapIds(bootstrap: readonly Endpoint[]): number[] {
  return bootstrap.map((_endpoint, index) => -index - 1)
}
