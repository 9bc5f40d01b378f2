// Clients of the simulated cluster, on a host of their own, speaking the protocol over the simulated network:
// an idempotent producer with batches in flight, and a committer of group offsets. They retry as clients do.

import { connectPeer } from '../../broker/network/peer-client.ts'
import type { PeerClient } from '../../broker/network/types.ts'
import type { Runtime } from '../../broker/runtime/runtime.ts'
import type { Api, Encodable } from '../../protocol/api.ts'
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { OffsetCommit } from '../../protocol/schemas/08-offset-commit.ts'
import { OffsetFetch } from '../../protocol/schemas/09-offset-fetch.ts'
import { FindCoordinator } from '../../protocol/schemas/10-find-coordinator.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { InitProducerId } from '../../protocol/schemas/22-init-producer-id.ts'
import { CLIENT_PORT, hostOf, type SimulatedCluster } from './cluster.ts'

const IN_FLIGHT = 5
const RETRY_MS = 100
const TIMEOUT_MS = 5000
/** Refusals in a row, once all is healed, that tell a loss. */
const MISSES_MAX = 10
/** Sent out of turn on purpose, as a client whose request was lost does: the broker must refuse the next. */
const SKIP_CHANCE = 0.03

class Client {
  readonly cluster: SimulatedCluster
  readonly runtime: Runtime
  readonly #connections = new Map<number, PeerClient>()

  constructor(cluster: SimulatedCluster) {
    this.cluster = cluster
    this.runtime = cluster.world.host('client')
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
  ): Promise<Response | null> {
    try {
      return await this.to(id).send(api, request, { timeoutMs: TIMEOUT_MS })
    } catch {
      this.drop(id)
      return null
    }
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

/** Writes the numbers 0, 1, 2 … to one partition, one a batch, several in flight. */
export class IdempotentProducer {
  readonly partition: number
  /** Numbers below it are acknowledged. */
  acknowledged = 0
  /** Numbers below it may be in the log. */
  sent = 0
  isStopping = false
  hasGivenUp = false
  readonly done: Promise<void>
  readonly #client: Client
  readonly #topic: { name: string; id: string }
  #misses = 0

  constructor(cluster: SimulatedCluster, topic: { name: string; id: string }, partition: number) {
    this.partition = partition
    this.#topic = topic
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  async #run(): Promise<void> {
    const { producerId, producerEpoch } = await this.#client.insist(
      InitProducerId,
      { transactionalId: null, transactionTimeoutMs: 60_000 },
      (response) => (response.errorCode === ErrorCode.NONE ? response : null),
    )
    while (!this.hasGivenUp && (!this.isStopping || this.acknowledged < this.sent)) {
      const leader = await this.#leader()
      if (leader === null) {
        await this.#client.sleep(RETRY_MS)
        continue
      }
      await this.#pipeline(leader, { producerId, producerEpoch })
      this.#client.drop(leader)
      await this.#client.sleep(RETRY_MS)
    }
  }

  async #leader(): Promise<number | null> {
    const request = { topics: [{ name: this.#topic.name }] }
    const response = await this.#client.ask(this.#client.anyBroker(), Metadata, request)
    const partition = response?.topics[0]?.partitions.find(
      (p) => p.partitionIndex === this.partition,
    )
    return partition !== undefined && partition.leaderId > 0 ? partition.leaderId : null
  }

  /** Keeps some in flight to this leader until one fails; then all unacknowledged are sent anew, in order. */
  async #pipeline(leader: number, producer: { producerId: number; producerEpoch: number }) {
    const flying: Promise<boolean>[] = []
    let next = this.acknowledged
    for (;;) {
      const isFinished = this.isStopping && next >= this.sent
      while (this.#mayGoOn(next) && !isFinished && (next < this.sent || !this.isStopping)) {
        if (this.#client.runtime.random.next() < SKIP_CHANCE && next + 1 < this.sent) next++
        flying.push(this.#send(leader, producer, next))
        next++
        this.sent = Math.max(this.sent, next)
        await this.#client.sleep(this.#client.runtime.random.int(20))
      }
      const first = flying.shift()
      if (first === undefined) return
      if (!(await first)) {
        await Promise.all(flying)
        return
      }
    }
  }

  /**
   * Beyond what is in flight the broker keeps no account of duplicates: a client that sends further while the
   * outcome of an earlier batch is open can never send that one again. The first batch goes alone: from a producer
   * that it does not know a broker takes any sequence, as Kafka does.
   */
  #mayGoOn(next: number): boolean {
    return next < this.acknowledged + (this.acknowledged === 0 ? 1 : IN_FLIGHT)
  }

  /**
   * All before the first open batch is acknowledged, so that a leader which misses something before it has lost it.
   * An old leader that does not know it yet may say so while faults go on, but not over and over once they end.
   */
  #watchForLoss(leader: number, code: number | undefined): void {
    const isMissing = code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    this.#misses = isMissing && this.isStopping ? this.#misses + 1 : 0
    if (this.#misses < MISSES_MAX || this.hasGivenUp) return
    this.hasGivenUp = true
    this.#client.cluster.violations.push(
      `${this.#topic.name}-${this.partition}: ${this.acknowledged} are acknowledged, but leader ${leader} ` +
        'refuses the next as out of order',
    )
  }

  async #send(
    leader: number,
    producer: { producerId: number; producerEpoch: number },
    number: number,
  ): Promise<boolean> {
    const value = Buffer.from(`${this.partition}:${number}`)
    const records = buildBatch({
      records: [{ key: null, value, timestampMs: this.#client.runtime.clock.nowMs() }],
      ...producer,
      baseSequence: number,
    })
    const response = await this.#client.ask(leader, Produce, {
      acks: -1,
      timeoutMs: 2000,
      topicData: [
        {
          name: this.#topic.name,
          topicId: this.#topic.id,
          partitionData: [{ index: this.partition, records }],
        },
      ],
    })
    const code = response?.responses[0]?.partitionResponses[0]?.errorCode
    if (number === this.acknowledged) this.#watchForLoss(leader, code)
    if (code !== ErrorCode.NONE || number !== this.acknowledged) {
      // An answer out of turn says that an earlier one failed; a duplicate's answer is as good as the first.
      return code === ErrorCode.NONE && number < this.acknowledged
    }
    this.acknowledged++
    return true
  }
}

/** Commits ever larger offsets for a group of its own. */
export class OffsetCommitter {
  committed = 0
  attempted = 0
  isStopping = false
  readonly done: Promise<void>
  readonly #client: Client
  readonly #topic: { name: string; id: string }
  readonly groupId: string

