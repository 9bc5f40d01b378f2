// All transactional ids of one partition of `__transaction_state` while this broker leads it: loads them,
// writes what was decided, and sees prepared transactions through to their end. Gone with the leadership; a
// transaction that the log says is prepared is finished by whoever leads next.
import { ErrorCode } from '../../../protocol/errors.ts'
import type { DecodedRecord } from '../../../protocol/records/read.ts'
import type { Runtime, TimerHandle } from '../../runtime/runtime.ts'
import type { LogWriter } from '../log-writer.ts'
import type { MarkerJob } from './marker-job.ts'
import {
  isPrepared,
  mayExpire,
  newTransactionMetadata,
  type TransactionMetadata,
} from './metadata.ts'
import { parseTransactionRecord, transactionRecord } from './records.ts'
import { completed, type Transaction } from './transitions.ts'

export interface TransactionShardOptions {
  partition: number
  /** The leader epoch in which this broker was elected: markers carry it. */
  coordinatorEpoch: number
  runtime: Runtime
  writer: LogWriter
  /** transaction.version as finalized now. */
  transactionVersion: () => number
  markers: { add(job: MarkerJob): void; cancel(shard: TransactionShard): void }
  retryBackoffMs: number
}

/** Tombstones of one write. */
const MAX_EXPIRED_AT_ONCE = 500

export class TransactionShard {
  readonly partition: number
  readonly coordinatorEpoch: number
  readonly transactions = new Map<string, Transaction>()
  state: 'loading' | 'active' | 'closed' = 'loading'
  readonly #options: TransactionShardOptions
  /** Partitions whose marker is outstanding, by transactional id. */
  readonly #unmarked = new Map<string, ReadonlySet<string>>()
  readonly #retries = new Set<TimerHandle>()

  constructor(options: TransactionShardOptions) {
    this.partition = options.partition
    this.coordinatorEpoch = options.coordinatorEpoch
    this.#options = options
  }

  /** Ends of transactions that could not be written yet and wait for their next try. */
  get retryCount(): number {
    return this.#retries.size
  }

  // ---- loading

  replay(record: DecodedRecord): void {
    if (record.key === null) return
    const parsed = parseTransactionRecord(record.key, record.value)
    if (parsed === null) return
    const { transactionalId, metadata } = parsed
    if (metadata === null) this.transactions.delete(transactionalId)
    else this.transactions.set(transactionalId, { metadata, pendingState: null })
  }

  activate(): void {
    this.state = 'active'
    for (const [id, transaction] of this.transactions) {
      if (isPrepared(transaction.metadata.state)) this.#finish(id, transaction)
    }
  }

  close(): void {
    this.state = 'closed'
    this.#options.writer.close()
    this.#options.markers.cancel(this)
    for (const timer of this.#retries) this.#options.runtime.timers.clear(timer)
    this.#retries.clear()
    this.transactions.clear()
    this.#unmarked.clear()
  }

  // ---- one transactional id

  get(transactionalId: string): Transaction | null {
    return this.transactions.get(transactionalId) ?? null
  }

  getOrCreate(transactionalId: string, producerId: number, timeoutMs: number): Transaction {
    const known = this.transactions.get(transactionalId)
    if (known !== undefined) return known
    const nowMs = this.#options.runtime.clock.nowMs()
    const metadata = newTransactionMetadata(producerId, timeoutMs, nowMs)
    const transaction: Transaction = { metadata, pendingState: null }
    this.transactions.set(transactionalId, transaction)
    return transaction
  }

  /** What is still without its marker, of a prepared transaction; else its partitions. */
  partitionsOf(transactionalId: string, transaction: Transaction): ReadonlySet<string> {
    return this.#unmarked.get(transactionalId) ?? transaction.metadata.partitions
  }

  /** `next` counts once it is committed; then `done` hears NONE. A prepared transaction is seen through. */
  write(
    transactionalId: string,
    transaction: Transaction,
    next: TransactionMetadata,
    done: (errorCode: number) => void,
  ): void {
    transaction.pendingState = next.state
    this.#append(transactionalId, next, (errorCode) => {
      if (this.state !== 'active') return done(ErrorCode.NOT_COORDINATOR)
      transaction.pendingState = null
      if (errorCode !== ErrorCode.NONE) return done(errorCode)
      transaction.metadata = next
      if (isPrepared(next.state)) this.#finish(transactionalId, transaction)
      done(ErrorCode.NONE)
    })
  }

  #append(
    transactionalId: string,
    metadata: TransactionMetadata | null,
    done: (errorCode: number) => void,
  ): void {
    const version = this.#options.transactionVersion()
    this.#options.writer.write([transactionRecord(transactionalId, metadata, version)], done)
  }

  // ---- the end of a transaction

  #finish(transactionalId: string, transaction: Transaction): void {
    const { metadata } = transaction
    const isCommit = metadata.state === 'PrepareCommit'
    transaction.pendingState = isCommit ? 'CompleteCommit' : 'CompleteAbort'
    const unmarked = new Set(metadata.partitions)
    this.#unmarked.set(transactionalId, unmarked)
    this.#options.markers.add({
      transactionalId,
      shard: this,
      producerId: metadata.producerId,
      producerEpoch: metadata.producerEpoch,
      transactionVersion: metadata.clientTransactionVersion,
      isCommit,
      unmarked,
      done: () => this.#complete(transactionalId, transaction),
    })
  }

  #complete(transactionalId: string, transaction: Transaction): void {
    if (this.state !== 'active') return
    const { clock, timers, logger } = this.#options.runtime
    const next = completed(transaction.metadata, clock.nowMs())
    this.#append(transactionalId, next, (errorCode) => {
      if (this.state !== 'active') return
      if (errorCode === ErrorCode.NONE) {
        transaction.metadata = next
        transaction.pendingState = null
        this.#unmarked.delete(transactionalId)
        return
      }
      const fields = { transactionalId, state: next.state, errorCode }
      logger.log('warn', 'The end of a transaction could not be written yet', fields)
      const timer = timers.set(this.#options.retryBackoffMs, () => {
        this.#retries.delete(timer)
        this.#complete(transactionalId, transaction)
      })
      this.#retries.add(timer)
    })
  }

  // ---- expiry

  /** Forgets ids that were not used for `expirationMs` and have no open transaction. */
  expire(expirationMs: number): void {
    const beforeMs = this.#options.runtime.clock.nowMs() - expirationMs
    const expired: [string, Transaction][] = []
    for (const [id, transaction] of this.transactions) {
      const { pendingState, metadata } = transaction
      if (pendingState !== null || !mayExpire(metadata.state)) continue
      if (metadata.lastUpdateMs <= beforeMs) expired.push([id, transaction])
    }
    for (let i = 0; i < expired.length; i += MAX_EXPIRED_AT_ONCE) {
      this.#forget(expired.slice(i, i + MAX_EXPIRED_AT_ONCE))
    }
  }

  #forget(expired: readonly [string, Transaction][]): void {
    const version = this.#options.transactionVersion()
    for (const [, transaction] of expired) transaction.pendingState = 'Dead'
    const records = expired.map(([id]) => transactionRecord(id, null, version))
    this.#options.writer.write(records, (errorCode) => {
      if (this.state !== 'active') return
      for (const [id, transaction] of expired) {
        transaction.pendingState = null
        if (errorCode === ErrorCode.NONE) this.transactions.delete(id)
      }
    })
  }
}
