// Follows transactions while a log is read from its start: which batches were aborted, and which markers have no
// batch left to end, so that they may go. One is made for each pass; aborted transactions come from `.txnindex`. Pure.
import {
  batchLastOffset,
  batchProducerId,
  batchRecordCount,
  isTransactionalBatch,
} from '../../../protocol/records/batch.ts'
import { readEndTransactionMarker } from '../../../protocol/records/control.ts'
import type { AbortedEntry } from '../transaction-index.ts'

interface Ongoing {
  entry: AbortedEntry
  hasBatches: boolean
}

export class CleanedTransactions {
  /** By first offset; those from `#next` on begin further up than what was read. */
  readonly #aborted: readonly AbortedEntry[]
  #next = 0
  readonly #ongoingAborted = new Map<number, Ongoing>()
  readonly #ongoingCommitted = new Set<number>()
  readonly #onRetained: (entry: AbortedEntry) => void

  /** `onRetained`: an abort marker stays, and its index entry with it. */
  constructor(
    aborted: readonly AbortedEntry[],
    onRetained: (entry: AbortedEntry) => void = () => undefined,
  ) {
    this.#aborted = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
    this.#onRetained = onRetained
  }

  #beginUpTo(offset: number): void {
    for (;;) {
      const entry = this.#aborted[this.#next]
      if (entry === undefined || entry.firstOffset > offset) return
      this.#next++
      if (this.#ongoingAborted.has(entry.producerId)) continue
      this.#ongoingAborted.set(entry.producerId, { entry, hasBatches: false })
    }
  }

  /** True when the data batch belongs to an aborted transaction. */
  readBatch(batch: Buffer, at: number): boolean {
    this.#beginUpTo(batchLastOffset(batch, at))
    if (!isTransactionalBatch(batch, at)) return false
    const producerId = batchProducerId(batch, at)
    const ongoing = this.#ongoingAborted.get(producerId)
    if (ongoing === undefined) {
      this.#ongoingCommitted.add(producerId)
      return false
    }
    ongoing.hasBatches = true
    return true
  }

  /** True when nothing of the transaction that the marker ends is left. */
  readMarker(batch: Buffer, at: number): boolean {
    this.#beginUpTo(batchLastOffset(batch, at))
    // An empty one was cleaned before.
    if (batchRecordCount(batch, at) === 0) return true
    const marker = readEndTransactionMarker(batch, at)
    if (marker === null) return false
    const producerId = batchProducerId(batch, at)
    if (marker.isCommit) return !this.#ongoingCommitted.delete(producerId)
    const ongoing = this.#ongoingAborted.get(producerId)
    this.#ongoingAborted.delete(producerId)
    if (ongoing?.hasBatches !== true) return true
    this.#onRetained(ongoing.entry)
    return false
  }
}
