// A transaction coordinator on virtual time: a log that outlives it, brokers that answer its markers as told, and a
// producer whose calls are answered as text.

import { MarkerSender } from '../../broker/coordinator/transaction/marker-sender.ts'
import { parseTransactionRecord } from '../../broker/coordinator/transaction/records.ts'
import {
  LogTransactionCoordinator,
  type TransactionCoordinatorSettings,
} from '../../broker/coordinator/transaction/transaction-coordinator.ts'
import type {
  MetadataImage,
  MetadataListener,
  MetadataView,
} from '../../broker/metadata/image-types.ts'
import type { RequestContext } from '../../broker/network/types.ts'
import { ErrorCode, errorName, KafkaError } from '../../protocol/errors.ts'
import type { WriteTxnMarkersRequest } from '../../protocol/schemas/27-write-txn-markers.ts'
import { CoordinatorTopic } from './coordinator-topic.ts'
import { createWorld } from './memory-runtime.ts'

export const transactionSettings: TransactionCoordinatorSettings = {
  topicPartitions: 1,
  maxTimeoutMs: 900_000,
  abortIntervalMs: 10_000,
  expirationMs: 7 * 24 * 3_600_000,
  expiryIntervalMs: 3_600_000,
  isTwoPhaseCommitEnabled: false,
  retryBackoffMs: 100,
  commitTimeoutMs: 5000,
  maxBatchBytes: 1_000_000,
  maxQueuedRecords: 1000,
}
/** Versions of EndTxn that speak transaction.version 2 and older ones. */
export const TV2 = 5
export const TV0 = 4

type Marker = WriteTxnMarkersRequest['markers'][number]

/** Brokers that answer markers, and the metadata that says who leads. */
export class TransactionWorld {
  readonly simulation = createWorld({ seed: 'transactions' })
  readonly topic = new CoordinatorTopic()
  readonly leaders = new Map<string, number[]>([
    ['orders', [1, 2]],
    ['__consumer_offsets', [2]],
  ])
  transactionVersion = 2
  /** Markers as the brokers got them. */
  readonly markers: string[] = []
  /** What the next markers are answered, by broker; NONE unless told. null: no answer. */
  readonly answers = new Map<number, number | null>()
  readonly #listeners: MetadataListener[] = []
  nextProducerId = 7
  hasProducerIds = true

  get image(): MetadataImage {
    const topics = [...this.leaders].map(
      ([name, leaders]) => [name, { partitions: leaders.map((leader) => ({ leader })) }] as const,
    )
    const brokers = [1, 2].map((id) => [id, { id, isFenced: false }] as const)
    return {
      topicsByName: new Map(topics),
      brokers: new Map(brokers),
      features: new Map([['transaction.version', this.transactionVersion]]),
    } as unknown as MetadataImage
  }

  async publish(): Promise<void> {
    const changedTopics = new Set(this.leaders.keys())
    const delta = {
      image: this.image,
      previous: this.image,
      changedTopics,
      changedBrokers: new Set<number>(),
      deletedTopics: [],
      changedConfigs: new Set<string>(),
    }
    for (const listener of this.#listeners) await listener(delta)
  }

  /** A broker that has just been elected. */
  coordinator(epoch: number) {
    const runtime = this.simulation.host('broker')
    const world = this
    const metadata: MetadataView = {
      get image() {
        return world.image
      },
      subscribe: (_name, listener) => world.#listeners.push(listener),
      waitForOffset: async () => undefined,
    }
    const { replicas, elect, resign } = this.topic.leader()
    const markers = new MarkerSender({
      runtime,
      metadata,
      send: async (brokerId, request) => this.#write(brokerId, request.markers),
      disconnect: () => undefined,
      close: () => undefined,
      settings: { retryBackoffMs: 100, maxPartitionsPerRequest: 100 },
    })
    const coordinator = new LogTransactionCoordinator({
      runtime,
      replicas,
      metadata,
      markers,
      producerIds: {
        next: async () => {
          if (!this.hasProducerIds) throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
          return this.nextProducerId++
        },
      },
      groupPartitionFor: () => 0,
      offsetsTopic: '__consumer_offsets',
      settings: transactionSettings,
    })
    elect(epoch)
    return { coordinator, elect, resign }
  }

  #write(brokerId: number, markers: readonly Marker[]) {
    const answer = this.answers.get(brokerId) ?? ErrorCode.NONE
    if (this.answers.get(brokerId) === null) throw new Error('no answer')
    for (const marker of markers) {
      const kind = marker.transactionResult ? 'commit' : 'abort'
      const where = marker.topics.flatMap(({ name, partitionIndexes }) =>
        partitionIndexes.map((index) => `${name}-${index}`),
      )
      const by = `${marker.producerId}:${marker.producerEpoch} of ${marker.coordinatorEpoch}`
      this.markers.push(`${kind} ${by} to ${brokerId}: ${where.join(' ')} ${errorName(answer)}`)
    }
    return {
      markers: markers.map(({ producerId, topics }) => ({
        producerId,
        topics: topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            errorCode: answer,
          })),
        })),
      })),
    }
  }

  /** States of the one id as written to the log. */
  states(): string[] {
    return this.topic.records().map(({ key, value }) => {
      const parsed = parseTransactionRecord(key ?? Buffer.alloc(2), value)
      return parsed?.metadata?.state ?? 'tombstone'
    })
  }
}

