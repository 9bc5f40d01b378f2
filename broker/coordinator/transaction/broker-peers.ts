// Connections of the transaction coordinator to other brokers, one each, opened when first needed and replaced
// when they have ended.
import type { MetadataView } from '../../metadata/image-types.ts'
import type { PeerClient } from '../../network/types.ts'
import type { Endpoint } from '../../runtime/runtime.ts'

export interface BrokerPeersOptions {
  metadata: MetadataView
  interBrokerListenerName: string
  connect: (endpoint: Endpoint) => PeerClient
}

export class BrokerPeers {
  readonly #options: BrokerPeersOptions
  readonly #clients = new Map<number, PeerClient>()

  constructor(options: BrokerPeersOptions) {
    this.#options = options
  }

  /** null while the broker is not registered or fenced. */
  get(brokerId: number): PeerClient | null {
    const broker = this.#options.metadata.image.brokers.get(brokerId)
    const { interBrokerListenerName } = this.#options
    const endpoint = broker?.endpoints.find(({ name }) => name === interBrokerListenerName)
    if (broker === undefined || broker.isFenced || endpoint === undefined) return null
    const known = this.#clients.get(brokerId)
    if (known !== undefined) {
      const { host, port } = known.endpoint
      const isSame = host === endpoint.host && port === endpoint.port
      if (known.state !== 'closed' && isSame) return known
      known.close()
    }
    const client = this.#options.connect({ host: endpoint.host, port: endpoint.port })
    this.#clients.set(brokerId, client)
    return client
  }

  /** What is under way there rejects. */
  drop(brokerId: number): void {
    this.#clients.get(brokerId)?.close()
    this.#clients.delete(brokerId)
  }

  close(): void {
    for (const client of this.#clients.values()) client.close()
    this.#clients.clear()
  }
}
