// The state machine of one transactional id: what each request leads to, as a decision that has not happened
// yet. Pure; the shard writes what is decided and only then lets it count. Kafka's TransactionCoordinator 4.x.
import { ErrorCode } from '../../../protocol/errors.ts'
import {
  bumpsEpoch,
  isEpochExhausted,
  isPrepared,
  LAST_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  type TransactionMetadata,
  type TransactionState,
} from './metadata.ts'

/** One id in memory: what the log says, and where a write under way will lead. */
export interface Transaction {
  metadata: TransactionMetadata
  /** null: nothing is being written, no markers are outstanding. */
  pendingState: TransactionState | null
}

export interface ProducerIdAndEpoch {
  producerId: number
  producerEpoch: number
}

export interface DecisionContext {
  nowMs: number
  /** For where the epochs of the current one are used up; null: not asked for yet. */
  spareProducerId: number | null
}

/**
 * refuse: answer this error, NONE where there is nothing left to do; needsProducerId: decide again with one;
 * write: append `next`, it counts once committed; fence: likewise, and the client has to ask again.
 */
export type Decision =
  | { type: 'refuse'; errorCode: number }
  | { type: 'needsProducerId' }
  | { type: 'write'; next: TransactionMetadata }
  | { type: 'fence'; next: TransactionMetadata }

const refuse = (errorCode: number): Decision => ({ type: 'refuse', errorCode })
const write = (next: TransactionMetadata): Decision => ({ type: 'write', next })

// ---- InitProducerId

