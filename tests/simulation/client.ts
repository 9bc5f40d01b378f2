// A client on a host of its own, speaking the protocol over the simulated network: connections to brokers, asking one
// or any until it answers, who leads a partition. The clients with a purpose are built on it.
import { connectPeer } from '../../broker/network/peer-client.ts'
import type { PeerClient } from '../../broker/network/types.ts'
import type { Runtime } from '../../broker/runtime/runtime.ts'
import type { Api, Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { CLIENT_PORT, hostOf, type SimulatedCluster } from './cluster.ts'

export const RETRY_MS = 100
/** More than a sound broker takes, which waits up to 2 s for replicas. */
const TIMEOUT_MS = 2500

export interface TopicHandle {
  name: string
  id: string
}

export class Client {
  readonly cluster: SimulatedCluster
  readonly runtime: Runtime
  readonly #connections = new Map<number, PeerClient>()

  constructor(cluster: SimulatedCluster, host = 'client') {
    this.cluster = cluster
    this.runtime = cluster.world.host(host)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.runtime.timers.set(ms, resolve))
  }

  to(id: number): PeerClient {
    let connection = this.#connections.get(id)
    if (connection === undefined || connection.state === 'closed') {
      const endpoint = { host: hostOf(id), port: CLIENT_PORT }
      connection = connectPeer({ endpoint, clientId: 'simulation', runtime: this.runtime })
      this.#connections.set(id, connection)
    }
    return connection
  }

  drop(id: number): void {
    this.#connections.get(id)?.close()
    this.#connections.delete(id)
  }

  anyBroker(): number {
    const { ids } = this.cluster
    return ids[this.runtime.random.int(ids.length)] ?? 1
  }

  /** null: no answer. */
  async ask<Request, Response>(
    id: number,
    api: Api<Request, Response>,
    request: Encodable<Request>,
    timeoutMs = TIMEOUT_MS,
  ): Promise<Response | null> {
    try {
      return await this.to(id).send(api, request, { timeoutMs })
    } catch {
      this.drop(id)
      return null
    }
  }

  /** The leader of a partition as any broker knows it; null when none is known. */
  async leaderOf(topic: string, partitionIndex: number): Promise<number | null> {
    const response = await this.ask(this.anyBroker(), Metadata, { topics: [{ name: topic }] })
    const partition = response?.topics[0]?.partitions.find(
      (candidate) => candidate.partitionIndex === partitionIndex,
    )
    return partition !== undefined && partition.leaderId > 0 ? partition.leaderId : null
  }

  /** Asks one broker after another until `accept` gives something. */
  async insist<Request, Response, Result>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    accept: (response: Response) => Result | null,
  ): Promise<Result> {
    for (;;) {
      const response = await this.ask(this.anyBroker(), api, request)
      const result = response === null ? null : accept(response)
      if (result !== null) return result
      await this.sleep(RETRY_MS)
    }
  }
}

export async function createTopic(
  cluster: SimulatedCluster,
  name: string,
  partitions: number,
): Promise<string> {
  const client = new Client(cluster)
  const topics = [{ name, numPartitions: partitions, replicationFactor: 3 }]
  await client.insist(CreateTopics, { topics, timeoutMs: 3000 }, (response) => {
    const code = response.topics[0]?.errorCode
    return code === ErrorCode.NONE || code === ErrorCode.TOPIC_ALREADY_EXISTS ? true : null
  })
  return client.insist(Metadata, { topics: [{ name }] }, (response) => {
    const topic = response.topics[0]
    return topic?.errorCode === ErrorCode.NONE ? topic.topicId : null
  })
}