  constructor(cluster: SimulatedCluster, topic: { name: string; id: string }, groupId: string) {
    this.groupId = groupId
    this.#topic = topic
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  #coordinator(): Promise<number> {
    const request = { keyType: 0, coordinatorKeys: [this.groupId] }
    return this.#client.insist(FindCoordinator, request, (response) => {
      const found = response.coordinators[0]
      return found?.errorCode === ErrorCode.NONE ? found.nodeId : null
    })
  }

  async #run(): Promise<void> {
    while (!this.isStopping) {
      const coordinator = await this.#coordinator()
      while (!this.isStopping) {
        this.attempted++
        const response = await this.#client.ask(coordinator, OffsetCommit, {
          groupId: this.groupId,
          generationIdOrMemberEpoch: -1,
          memberId: '',
          topics: [
            {
              name: this.#topic.name,
              topicId: this.#topic.id,
              partitions: [
                { partitionIndex: 0, committedOffset: this.attempted, committedMetadata: '' },
              ],
            },
          ],
        })
        const code = response?.topics[0]?.partitions[0]?.errorCode
        await this.#client.sleep(50)
        if (code !== ErrorCode.NONE) break
        this.committed = this.attempted
      }
    }
  }

  /** What the group's coordinator answers once it can. */
  async read(): Promise<number> {
    for (;;) {
      const coordinator = await this.#coordinator()
      const topics = [{ name: this.#topic.name, topicId: this.#topic.id, partitionIndexes: [0] }]
      const response = await this.#client.ask(coordinator, OffsetFetch, {
        groups: [{ groupId: this.groupId, topics }],
      })
      const group = response?.groups[0]
      const partition = group?.topics[0]?.partitions[0]
      if (group?.errorCode === ErrorCode.NONE && partition?.errorCode === ErrorCode.NONE) {
        return partition.committedOffset
      }
      const code = group?.errorCode ?? ErrorCode.NONE
      if (code !== ErrorCode.NONE) this.#client.cluster.say(`OffsetFetch: ${errorName(code)}`)
      await this.#client.sleep(RETRY_MS)
    }
  }
}
