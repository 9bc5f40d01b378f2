// What one partition knows of its idempotent and transactional producers: epochs, the last five batches each,
// to recognise duplicates and gaps, and open transactions. Pure; log-appender.ts feeds it when batches get their
// offsets and saves it as `.snapshot` files. After a crash it is rebuilt from a snapshot and what lies behind it.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  batchBaseOffset,
  batchBaseSequence,
  batchLastOffset,
  batchLastSequence,
  batchMaxTimestamp,
  batchProducerEpoch,
  batchProducerId,
  isControlBatch,
  isTransactionalBatch,
} from '../../protocol/records/batch.ts'
import { readEndTransactionMarker } from '../../protocol/records/control.ts'
import { OpenTransactions } from './open-transactions.ts'
import type { AbortedEntry } from './transaction-index.ts'
import { TransactionVerifications, type VerificationStart } from './transaction-verification.ts'
import { AppendError, type AppendOptions, type Log, type VerificationGuard } from './types.ts'

/** As many as a client may have in flight. */
export const CACHED_BATCHES = 5
export const MAX_SEQUENCE = 0x7fff_ffff
const NO_EPOCH = -1

export interface CachedBatch {
  firstSequence: number
  lastSequence: number
  firstOffset: number
  lastOffset: number
  timestampMs: number
}

export interface ProducerEntry {
  producerId: number
  producerEpoch: number
  /** Oldest first, at most five, all of the current epoch. */
  batches: CachedBatch[]
  lastTimestampMs: number
  coordinatorEpoch: number
  /** -1 outside a transaction. */
  currentTxnStartOffset: number
}

/** What of an append decides whether a batch is taken, beside its bytes. */
export type ProducerCheck = Pick<
  AppendOptions,
  'origin' | 'verificationGuard' | 'transactionVersion'
> & {
  /** A client's transaction begins only after its coordinator was asked. */
  mustVerify?: boolean
}

/** Transaction version 2 gives each transaction an epoch of its own, and its marker the next (KIP-890). */
const EPOCH_BUMP_VERSION = 2

function isNext(lastSequence: number, firstSequence: number): boolean {
  return (
    firstSequence === lastSequence + 1 || (firstSequence === 0 && lastSequence === MAX_SEQUENCE)
  )
}

export class ProducerStates {
  readonly #entries = new Map<number, ProducerEntry>()
  readonly #transactions = new OpenTransactions()
  readonly #verifications = new TransactionVerifications()

  get count(): number {
    return this.#entries.size
  }

  all(): Iterable<ProducerEntry> {
    return this.#entries.values()
  }

