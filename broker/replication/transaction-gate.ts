// Transactional batches on their way into the log: each partition's first batch of a transaction waits until the
// transaction's coordinator has vouched for it (KIP-890); batches behind it wait their turn, so that sequences
// stay in order. Owned by ReplicaManager. Nothing durable: what was not appended comes again from its producer.
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import {
  BATCH_HEADER_BYTES,
  batchBaseSequence,
  batchProducerEpoch,
  batchProducerId,
  isTransactionalBatch,
  NO_SEQUENCE,
} from '../../protocol/records/batch.ts'
import type { TopicPartition, VerificationGuard } from '../log/types.ts'
import type { Clock, Timers } from '../runtime/runtime.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { ProduceOptions } from './produce.ts'
import type {
  ProduceEntry,
  ProduceResult,
  ProducerTransaction,
  TransactionVerifier,
} from './types.ts'

export interface TransactionGateSettings {
  /** add.partitions.to.txn.retry.backoff.ms: while the previous transaction of the producer ends. */
  retryBackoffMs: number
  /** add.partitions.to.txn.retry.backoff.max.ms: not longer than this; then the client retries. */
  retryBackoffMaxMs: number
  /** transaction.partition.verification.enable; partitions are added to transactions all the same. */
  mustVerify: () => boolean
}

export const defaultTransactionGateSettings: TransactionGateSettings = {
  retryBackoffMs: 20,
  retryBackoffMaxMs: 100,
  mustVerify: () => true,
}

export interface TransactionGateOptions {
  hosted: HostedPartitions
  verifier: TransactionVerifier
  settings: TransactionGateSettings
  clock: Clock
  timers: Timers
  /** Appends without asking anybody; must enter the log's queue before its first await. */
  produce: (entries: readonly ProduceEntry[], options: ProduceOptions) => Promise<ProduceResult[]>
}

/** Verifications that a marker overtakes are made again, so often. */
const ATTEMPTS_MAX = 8

interface Verified {
  errorCode: number
  verificationGuard: VerificationGuard | null
}

export class TransactionGate {
  readonly #options: TransactionGateOptions
  /** By producer and partition: the last batch that waits. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(options: TransactionGateOptions) {
    this.#options = options
  }

  /** Results in the order of `entries`; never rejects. Batches outside transactions pass through. */
  async produce(
    entries: readonly ProduceEntry[],
    options: ProduceOptions & { transaction: NonNullable<ProduceOptions['transaction']> },
  ): Promise<ProduceResult[]> {
    const direct: ProduceEntry[] = []
    const waits = entries.map((entry) => {
      const transaction = transactionOf(entry, options.transaction)
      if (transaction === null || this.#isOpen(entry, transaction)) {
        direct.push(entry)
        return null
      }
      return this.#produceInTurn(entry, transaction, options)
    })
    const produced = direct.length === 0 ? [] : this.#options.produce(direct, options)
    const directResults = await produced
    let next = 0
    return Promise.all(waits.map((wait) => wait ?? (directResults[next++] as ProduceResult)))
  }

  async verify(partition: TopicPartition, transaction: ProducerTransaction): Promise<Verified> {
    return this.#verify(partition, transaction, NO_SEQUENCE)
  }

  /** Open at this very leader already, and nobody waits in front. */
  #isOpen(entry: ProduceEntry, transaction: ProducerTransaction): boolean {
    if (this.#turns.has(turnKey(entry, transaction))) return false
    const sequence = batchBaseSequence(entry.records, 0)
    return this.#begin(entry, transaction, sequence) === null
  }

