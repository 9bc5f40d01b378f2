// Asks transaction coordinators about partitions (AddPartitionsToTxn v4, between brokers): one request in flight
// to each coordinator, everything asked meanwhile goes out with the next. Made by the broker's wiring, used by
// TransactionGate. Nothing durable: whoever gets an error asks again.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  AddPartitionsToTxn,
  type AddPartitionsToTxnResponse,
} from '../../protocol/schemas/24-add-partitions-to-txn.ts'
import type { TopicPartition } from '../log/types.ts'
import type { Histogram, Meter, MetricsRegistry } from '../metrics/types.ts'
import type { PeerClient } from '../network/types.ts'
import type { Clock, Endpoint, Logger, Timers } from '../runtime/runtime.ts'
import type { ProducerTransaction, TransactionVerifier } from './types.ts'

export interface Coordinator {
  brokerId: number
  endpoint: Endpoint
}

export interface CoordinatorVerifierOptions {
  /** null: no broker leads that partition of __transaction_state, or none is alive. */
  coordinatorOf: (transactionalId: string) => Coordinator | null
  connect: (endpoint: Endpoint) => PeerClient
  /** request.timeout.ms: from being asked to the answer. */
  requestTimeoutMs: number
  clock: Clock
  timers: Timers
  logger: Logger
  metrics: MetricsRegistry
}

interface Question {
  readonly tp: TopicPartition
  readonly transaction: ProducerTransaction
  readonly askedMs: number
  readonly answer: (errorCode: number) => void
}

/** One broker that coordinates: its connection, and who waits for it. */
interface Channel {
  client: PeerClient | null
  endpoint: Endpoint
  queue: Question[]
  isBusy: boolean
}

/** Questions waiting for one coordinator; further ones hear COORDINATOR_NOT_AVAILABLE at once. */
const QUESTIONS_MAX = 20_000

export class CoordinatorVerifier implements TransactionVerifier {
  readonly #options: CoordinatorVerifierOptions
  readonly #channels = new Map<number, Channel>()
  readonly #failures: Meter
  readonly #timeMs: Histogram
  #isClosed = false

  constructor(options: CoordinatorVerifierOptions) {
    this.#options = options
    const bean = 'kafka.server:type=AddPartitionsToTxnManager'
    this.#failures = options.metrics.meter(`${bean},name=VerificationFailureRate`, 'failures')
    this.#timeMs = options.metrics.histogram(`${bean},name=VerificationTimeMs`)
  }

  verify(tp: TopicPartition, transaction: ProducerTransaction): Promise<number> {
    const { coordinatorOf, clock } = this.#options
    const askedMs = clock.monotonicMs()
    return new Promise<number>((resolve) => {
      const answer = (errorCode: number): void => {
        if (errorCode !== ErrorCode.NONE) this.#failures.mark()
        this.#timeMs.update(clock.monotonicMs() - askedMs)
        resolve(toProducer(errorCode, transaction))
      }
      const coordinator = this.#isClosed ? null : coordinatorOf(transaction.transactionalId)
      if (coordinator === null) return answer(ErrorCode.COORDINATOR_NOT_AVAILABLE)
      this.#ask(this.#channelOf(coordinator), { tp, transaction, askedMs, answer })
    })
  }

  close(): void {
    this.#isClosed = true
    for (const channel of this.#channels.values()) {
      for (const { answer } of channel.queue.splice(0)) answer(ErrorCode.COORDINATOR_NOT_AVAILABLE)
      channel.client?.close()
    }
    this.#channels.clear()
  }

  #channelOf({ brokerId, endpoint }: Coordinator): Channel {
    let channel = this.#channels.get(brokerId)
    if (channel === undefined) {
      channel = { client: null, endpoint, queue: [], isBusy: false }
      this.#channels.set(brokerId, channel)
    }
    channel.endpoint = endpoint
    return channel
  }

  #ask(channel: Channel, question: Question): void {
    if (channel.queue.length >= QUESTIONS_MAX) {
      question.answer(ErrorCode.COORDINATOR_NOT_AVAILABLE)
      return
    }
    channel.queue.push(question)
    if (channel.isBusy) return
    channel.isBusy = true
    // All partitions of one Produce request are asked within this turn.
    this.#options.timers.immediate(() => void this.#run(channel))
  }

  /** Never rejects. */
  async #run(channel: Channel): Promise<void> {
    while (channel.queue.length > 0) {
      const { asked, left } = chooseAsked(channel.queue)
      channel.queue = left
      await this.#send(channel, asked)
    }
    channel.isBusy = false
  }

  async #send(channel: Channel, questions: readonly Question[]): Promise<void> {
    const { clock, logger, requestTimeoutMs } = this.#options
    const oldestMs = Math.min(...questions.map(({ askedMs }) => askedMs))
    const timeoutMs = oldestMs + requestTimeoutMs - clock.monotonicMs()
    let response: AddPartitionsToTxnResponse
    try {
      const client = this.#clientOf(channel)
      response = await client.send(
        AddPartitionsToTxn,
        { transactions: transactionsOf(questions) },
        { timeoutMs: Math.max(1, timeoutMs) },
      )
    } catch (error) {
      logger.log('info', 'A transaction coordinator does not answer', {
        coordinator: `${channel.endpoint.host}:${channel.endpoint.port}`,
        reason: error instanceof Error ? error.message : String(error),
      })
      for (const { answer } of questions) answer(ErrorCode.NETWORK_EXCEPTION)
      return
    }
    const codes = codesIn(response)
    for (const { tp, transaction, answer } of questions) {
      const key = answerKey(transaction.transactionalId, tp)
      answer(response.errorCode || (codes.get(key) ?? ErrorCode.UNKNOWN_SERVER_ERROR))
    }
  }

  #clientOf(channel: Channel): PeerClient {
    const { client, endpoint } = channel
    const isUsable =
      client !== null &&
      client.state !== 'closed' &&
      client.endpoint.host === endpoint.host &&
      client.endpoint.port === endpoint.port
    if (isUsable) return client
    client?.close()
    channel.client = this.#options.connect(endpoint)
    return channel.client
  }
}