  describe(): ReturnType<Log['activeProducers']> {
    return [...this.#entries.values()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestampMs: entry.lastTimestampMs,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnStartOffset: entry.currentTxnStartOffset,
    }))
  }

  /** See OpenTransactions: positive infinity where nothing is in the way. */
  get firstUnstableOffset(): number {
    return this.#transactions.firstUnstableOffset
  }

  /** When the producer of the oldest open transaction last wrote; null while none is open. */
  get oldestTransactionMs(): number | null {
    const producerId = this.#transactions.oldestProducerId
    if (producerId === null) return null
    return this.#entries.get(producerId)?.lastTimestampMs ?? null
  }

  /** Transactions that ended below are stable from now on. */
  onHighWatermark(highWatermark: number): void {
    this.#transactions.onHighWatermark(highWatermark)
  }

  clear(): void {
    this.#entries.clear()
    this.#transactions.clear()
  }

  /** null when this very transaction is open here already. */
  beginVerification(batch: VerificationStart, nowMs: number): VerificationGuard | null {
    if (this.#hasOpenTransaction(batch.producerId, batch.producerEpoch)) return null
    return this.#verifications.begin(batch, nowMs)
  }

  /** With a newer epoch it would be another transaction than the one that is open. */
  #hasOpenTransaction(producerId: number, producerEpoch: number): boolean {
    const entry = this.#entries.get(producerId)
    return (
      entry !== undefined &&
      entry.currentTxnStartOffset >= 0 &&
      entry.producerEpoch === producerEpoch
    )
  }

  /** The cached batch with the same epoch and sequences, if this batch is a duplicate of it. */
  findDuplicate(batch: Buffer, at: number): CachedBatch | null {
    const entry = this.#entries.get(batchProducerId(batch, at))
    if (entry === undefined || entry.producerEpoch !== batchProducerEpoch(batch, at)) return null
    const first = batchBaseSequence(batch, at)
    const last = batchLastSequence(batch, at)
    return entry.batches.find((b) => b.firstSequence === first && b.lastSequence === last) ?? null
  }

  /** Throws AppendError when a leader must refuse the batch; changes nothing. */
  check(batch: Buffer, at: number, append: ProducerCheck): void {
    const producerId = batchProducerId(batch, at)
    const epoch = batchProducerEpoch(batch, at)
    const entry = this.#entries.get(producerId)
    if (isControlBatch(batch, at)) {
      if (entry !== undefined) checkMarker(entry, batch, at, append.transactionVersion ?? 0)
      return
    }
    const isTransactional = isTransactionalBatch(batch, at)
    if (isTransactional && append.mustVerify === true) {
      this.#checkVerified(producerId, epoch, append)
    }
    if (entry !== undefined && epoch < entry.producerEpoch) throw tooOld(entry, epoch, '<')
    if (append.origin === 'client') {
      const sequence = batchBaseSequence(batch, at)
      if (isTransactional) this.#checkVerifiedSequence(producerId, sequence)
      if (entry !== undefined) checkSequence(entry, epoch, sequence)
    }
    if (entry !== undefined && entry.currentTxnStartOffset >= 0 && !isTransactional) {
      throw new AppendError(
        ErrorCode.INVALID_TXN_STATE,
        `producer ${entry.producerId} has a transaction open`,
      )
    }
  }

  #checkVerified(producerId: number, epoch: number, append: ProducerCheck): void {
    if (append.origin !== 'client' && append.origin !== 'coordinator') return
    if (this.#hasOpenTransaction(producerId, epoch)) return
    if (this.#verifications.isCurrent(producerId, append.verificationGuard)) return
    throw new AppendError(
      ErrorCode.INVALID_TXN_STATE,
      `the transaction of producer ${producerId} was not verified at its coordinator`,
    )
  }

  /** A batch that failed to be verified comes again: no later one may go ahead of it. */
  #checkVerifiedSequence(producerId: number, sequence: number): void {
    const pending = this.#verifications.get(producerId)
    if (pending === undefined) return
    const isUnknown = (this.#entries.get(producerId)?.batches.length ?? 0) === 0
    const mustBeFirst = pending.supportsEpochBump && isUnknown && sequence !== 0
    if (!mustBeFirst && sequence <= pending.lowestSequence) return
    throw new AppendError(
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      `Sequence ${sequence} of producer ${producerId} comes before ` +
        `${mustBeFirst ? 0 : pending.lowestSequence} was taken`,
    )
  }

  /**
   * Takes in an accepted batch whose offsets are final; gives the transaction that it aborts, if it does.
   * Batches without a producer id are ignored, as are markers that compaction has emptied.
   */
  update(batch: Buffer, at: number): AbortedEntry | null {
    const producerId = batchProducerId(batch, at)
    if (producerId < 0) return null
    if (isControlBatch(batch, at)) return this.#end(producerId, batch, at)
    const entry = this.#entryAt(producerId, batchProducerEpoch(batch, at))
    entry.lastTimestampMs = batchMaxTimestamp(batch, at)
    const firstOffset = batchBaseOffset(batch, at)
    entry.batches.push({
      firstSequence: batchBaseSequence(batch, at),
      lastSequence: batchLastSequence(batch, at),
      firstOffset,
      lastOffset: batchLastOffset(batch, at),
      timestampMs: entry.lastTimestampMs,
    })
    if (entry.batches.length > CACHED_BATCHES) entry.batches.shift()
    if (isTransactionalBatch(batch, at)) {
      this.#verifications.settle(producerId)
      if (entry.currentTxnStartOffset < 0) {
        entry.currentTxnStartOffset = firstOffset
        this.#transactions.begin(producerId, firstOffset)
      }
    }
    return null
  }

  #end(producerId: number, batch: Buffer, at: number): AbortedEntry | null {
    const marker = readEndTransactionMarker(batch, at)
    if (marker === null) return null
    this.#verifications.settle(producerId)
    const entry = this.#entryAt(producerId, batchProducerEpoch(batch, at))
    entry.lastTimestampMs = batchMaxTimestamp(batch, at)
    entry.coordinatorEpoch = marker.coordinatorEpoch
    entry.currentTxnStartOffset = -1
    const markerOffset = batchBaseOffset(batch, at)
    const ended = this.#transactions.end(producerId, markerOffset)
    if (ended === null || marker.isCommit) return null
    return { producerId, ...ended, lastOffset: markerOffset }
  }

  /** What is remembered of an older epoch goes. */
  #entryAt(producerId: number, epoch: number): ProducerEntry {
    const entry = this.#entryOf(producerId)
    if (entry.producerEpoch !== epoch) {
      entry.batches = []
      entry.producerEpoch = epoch
    }
    return entry
  }

  #entryOf(producerId: number): ProducerEntry {
    let entry = this.#entries.get(producerId)
    if (entry === undefined) {
      entry = {
        producerId,
        producerEpoch: NO_EPOCH,
        batches: [],
        lastTimestampMs: -1,
        coordinatorEpoch: -1,
        currentTxnStartOffset: -1,
      }
      this.#entries.set(producerId, entry)
    }
    return entry
  }

  /** Forgets producers silent since before `beforeMs`, except those inside a transaction. */
  expire(beforeMs: number): void {
    this.#verifications.expire(beforeMs)
    for (const [producerId, entry] of this.#entries) {
      if (entry.lastTimestampMs < beforeMs && entry.currentTxnStartOffset < 0) {
        this.#entries.delete(producerId)
      }
    }
  }

  restore(entries: readonly ProducerEntry[]): void {
    this.#entries.clear()
    for (const entry of entries) this.#entries.set(entry.producerId, entry)
    this.#transactions.restore(
      entries
        .filter((entry) => entry.currentTxnStartOffset >= 0)
        .map(({ producerId, currentTxnStartOffset }) => ({
          producerId,
          firstOffset: currentTxnStartOffset,
        })),
    )
  }
}