  #begin(
    tp: TopicPartition,
    transaction: ProducerTransaction,
    baseSequence: number,
  ): VerificationGuard | null {
    const partition = this.#options.hosted.get(tp)
    // Nothing to verify for: the append itself says why it cannot be.
    if (partition === null || !partition.isLeader || partition.log === null) return null
    const { producerId, producerEpoch, operation } = transaction
    const supportsEpochBump = operation === 'add-partition'
    if (!supportsEpochBump && !this.#options.settings.mustVerify()) return null
    const batch = { producerId, producerEpoch, baseSequence, supportsEpochBump }
    return partition.log.beginVerification(batch)
  }

  #produceInTurn(
    entry: ProduceEntry,
    transaction: ProducerTransaction,
    options: ProduceOptions,
  ): Promise<ProduceResult> {
    const key = turnKey(entry, transaction)
    const previous = this.#turns.get(key)
    let produced: Promise<ProduceResult> | null = null
    const turn = (async () => {
      if (previous !== undefined) await previous
      const sequence = batchBaseSequence(entry.records, 0)
      const verified = await this.#verify(entry, transaction, sequence)
      produced = this.#append(entry, verified, { transaction, options })
    })()
    this.#turns.set(key, turn)
    return turn.then(() => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
      return produced as Promise<ProduceResult>
    })
  }

  async #append(
    entry: ProduceEntry,
    verified: Verified,
    about: { transaction: ProducerTransaction; options: ProduceOptions },
  ): Promise<ProduceResult> {
    const { errorCode, verificationGuard } = verified
    if (errorCode !== ErrorCode.NONE) return unverified(entry, errorCode, about.transaction)
    const guarded = { ...entry, verificationGuard }
    const [result] = await this.#options.produce([guarded], about.options)
    return result as ProduceResult
  }

  async #verify(
    tp: TopicPartition,
    transaction: ProducerTransaction,
    baseSequence: number,
  ): Promise<Verified> {
    const { verifier, settings, clock } = this.#options
    const startedMs = clock.monotonicMs()
    for (let attempt = 1; ; attempt++) {
      const verificationGuard = this.#begin(tp, transaction, baseSequence)
      if (verificationGuard === null) return { errorCode: ErrorCode.NONE, verificationGuard }
      const errorCode = await verifier.verify(tp, transaction)
      const isPatient =
        errorCode === ErrorCode.CONCURRENT_TRANSACTIONS &&
        transaction.operation === 'add-partition' &&
        clock.monotonicMs() - startedMs < settings.retryBackoffMaxMs
      if (isPatient) await this.#pause(settings.retryBackoffMs)
      else if (errorCode !== ErrorCode.NONE) return { errorCode, verificationGuard }
      else {
        // The marker of the transaction before may have come meanwhile: what was asked before it is void.
        const current = this.#begin(tp, transaction, baseSequence)
        const isFresh = current === null || current === verificationGuard
        if (isFresh || attempt >= ATTEMPTS_MAX) return { errorCode, verificationGuard }
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#options.timers.set(delayMs, resolve))
  }
}

/** null for a batch that belongs to no transaction. */
function transactionOf(
  { records }: ProduceEntry,
  about: NonNullable<ProduceOptions['transaction']>,
): ProducerTransaction | null {
  if (records.length < BATCH_HEADER_BYTES || !isTransactionalBatch(records, 0)) return null
  const producerId = batchProducerId(records, 0)
  if (producerId < 0) return null
  return { ...about, producerId, producerEpoch: batchProducerEpoch(records, 0) }
}

function turnKey(tp: TopicPartition, { producerId }: ProducerTransaction): string {
  return `${producerId}:${tp.topic}-${tp.partition}`
}

/** Producers know what to do about few errors; the others become one that they retry without new metadata. */
function unverified(
  entry: TopicPartition,
  errorCode: number,
  { operation }: ProducerTransaction,
): ProduceResult {
  const known = clientError(errorCode, operation === 'add-partition')
  return {
    topic: entry.topic,
    partition: entry.partition,
    errorCode: known,
    errorMessage:
      known === errorCode && errorCode !== ErrorCode.INVALID_TXN_STATE
        ? null
        : `The partition could not be verified to be in the transaction: ${errorName(errorCode)}`,
    info: null,
    logStartOffset: -1,
    recordErrors: [],
    currentLeader: null,
  }
}

function clientError(errorCode: number, supportsEpochBump: boolean): number {
  switch (errorCode) {
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      return supportsEpochBump ? errorCode : ErrorCode.NOT_ENOUGH_REPLICAS
    case ErrorCode.NETWORK_EXCEPTION:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return ErrorCode.NOT_ENOUGH_REPLICAS
    default:
      return errorCode
  }
}