/**
 * What goes into one request: of each transactional id one transaction, the oldest asked for, but a newer epoch
 * answers questions about older ones. Others wait for the next request.
 */
function chooseAsked(queue: readonly Question[]): { asked: Question[]; left: Question[] } {
  const newest = new Map<string, number>()
  for (const { transaction } of queue) {
    const { producerEpoch } = transaction
    const known = newest.get(producerKey(transaction))
    if (known === undefined || producerEpoch > known) {
      newest.set(producerKey(transaction), producerEpoch)
    }
  }
  const chosen = new Map<string, ProducerTransaction>()
  const asked: Question[] = []
  const left: Question[] = []
  for (const question of queue) {
    const { transaction } = question
    if ((newest.get(producerKey(transaction)) ?? 0) > transaction.producerEpoch) {
      question.answer(ErrorCode.INVALID_PRODUCER_EPOCH)
      continue
    }
    const first = chosen.get(transaction.transactionalId) ?? transaction
    chosen.set(transaction.transactionalId, first)
    const isSame =
      first.producerId === transaction.producerId &&
      first.producerEpoch === transaction.producerEpoch &&
      isVerifyOnly(first) === isVerifyOnly(transaction)
    if (isSame) asked.push(question)
    else left.push(question)
  }
  return { asked, left }
}

function producerKey({ transactionalId, producerId }: ProducerTransaction): string {
  return `${producerId}:${transactionalId}`
}

function isVerifyOnly({ operation }: ProducerTransaction): boolean {
  return operation !== 'add-partition'
}

function transactionsOf(questions: readonly Question[]) {
  const byId = new Map<
    string,
    { transaction: ProducerTransaction; topics: Map<string, Set<number>> }
  >()
  for (const { tp, transaction } of questions) {
    const { transactionalId } = transaction
    const known = byId.get(transactionalId) ?? { transaction, topics: new Map() }
    byId.set(transactionalId, known)
    const partitions = known.topics.get(tp.topic) ?? new Set<number>()
    known.topics.set(tp.topic, partitions.add(tp.partition))
  }
  return [...byId.values()].map(({ transaction, topics }) => ({
    transactionalId: transaction.transactionalId,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    verifyOnly: isVerifyOnly(transaction),
    topics: [...topics].map(([name, partitions]) => ({ name, partitions: [...partitions] })),
  }))
}

function answerKey(transactionalId: string, { topic, partition }: TopicPartition): string {
  return `${transactionalId}\n${topic}\n${partition}`
}

function codesIn(response: AddPartitionsToTxnResponse): Map<string, number> {
  const codes = new Map<string, number>()
  for (const { transactionalId, topicResults } of response.resultsByTransaction) {
    for (const { name, resultsByPartition } of topicResults) {
      for (const { partitionIndex, partitionErrorCode } of resultsByPartition) {
        const tp = { topic: name, partition: partitionIndex }
        codes.set(answerKey(transactionalId, tp), partitionErrorCode)
      }
    }
  }
  return codes
}

/** Coordinators speak to brokers; this is what producers know of it. */
function toProducer(errorCode: number, { operation }: ProducerTransaction): number {
  switch (errorCode) {
    case ErrorCode.PRODUCER_FENCED:
      return ErrorCode.INVALID_PRODUCER_EPOCH
    case ErrorCode.CLUSTER_AUTHORIZATION_FAILED:
      return ErrorCode.INVALID_TXN_STATE
    case ErrorCode.TRANSACTION_ABORTABLE:
      return operation === 'default-errors' ? ErrorCode.INVALID_TXN_STATE : errorCode
    default:
      return errorCode
  }
}