function checkSequence(entry: ProducerEntry, epoch: number, firstSequence: number): void {
  if (entry.producerEpoch === NO_EPOCH) return
  const last = entry.batches.at(-1)?.lastSequence ?? -1
  const isFine = epoch === entry.producerEpoch ? isNext(last, firstSequence) : firstSequence === 0
  if (isFine) return
  throw new AppendError(
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    `Sequence ${firstSequence} of producer ${entry.producerId} epoch ${epoch} does not follow ` +
      `${last} of epoch ${entry.producerEpoch}`,
  )
}

/** Throws AppendError for the marker of a fenced producer epoch or of a coordinator that was replaced. */
function checkMarker(
  entry: ProducerEntry,
  batch: Buffer,
  at: number,
  transactionVersion: number,
): void {
  const epoch = batchProducerEpoch(batch, at)
  const isBumped = transactionVersion >= EPOCH_BUMP_VERSION
  // The same epoch with nothing open is the same marker once more: its answer was lost.
  const isAgain = epoch === entry.producerEpoch && entry.currentTxnStartOffset < 0
  if (epoch < entry.producerEpoch) throw tooOld(entry, epoch, '<')
  if (isBumped && epoch === entry.producerEpoch && !isAgain) throw tooOld(entry, epoch, '<=')
  const marker = readEndTransactionMarker(batch, at)
  if (marker === null || marker.coordinatorEpoch >= entry.coordinatorEpoch) return
  throw new AppendError(
    ErrorCode.TRANSACTION_COORDINATOR_FENCED,
    `Coordinator epoch ${marker.coordinatorEpoch} for producer ${entry.producerId} is older than ` +
      `${entry.coordinatorEpoch}`,
  )
}

function tooOld(entry: ProducerEntry, epoch: number, comparison: '<' | '<='): AppendError {
  return new AppendError(
    ErrorCode.INVALID_PRODUCER_EPOCH,
    `Epoch ${epoch} of producer ${entry.producerId} is ${comparison} its last one, ` +
      `${entry.producerEpoch}`,
  )
}
