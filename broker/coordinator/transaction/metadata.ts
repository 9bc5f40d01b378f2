// What is kept of one transactional id, as a value: its producer, its state and the partitions of its open
// transaction. One record of `__transaction_state` is one such value. Pure.

export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'
  | 'Dead'
  | 'PrepareEpochFence'

/** In the order of their ids in records. */
export const transactionStates: readonly TransactionState[] = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
]

export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1

/** Short.MAX_VALUE: the last epoch of a producer id, kept free for the coordinator's own fencing. */
export const LAST_EPOCH = 0x7fff

/** From this transaction.version on every end of a transaction bumps the epoch (KIP-890). */
const BUMPS_EPOCH_SINCE = 2

export interface TransactionMetadata {
  readonly producerId: number
  /** The id before an overflow of the epoch; for retries of the call that overflowed. */
  readonly previousProducerId: number
  /** Takes over once the markers of the exhausted id are written; NO_PRODUCER_ID otherwise. */
  readonly nextProducerId: number
  /** NO_PRODUCER_EPOCH until the first InitProducerId is through. */
  readonly producerEpoch: number
  /** Before the last bump that the producer asked for (KIP-360). Not in the log. */
  readonly lastProducerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  /** Names as `partitionName` makes them. */
  readonly partitions: ReadonlySet<string>
  /** -1 when no transaction was begun yet. */
  readonly startMs: number
  readonly lastUpdateMs: number
  /** transaction.version of the client whose call led here. */
  readonly clientTransactionVersion: number
}

export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

export function parsePartitionName(name: string): { topic: string; partition: number } {
  const dash = name.lastIndexOf('-')
  return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)) }
}

/** By topic, partitions in ascending order. */
export function partitionsByTopic(names: Iterable<string>): Map<string, number[]> {
  const topics = new Map<string, number[]>()
  for (const name of names) {
    const { topic, partition } = parsePartitionName(name)
    const partitions = topics.get(topic)
    if (partitions === undefined) topics.set(topic, [partition])
    else partitions.push(partition)
  }
  for (const partitions of topics.values()) partitions.sort((left, right) => left - right)
  return topics
}

export function newTransactionMetadata(
  producerId: number,
  timeoutMs: number,
  nowMs: number,
): TransactionMetadata {
  return {
    producerId,
    previousProducerId: NO_PRODUCER_ID,
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: NO_PRODUCER_EPOCH,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs,
    state: 'Empty',
    partitions: new Set(),
    startMs: -1,
    lastUpdateMs: nowMs,
    clientTransactionVersion: 0,
  }
}

/** Clients never get the last epoch, so that the coordinator can always fence them. */
export function isEpochExhausted(epoch: number): boolean {
  return epoch >= LAST_EPOCH - 1
}

export function bumpsEpoch(transactionVersion: number): boolean {
  return transactionVersion >= BUMPS_EPOCH_SINCE
}

export function isPrepared(state: TransactionState): state is 'PrepareCommit' | 'PrepareAbort' {
  return state === 'PrepareCommit' || state === 'PrepareAbort'
}

/** A transactional id in such a state may be forgotten once it is old. */
export function mayExpire(state: TransactionState): boolean {
  return state === 'Empty' || state === 'CompleteCommit' || state === 'CompleteAbort'
}
