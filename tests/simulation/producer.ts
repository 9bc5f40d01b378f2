// An idempotent producer of the simulated cluster, with batches in flight, that retries as clients do and now and then
// sends out of turn.
import { ErrorCode } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { InitProducerId } from '../../protocol/schemas/22-init-producer-id.ts'
import { Client, RETRY_MS, type TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'

const IN_FLIGHT = 5
/** Refusals in a row, once all is healed, that tell a loss. */
const MISSES_MAX = 10
/** Sent out of turn on purpose, as a client whose request was lost does: the broker must refuse the next. */
const SKIP_CHANCE = 0.03

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
  readonly #topic: TopicHandle
  #misses = 0

  constructor(cluster: SimulatedCluster, topic: TopicHandle, partition: number) {
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
      const leader = await this.#client.leaderOf(this.#topic.name, this.partition)
      if (leader === null) {
        await this.#client.sleep(RETRY_MS)
        continue
      }
      await this.#pipeline(leader, { producerId, producerEpoch })
      this.#client.drop(leader)
      await this.#client.sleep(RETRY_MS)
    }
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