export function decideInit(
  { metadata, pendingState }: Transaction,
  request: {
    timeoutMs: number
    /** What the producer believes to be (KIP-360); null from one that begins. */
    expected: ProducerIdAndEpoch | null
    /** transaction.version as finalized. */
    transactionVersion: number
  },
  context: DecisionContext,
): Decision {
  const { expected } = request
  if (pendingState !== null) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (expected !== null && !isKnownProducer(metadata, expected)) {
    return refuse(ErrorCode.PRODUCER_FENCED)
  }
  if (isPrepared(metadata.state)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (metadata.state === 'Ongoing') {
    return { type: 'fence', next: fenced(metadata, request.transactionVersion, context.nowMs) }
  }
  const fresh = {
    ...metadata,
    state: 'Empty' as const,
    nextProducerId: NO_PRODUCER_ID,
    timeoutMs: request.timeoutMs,
    partitions: new Set<string>(),
    startMs: -1,
    lastUpdateMs: context.nowMs,
    clientTransactionVersion: 0,
  }
  const { producerId, producerEpoch, lastProducerEpoch } = metadata
  const isCurrent = expected === null || expected.producerEpoch === producerEpoch
  if (isEpochExhausted(producerEpoch) && isCurrent) {
    if (context.spareProducerId === null) return { type: 'needsProducerId' }
    return write({
      ...fresh,
      producerId: context.spareProducerId,
      previousProducerId: producerId,
      producerEpoch: 0,
      lastProducerEpoch: expected === null ? NO_PRODUCER_EPOCH : producerEpoch,
    })
  }
  const bumped = { ...fresh, previousProducerId: producerId, producerEpoch: producerEpoch + 1 }
  if (expected === null) return write({ ...bumped, lastProducerEpoch: NO_PRODUCER_EPOCH })
  if (isCurrent || producerEpoch === NO_PRODUCER_EPOCH) {
    return write({ ...bumped, lastProducerEpoch: producerEpoch })
  }
  // The same call once more: its answer was lost.
  if (expected.producerEpoch === lastProducerEpoch) return write({ ...bumped, producerEpoch })
  return refuse(ErrorCode.PRODUCER_FENCED)
}

function isKnownProducer(metadata: TransactionMetadata, expected: ProducerIdAndEpoch): boolean {
  return (
    metadata.producerEpoch === NO_PRODUCER_EPOCH ||
    expected.producerId === metadata.producerId ||
    (expected.producerId === metadata.previousProducerId &&
      isEpochExhausted(expected.producerEpoch))
  )
}

/** An abort that nobody of the old epoch can take part in: by a new producer, or because time was up. */
export function fenced(
  metadata: TransactionMetadata,
  transactionVersion: number,
  nowMs: number,
): TransactionMetadata {
  return {
    ...metadata,
    state: 'PrepareAbort',
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: Math.min(metadata.producerEpoch + 1, LAST_EPOCH),
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    lastUpdateMs: nowMs,
    clientTransactionVersion: transactionVersion,
  }
}

// ---- AddPartitionsToTxn, AddOffsetsToTxn

export function decideAddPartitions(
  { metadata, pendingState }: Transaction,
  request: ProducerIdAndEpoch & { partitions: readonly string[]; transactionVersion: number },
  nowMs: number,
): Decision {
  // First: the producer may already use the id that a pending write gives it.
  if (pendingState !== null) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  const refusal = producerRefusal(metadata, request)
  if (refusal !== ErrorCode.NONE) return refuse(refusal)
  if (isPrepared(metadata.state)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  const isOngoing = metadata.state === 'Ongoing'
  const isAdded = (name: string) => metadata.partitions.has(name)
  if (isOngoing && request.partitions.every(isAdded)) return refuse(ErrorCode.NONE)
  return write({
    ...metadata,
    state: 'Ongoing',
    partitions: new Set([...metadata.partitions, ...request.partitions]),
    startMs: isOngoing ? metadata.startMs : nowMs,
    lastUpdateMs: nowMs,
    clientTransactionVersion: request.transactionVersion,
  })
}

/** KIP-890: may this producer append to these partitions? By partition, in their order. */
export function verifyPartitions(
  { metadata }: Transaction,
  request: ProducerIdAndEpoch & { partitions: readonly string[] },
): number[] {
  const refusal = isPrepared(metadata.state)
    ? producerRefusal(metadata, request) || ErrorCode.CONCURRENT_TRANSACTIONS
    : producerRefusal(metadata, request)
  return request.partitions.map((name) => {
    if (refusal !== ErrorCode.NONE) return refusal
    return metadata.partitions.has(name) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE
  })
}

function producerRefusal(metadata: TransactionMetadata, producer: ProducerIdAndEpoch): number {
  if (metadata.producerId !== producer.producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  return metadata.producerEpoch === producer.producerEpoch
    ? ErrorCode.NONE
    : ErrorCode.PRODUCER_FENCED
}

// ---- EndTxn

export interface EndRequest extends ProducerIdAndEpoch {
  isCommit: boolean
  transactionVersion: number
}

export function decideEnd(
  transaction: Transaction,
  request: EndRequest,
  context: DecisionContext,
): Decision {
  return bumpsEpoch(request.transactionVersion)
    ? decideEndWithBump(transaction, request, context)
    : decideEndAtSameEpoch(transaction, request, context.nowMs)
}

function decideEndAtSameEpoch(
  { metadata, pendingState }: Transaction,
  request: EndRequest,
  nowMs: number,
): Decision {
  const refusal = producerRefusal(metadata, request)
  if (refusal !== ErrorCode.NONE) return refuse(refusal)
  if (pendingState !== null) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (metadata.state === 'Ongoing') {
    const { transactionVersion } = request
    return write({
      ...metadata,
      state: request.isCommit ? 'PrepareCommit' : 'PrepareAbort',
      lastUpdateMs: nowMs,
      clientTransactionVersion: transactionVersion,
    })
  }
  return refuse(repeatedEnd(metadata.state, request.isCommit))
}

/** The answer to an end that was already decided: NONE when done, an error when it was decided otherwise. */
function repeatedEnd(state: TransactionState, isCommit: boolean): number {
  switch (state) {
    case 'PrepareCommit':
      return isCommit ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.INVALID_TXN_STATE
    case 'PrepareAbort':
      return isCommit ? ErrorCode.INVALID_TXN_STATE : ErrorCode.CONCURRENT_TRANSACTIONS
    case 'CompleteCommit':
      return isCommit ? ErrorCode.NONE : ErrorCode.INVALID_TXN_STATE
    case 'CompleteAbort':
      return isCommit ? ErrorCode.INVALID_TXN_STATE : ErrorCode.NONE
    default:
      return ErrorCode.INVALID_TXN_STATE
  }
}

function decideEndWithBump(
  { metadata, pendingState }: Transaction,
  request: EndRequest,
  context: DecisionContext,
): Decision {
  const { state, producerEpoch } = metadata
  // The same call once more: its bump, or the new id after an overflow, already stands.
  const isRetriedBump =
    bumpsEpoch(metadata.clientTransactionVersion) && producerEpoch === request.producerEpoch + 1
  const isRetriedOverflow =
    metadata.previousProducerId === request.producerId &&
    isEpochExhausted(request.producerEpoch) &&
    producerEpoch === 0
  const isSameEpoch = producerEpoch === request.producerEpoch
  if (pendingState !== null) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (metadata.producerId !== request.producerId && !isRetriedOverflow) {
    return refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  }
  switch (state) {
    case 'Ongoing':
      if (!isSameEpoch) return refuse(ErrorCode.PRODUCER_FENCED)
      return prepareWithBump(metadata, request.isCommit, context)
    case 'Empty':
      if (!isSameEpoch) return refuse(ErrorCode.PRODUCER_FENCED)
      return endOfNothing(metadata, request.isCommit, context)
    case 'PrepareCommit':
    case 'PrepareAbort':
      if (!isRetriedBump) return refuse(ErrorCode.PRODUCER_FENCED)
      return refuse(repeatedEnd(state, request.isCommit))
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (isRetriedBump || isRetriedOverflow) return refuse(repeatedEnd(state, request.isCommit))
      if (!isSameEpoch) return refuse(ErrorCode.PRODUCER_FENCED)
      return endOfNothing(metadata, request.isCommit, context)
    default:
      return refuse(ErrorCode.INVALID_TXN_STATE)
  }
}

/** A transaction that took in no partition: there is nothing to commit, and an abort still bumps the epoch. */
function endOfNothing(
  metadata: TransactionMetadata,
  isCommit: boolean,
  context: DecisionContext,
): Decision {
  if (isCommit) return refuse(ErrorCode.INVALID_TXN_STATE)
  return prepareWithBump({ ...metadata, startMs: context.nowMs }, false, context)
}

function prepareWithBump(
  metadata: TransactionMetadata,
  isCommit: boolean,
  context: DecisionContext,
): Decision {
  const isLast = isEpochExhausted(metadata.producerEpoch)
  if (isLast && context.spareProducerId === null) return { type: 'needsProducerId' }
  return write({
    ...metadata,
    state: isCommit ? 'PrepareCommit' : 'PrepareAbort',
    nextProducerId: isLast ? (context.spareProducerId ?? NO_PRODUCER_ID) : NO_PRODUCER_ID,
    producerEpoch: metadata.producerEpoch + 1,
    lastProducerEpoch: metadata.producerEpoch,
    lastUpdateMs: context.nowMs,
    clientTransactionVersion: 2,
  })
}

// ---- completion, time

/** What a prepared transaction becomes once all its markers are written. */
export function completed(metadata: TransactionMetadata, nowMs: number): TransactionMetadata {
  const next: TransactionMetadata = {
    ...metadata,
    state: metadata.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    nextProducerId: NO_PRODUCER_ID,
    partitions: new Set(),
    lastUpdateMs: nowMs,
  }
  if (!bumpsEpoch(metadata.clientTransactionVersion)) return next
  const last = {
    previousProducerId: metadata.producerId,
    lastProducerEpoch: metadata.producerEpoch,
  }
  if (metadata.nextProducerId === NO_PRODUCER_ID) return { ...next, ...last }
  return { ...next, ...last, producerId: metadata.nextProducerId, producerEpoch: 0 }
}

export function isTimedOut({ metadata, pendingState }: Transaction, nowMs: number): boolean {
  const { state, startMs, timeoutMs } = metadata
  return pendingState === null && state === 'Ongoing' && startMs + timeoutMs < nowMs
}
