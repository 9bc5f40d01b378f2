// How many connections a broker takes, in all and from one address, over all its listeners together. One is shared
// by the broker's listeners; its bounds change while it runs. Counts only; keeps nothing across a crash.
import { ConnectionRate } from './connection-rate.ts'

export interface ConnectionBounds {
  /** max.connections */
  max: number
  /** max.connections.per.ip */
  maxPerAddress: number
  /** max.connections.per.ip.overrides, by address. */
  overrides: ReadonlyMap<string, number>
}

/** Names that need no resolver. */
const LOCAL_NAMES: Readonly<Record<string, readonly string[]>> = { localhost: ['127.0.0.1', '::1'] }

export class ConnectionLimits {
  readonly rate = new ConnectionRate()
  #bounds: ConnectionBounds
  #count = 0
  readonly #byAddress = new Map<string, number>()

  constructor(bounds: Partial<ConnectionBounds> = {}) {
    this.#bounds = {
      max: bounds.max ?? Number.POSITIVE_INFINITY,
      maxPerAddress: bounds.maxPerAddress ?? Number.POSITIVE_INFINITY,
      overrides: bounds.overrides ?? new Map(),
    }
  }

  /** For connections to come: those that are open stay. */
  update(bounds: ConnectionBounds): void {
    const overrides = new Map<string, number>()
    for (const [host, max] of bounds.overrides) {
      for (const address of LOCAL_NAMES[host] ?? [host]) overrides.set(address, max)
    }
    this.#bounds = { ...bounds, overrides }
  }

  /** Counts one more connection from `remote`; null when that is fine, else which bound forbids it. */
  take(
    remote: string,
  ): { bound: 'max.connections' | 'max.connections.per.ip'; max: number } | null {
    const { max, maxPerAddress, overrides } = this.#bounds
    const address = plain(remote)
    const present = this.#byAddress.get(address) ?? 0
    const perAddress = overrides.get(address) ?? maxPerAddress
    if (this.#count >= max) return { bound: 'max.connections', max }
    if (present >= perAddress) return { bound: 'max.connections.per.ip', max: perAddress }
    this.#count++
    this.#byAddress.set(address, present + 1)
    return null
  }

  release(remote: string): void {
    const address = plain(remote)
    const left = (this.#byAddress.get(address) ?? 1) - 1
    this.#count--
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }
}

/** An IPv4 address as an IPv6 socket tells it is the same address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
