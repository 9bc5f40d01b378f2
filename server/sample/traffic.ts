import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Consumer,
  type EachBatchPayload,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
} from 'kafkajs'
import { messageOf } from '../kafka/wire-error.ts'
import { ANALYTICS_GROUP, BILLING_GROUP, type SampleTopic } from './names.ts'
import { Pacer, readShare, writeRate } from './pace.ts'
import { IdSource, makeOrder, makePageView, makePayment, type SampleRecord } from './records.ts'

const TICK_MS = 500
const ORDERS_PER_SECOND = 12
const PAGE_VIEWS_PER_SECOND = 60
const SLICE = 20
const DRAW_BACK_MS = 1_000
const STOP_WITHIN_MS = 5_000

export type TopicNames = Readonly<Record<SampleTopic, string>>

/** A real producer and two real consumer groups on kafkajs. */
export class Traffic {
  readonly #kafka: Kafka
  readonly #names: TopicNames
  readonly #producer: Producer
  readonly #consumers: Consumer[] = []
  readonly #abort = new AbortController()
  #writing: Promise<void> | null = null
  /** Why the last batch was not written; null once one was again. */
  lastError: string | null = null

  constructor(brokers: readonly string[], names: TopicNames) {
    this.#names = names
    this.#kafka = new Kafka({
      clientId: 'eyrie-sample',
      brokers: [...brokers],
      // What goes wrong while brokers are killed on purpose is shown as state, not as a log.
      logLevel: logLevel.NOTHING,
      connectionTimeout: 2_000,
      requestTimeout: 15_000,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 20 },
    })
    this.#producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    })
  }

  async start(): Promise<void> {
    await this.#producer.connect()
    this.#writing = this.#write()
    await Promise.all([
      this.#consume(BILLING_GROUP, ['orders', 'payments'], readAtOnce),
      this.#consume(ANALYTICS_GROUP, ['page-views'], (payload) => this.#readSlowly(payload)),
    ])
  }

  /** Ends within seconds: with all brokers down, kafkajs alone would go on trying for minutes. */
  async stop(): Promise<void> {
    this.#abort.abort()
    const clients = [this.#producer, ...this.#consumers]
    const ends = Promise.allSettled([
      this.#writing,
      ...clients.map((client) => client.disconnect()),
    ])
    const late = new AbortController()
    await Promise.race([ends, pause(STOP_WITHIN_MS, late.signal)])
    late.abort()
  }

  async #consume(
    groupId: string,
    topics: readonly SampleTopic[],
    eachBatch: (payload: EachBatchPayload) => Promise<void>,
  ): Promise<void> {
    const consumer = this.#kafka.consumer({
      groupId,
      sessionTimeout: 30_000,
      heartbeatInterval: 3_000,
      maxWaitTimeInMs: 1_000,
      maxBytesPerPartition: 32 * 1024,
      allowAutoTopicCreation: false,
      retry: { retries: 20, maxRetryTime: 5_000, restartOnFailure: async () => true },
    })
    this.#consumers.push(consumer)
    await consumer.connect()
    const names = topics.map((topic) => this.#names[topic])
    await consumer.subscribe({ topics: names, fromBeginning: true })
    await consumer.run({
      autoCommitInterval: 2_000,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 3,
      eachBatch,
    })
  }

  async #write(): Promise<void> {
    const { signal } = this.#abort
    const ids = new IdSource(process.pid)
    const orderPace = new Pacer()
    const viewPace = new Pacer()
    let lastMs = Date.now()
    while (!signal.aborted) {
      const nowMs = Date.now()
      const spanMs = nowMs - lastMs
      lastMs = nowMs
      const moment = { nowMs, random: Math.random, ids }
      const orders = Array.from(
        { length: orderPace.take(writeRate(ORDERS_PER_SECOND, nowMs), spanMs) },
        () => makeOrder(moment),
      )
      // Nine of ten orders are paid at once.
      const paid = orders.filter(() => Math.random() < 0.9)
      const views = viewPace.take(writeRate(PAGE_VIEWS_PER_SECOND, nowMs), spanMs)
      const batches: readonly (readonly [SampleTopic, SampleRecord[]])[] = [
        ['orders', orders.map(({ record }) => record)],
        ['payments', paid.map(({ order }) => makePayment(moment, order))],
        ['page-views', Array.from({ length: views }, () => makePageView(moment))],
      ]
      await this.#send(batches)
      await pause(TICK_MS, signal)
    }
  }

  async #send(batches: readonly (readonly [SampleTopic, SampleRecord[]])[]): Promise<void> {
    const topicMessages = batches
      .filter(([, records]) => records.length > 0)
      .map(([topic, messages]) => ({ topic: this.#names[topic], messages }))
    if (topicMessages.length === 0) return
    try {
      await this.#producer.sendBatch({ acks: -1, topicMessages })
      this.lastError = null
    } catch (error) {
      this.lastError = messageOf(error)
      await pause(DRAW_BACK_MS, this.#abort.signal)
    }
  }

  /** In slices, at the pace of the wave; heart beats go on, so that slowness is no failure. */
  async #readSlowly(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary } = payload
    const { signal } = this.#abort
    for (let at = 0; at < batch.messages.length; at += SLICE) {
      if (!payload.isRunning() || payload.isStale() || signal.aborted) return
      const slice = batch.messages.slice(at, at + SLICE)
      const last = slice.at(-1)
      if (last === undefined) return
      const nowMs = Date.now()
      // Partitions are read side by side, three at a time: each has a third of the pace.
      const perSecond = (writeRate(PAGE_VIEWS_PER_SECOND, nowMs) * readShare(nowMs)) / 3
      await pause((slice.length / perSecond) * 1_000, signal)
      resolveOffset(last.offset)
      await commitOffsetsIfNecessary()
      await heartbeat()
    }
  }
}

async function readAtOnce(payload: EachBatchPayload): Promise<void> {
  const last = payload.batch.messages.at(-1)
  if (last === undefined || !payload.isRunning() || payload.isStale()) return
  payload.resolveOffset(last.offset)
  await payload.commitOffsetsIfNecessary()
  await payload.heartbeat()
}

async function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(timeMs, undefined, { signal })
  } catch {
    // Aborted: the caller looks at the signal.
    return
  }
}