export const contextOf = (apiVersion: number) => ({ apiVersion }) as unknown as RequestContext

/** A producer's calls, answers as text. */
export class TextProducer {
  producerId = -1
  producerEpoch = -1
  coordinator: LogTransactionCoordinator
  readonly world: TransactionWorld
  constructor(world: TransactionWorld, coordinator: LogTransactionCoordinator) {
    this.world = world
    this.coordinator = coordinator
  }

  /** Lets the world go on for a moment, so that what can end does. */
  async #ask<T>(call: Promise<T>): Promise<T> {
    return this.world.simulation.run(call)
  }

  async init(options: { isFresh?: boolean; apiVersion?: number; timeoutMs?: number } = {}) {
    const { isFresh = true, apiVersion = 5, timeoutMs = 60_000 } = options
    const answer = await this.#ask(
      this.coordinator.initProducerId(contextOf(apiVersion), {
        transactionalId: 't',
        transactionTimeoutMs: timeoutMs,
        producerId: isFresh ? -1 : this.producerId,
        producerEpoch: isFresh ? -1 : this.producerEpoch,
        enable2Pc: false,
        keepPreparedTxn: false,
      }),
    )
    return this.#take(answer)
  }

  #take(answer: { errorCode?: number; producerId?: number; producerEpoch?: number }): string {
    if (answer.errorCode !== ErrorCode.NONE) return errorName(answer.errorCode ?? -1)
    this.producerId = answer.producerId ?? -1
    this.producerEpoch = answer.producerEpoch ?? -1
    return `${this.producerId}:${this.producerEpoch}`
  }

  async add(partitions: number[], options: { apiVersion?: number; verifyOnly?: boolean } = {}) {
    const { apiVersion = 5, verifyOnly = false } = options
    const answer = await this.#ask(
      this.coordinator.addPartitions(contextOf(apiVersion), {
        transactions: [
          {
            transactionalId: 't',
            producerId: this.producerId,
            producerEpoch: this.producerEpoch,
            verifyOnly,
            topics: [{ name: 'orders', partitions }],
          },
        ],
        v3AndBelowTransactionalId: '',
        v3AndBelowProducerId: -1,
        v3AndBelowProducerEpoch: -1,
        v3AndBelowTopics: [],
      }),
    )
    const codes = answer.resultsByTransaction?.[0]?.topicResults?.[0]?.resultsByPartition ?? []
    return codes.map(({ partitionErrorCode }) => errorName(partitionErrorCode ?? -1)).join(' ')
  }

  async addOffsets() {
    const { producerId, producerEpoch } = this
    const answer = await this.#ask(
      this.coordinator.addOffsets(contextOf(4), {
        transactionalId: 't',
        producerId,
        producerEpoch,
        groupId: 'g',
      }),
    )
    return errorName(answer.errorCode ?? -1)
  }

  async end(committed: boolean, apiVersion = TV2) {
    const { producerId, producerEpoch } = this
    const answer = await this.#ask(
      this.coordinator.endTransaction(contextOf(apiVersion), {
        transactionalId: 't',
        producerId,
        producerEpoch,
        committed,
      }),
    )
    return this.#take(answer)
  }

  async describe() {
    const answer = await this.coordinator.describe(contextOf(0), { transactionalIds: ['t'] })
    const state = answer.transactionStates?.[0]
    if (state?.errorCode !== ErrorCode.NONE) return errorName(state?.errorCode ?? -1)
    const topics = state.topics?.map(({ topic, partitions }) => `${topic} ${partitions?.join()}`)
    return [state.transactionState, ...(topics ?? [])].join(' ')
  }
}
