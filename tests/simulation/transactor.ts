// A transactional producer of the simulated cluster: each transaction writes its number to every partition of a topic
// and commits it as the offset of a group. Some are aborted, some are left open until the coordinator ends them.
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { FindCoordinator } from '../../protocol/schemas/10-find-coordinator.ts'
import { InitProducerId } from '../../protocol/schemas/22-init-producer-id.ts'
import { AddOffsetsToTxn } from '../../protocol/schemas/25-add-offsets-to-txn.ts'
import { EndTxn } from '../../protocol/schemas/26-end-txn.ts'
import { TxnOffsetCommit } from '../../protocol/schemas/28-txn-offset-commit.ts'
import { Client, RETRY_MS, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'

const GROUP_KEY = 0
const TRANSACTION_KEY = 1
const TRANSACTION_TIMEOUT_MS = 4000
/** A batch is sent so often before its transaction is given up. */
const TRIES_MAX = 20
const ABORT_CHANCE = 0.15
/** Of being silent for so long that the coordinator ends the transaction. */
const SILENCE_CHANCE = 0.03

/** 'unknown': a commit was asked for and nobody said whether it happened. */
type Outcome = 'committed' | 'aborted' | 'unknown'

interface Producer {
  producerId: number
  producerEpoch: number
}

export class Transactor {
  readonly transactionalId: string
  readonly groupId: string
  readonly outcomes = new Map<number, Outcome>()
  isStopping = false
  readonly done: Promise<void>
  readonly #client: Client
  readonly #topic: TopicHandle
  readonly #partitions: number
  /** Coordinators and leaders as last heard of. */
  readonly #whereabouts = new Map<string, number>()

  constructor(cluster: SimulatedCluster, topic: TopicHandle, partitions: number) {
    this.transactionalId = 'transactor'
    this.groupId = 'transactions'
    this.#topic = topic
    this.#partitions = partitions
    this.#client = new Client(cluster)
    this.done = this.#run()
  }

  async #run(): Promise<void> {
    const { random } = this.#client.runtime
    let producer: Producer | null = null
    while (!this.isStopping) {
      producer ??= await this.#init()
      if (producer === null) break
      const number = this.outcomes.size + 1
      producer = await this.#transaction(producer, number)
      this.#client.cluster.say(`transaction ${number}: ${this.outcomes.get(number)}`)
      await this.#client.sleep(random.int(30))
    }
    // Whatever is still open is ended by the next owner of the id.
    await this.#init(true)
  }

  async #coordinator(key: string, keyType: number): Promise<number> {
    const known = this.#whereabouts.get(key)
    if (known !== undefined) return known
    const request = { keyType, coordinatorKeys: [key] }
    const id = await this.#client.insist(FindCoordinator, request, (response) => {
      const found = response.coordinators[0]
      return found?.errorCode === ErrorCode.NONE ? found.nodeId : null
    })
    this.#whereabouts.set(key, id)
    return id
  }

  async #leader(partition: number): Promise<number | null> {
    const key = String(partition)
    const known = this.#whereabouts.get(key)
    if (known !== undefined) return known
    const id = await this.#client.leaderOf(this.#topic.name, partition)
    if (id !== null) this.#whereabouts.set(key, id)
    return id
  }

  /** Looks everything up anew, as a client does after an error. */
  async #retryLater(): Promise<void> {
    this.#whereabouts.clear()
    await this.#client.sleep(RETRY_MS)
  }

  async #init(isLast = false): Promise<Producer | null> {
    const request = {
      transactionalId: this.transactionalId,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
    }
    while (isLast || !this.isStopping) {
      const coordinator = await this.#coordinator(this.transactionalId, TRANSACTION_KEY)
      const response = await this.#client.ask(coordinator, InitProducerId, request)
      if (response?.errorCode === ErrorCode.NONE) return response
      await this.#retryLater()
    }
    return null
  }

  /** Gives the producer of the next transaction, null where it has to begin anew. */
  async #transaction(producer: Producer, number: number): Promise<Producer | null> {
    const { random } = this.#client.runtime
    this.outcomes.set(number, 'aborted')
    const partitions = Array.from({ length: this.#partitions }, (_, partition) => partition)
    const written = await Promise.all([
      ...partitions.map((partition) => this.#produce(producer, partition, number)),
      this.#commitOffset(producer, number),
    ])
    if (written.includes(false)) return null
    if (random.next() < SILENCE_CHANCE) {
      this.#client.cluster.say(`transaction ${number} stays open`)
      await this.#client.sleep(TRANSACTION_TIMEOUT_MS * 1.5)
    }
    // It thinks: faults find transactions open.
    await this.#client.sleep(random.int(random.next() < 0.5 ? 400 : 10))
    return this.#end(producer, number, random.next() >= ABORT_CHANCE)
  }

  async #produce(producer: Producer, partition: number, number: number): Promise<boolean> {
    const records = buildBatch({
      records: [{ key: null, value: Buffer.from(String(number)) }],
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      baseSequence: 0,
      isTransactional: true,
    })
    const { name, id } = this.#topic
    const request = {
      transactionalId: this.transactionalId,
      acks: -1,
      timeoutMs: 2000,
      topicData: [{ name, topicId: id, partitionData: [{ index: partition, records }] }],
    }
    for (let tries = 0; tries < TRIES_MAX && !this.isStopping; tries++) {
      const leader = await this.#leader(partition)
      if (leader !== null) {
        const response = await this.#client.ask(leader, Produce, request)
        const code = response?.responses[0]?.partitionResponses[0]?.errorCode
        if (code === ErrorCode.NONE) return true
        if (code !== undefined && endsTransaction(code)) return false
      }
      await this.#retryLater()
    }
    return false
  }

  async #commitOffset(producer: Producer, number: number): Promise<boolean> {
    const identity = { transactionalId: this.transactionalId, groupId: this.groupId, ...producer }
    const partitions = [{ partitionIndex: 0, committedOffset: number, committedMetadata: '' }]
    const topics = [{ name: this.#topic.name, partitions }]
    for (let tries = 0; tries < TRIES_MAX && !this.isStopping; tries++) {
      const owner = await this.#coordinator(this.transactionalId, TRANSACTION_KEY)
      const added = await this.#client.ask(owner, AddOffsetsToTxn, identity)
      if (added !== null && endsTransaction(added.errorCode)) return false
      if (added?.errorCode === ErrorCode.NONE) {
        const group = await this.#coordinator(this.groupId, GROUP_KEY)
        const committed = await this.#client.ask(group, TxnOffsetCommit, { ...identity, topics })
        const code = committed?.topics[0]?.partitions[0]?.errorCode
        if (code === ErrorCode.NONE) return true
        if (code !== undefined && endsTransaction(code)) return false
      }
      await this.#retryLater()
    }
    return false
  }

  async #end(producer: Producer, number: number, wantsCommit: boolean): Promise<Producer | null> {
    const request = {
      transactionalId: this.transactionalId,
      ...producer,
      committed: wantsCommit,
    }
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const coordinator = await this.#coordinator(this.transactionalId, TRANSACTION_KEY)
      if (wantsCommit) this.outcomes.set(number, 'unknown')
      const response = await this.#client.ask(coordinator, EndTxn, request)
      if (response?.errorCode === ErrorCode.NONE) {
        if (wantsCommit) this.outcomes.set(number, 'committed')
        const { producerId, producerEpoch } = response
        return producerId >= 0 ? { producerId, producerEpoch } : null
      }
      if (response !== null && endsTransaction(response.errorCode)) {
        this.#client.cluster.say(`EndTxn of ${number}: ${errorName(response.errorCode)}`)
        return null
      }
      await this.#retryLater()
    }
    return null
  }
}

/** Errors after which this transaction cannot go on. */
function endsTransaction(code: number): boolean {
  return (
    code === ErrorCode.INVALID_PRODUCER_EPOCH ||
    code === ErrorCode.PRODUCER_FENCED ||
    code === ErrorCode.INVALID_TXN_STATE ||
    code === ErrorCode.INVALID_PRODUCER_ID_MAPPING ||
    code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER ||
    code === ErrorCode.UNKNOWN_PRODUCER_ID ||
    code === ErrorCode.TRANSACTION_ABORTABLE
  )
}
