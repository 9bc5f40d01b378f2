// A model of one partition's transactions that looks at nothing but the batches, in order; and batches to feed
// it and a log with.
import type { PartitionLog } from '../../broker/log/partition-log.ts'
import {
  batchBaseOffset,
  batchLastSequence,
  batchNextOffset,
  batchProducerEpoch,
  batchProducerId,
  isControlBatch,
  isTransactionalBatch,
} from '../../protocol/records/batch.ts'
import {
  buildEndTransactionMarker,
  type EndTransactionKind,
  readEndTransactionMarker,
} from '../../protocol/records/control.ts'
import { testBatch } from './log-fixtures.ts'

export const leader = { origin: 'client', leaderEpoch: 0 } as const
export const coordinator = { origin: 'coordinator', leaderEpoch: 0 } as const

export interface SentData {
  epoch?: number
  sequence: number
  count?: number
  isTransactional?: boolean
}

export function data(
  producerId: number,
  { epoch = 0, sequence, count = 1, ...rest }: SentData,
): Buffer {
  const values = Array.from({ length: count }, (_unused, at) => `${producerId}:${sequence + at}`)
  const isTransactional = rest.isTransactional ?? true
  return testBatch(values, {
    producerId,
    producerEpoch: epoch,
    baseSequence: sequence,
    isTransactional,
  })
}

export function marker(
  producerId: number,
  kind: EndTransactionKind,
  { epoch = 0, coordinatorEpoch = 0 } = {},
): Buffer {
  const timestampMs = 2000
  return buildEndTransactionMarker({
    producerId,
    producerEpoch: epoch,
    coordinatorEpoch,
    kind,
    timestampMs,
  })
}

export function everything(log: PartitionLog) {
  const endOffsetExclusive = log.logEndOffset
  return { offset: log.logStartOffset, maxBytes: 1e9, minOneBatch: true, endOffsetExclusive }
}

interface Aborted {
  producerId: number
  firstOffset: number
}

interface Transaction {
  producerId: number
  firstOffset: number
  markerOffset: number
  isAborted: boolean
}

function lastStableOffset(log: PartitionLog, batches: readonly Buffer[]): number {
  const { highWatermark, logStartOffset } = log
  const unstable = transactionsIn(batches)
    .filter(({ markerOffset }) => markerOffset >= highWatermark)
    .map(({ firstOffset }) => Math.max(firstOffset, logStartOffset))
  return Math.min(highWatermark, ...unstable)
}

function transactionsIn(batches: readonly Buffer[]): Transaction[] {
  const open = new Map<number, Transaction>()
  const all: Transaction[] = []
  for (const batch of batches) {
    const producerId = batchProducerId(batch, 0)
    if (isControlBatch(batch, 0)) {
      const ended = open.get(producerId)
      if (ended === undefined) continue
      ended.markerOffset = batchBaseOffset(batch, 0)
      ended.isAborted = readEndTransactionMarker(batch)?.isCommit === false
      open.delete(producerId)
    } else if (isTransactionalBatch(batch, 0) && !open.has(producerId)) {
      const firstOffset = batchBaseOffset(batch, 0)
      const begun = {
        producerId,
        firstOffset,
        markerOffset: Number.POSITIVE_INFINITY,
        isAborted: false,
      }
      open.set(producerId, begun)
      all.push(begun)
    }
  }
  return all
}

export class TransactionModel {
  batches: Buffer[] = []

  get endOffset(): number {
    const last = this.batches.at(-1)
    return last === undefined ? 0 : batchNextOffset(last, 0)
  }

  truncate(offset: number): void {
    this.batches = this.batches.filter((batch) => batchNextOffset(batch, 0) <= offset)
  }

  /** As a log tells that still knows where transactions began below its start, and as one made anew after a crash. */
  lastStableOffsets(log: PartitionLog): number[] {
    const kept = this.batches.filter((batch) => batchNextOffset(batch, 0) > log.logStartOffset)
    return [lastStableOffset(log, this.batches), lastStableOffset(log, kept)]
  }

  /** What a log that starts at `from` must tell: of what is below it nothing needs to be known. */
  aborted(start: number, end: number, from: number): Aborted[] {
    return transactionsIn(this.batches.filter((batch) => batchNextOffset(batch, 0) > from))
      .filter((one) => one.isAborted && one.markerOffset >= start && one.firstOffset < end)
      .sort((a, b) => a.markerOffset - b.markerOffset)
      .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
  }
  /** What a log tells that may still know where a transaction began below its start: told from its first batch there. */
  from(told: readonly Aborted[], end: number, from: number): Aborted[] {
    const all = transactionsIn(this.batches)
    return told.flatMap((one) => {
      if (one.firstOffset >= from) return [one]
      const { producerId } = one
      const known = all.find(
        (t) => t.producerId === producerId && t.firstOffset === one.firstOffset,
      )
      const kept = this.batches.find(
        (batch) =>
          batchProducerId(batch, 0) === producerId &&
          !isControlBatch(batch, 0) &&
          batchNextOffset(batch, 0) > from &&
          batchBaseOffset(batch, 0) < (known?.markerOffset ?? 0),
      )
      const firstOffset = kept === undefined ? end : batchBaseOffset(kept, 0)
      return firstOffset < end ? [{ producerId, firstOffset }] : []
    })
  }

  /** How the producer goes on. */
  producer(producerId: number): { epoch: number; sequence: number; isOpen: boolean } {
    let found = { epoch: 0, sequence: 0, isOpen: false }
    for (const batch of this.batches) {
      if (batchProducerId(batch, 0) !== producerId) continue
      const epoch = batchProducerEpoch(batch, 0)
      if (isControlBatch(batch, 0)) {
        found = { epoch, sequence: epoch === found.epoch ? found.sequence : 0, isOpen: false }
      } else {
        const isOpen = isTransactionalBatch(batch, 0)
        found = { epoch, sequence: batchLastSequence(batch, 0) + 1, isOpen }
      }
    }
    return found
  }
}
