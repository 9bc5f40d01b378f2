// What the Raft core knows of the metadata log: ends, epochs and base, never a byte of it. Pure;
// the driver mirrors every change on the real log, in order. Rebuilt from the log at start.

import type { QuorumChange } from './voter-set.ts'

export interface OffsetAndEpoch {
  offset: number
  epoch: number
}

export interface EpochStart {
  epoch: number
  startOffset: number
}

/** One batch as far as the core looks into it. */
export interface BatchSummary {
  baseOffset: number
  lastOffset: number
  epoch: number
  /** Of a control batch that changes who votes. */
  change?: QuorumChange | null
}

export type FetchValidity =
  | { kind: 'valid' }
  | { kind: 'diverging'; epoch: number; endOffset: number }
  | { kind: 'snapshot'; id: OffsetAndEpoch }

export interface LogModelState {
  startOffset: number
  endOffset: number
  /** Epochs of what lies in [startOffset, endOffset), ascending. */
  epochs: readonly EpochStart[]
  /** Of the newest snapshot; `offset` is its end, exclusive. */
  snapshot: OffsetAndEpoch | null
  /**
   * Epoch of the record before startOffset: that of the snapshot which ends there; 0 at offset 0.
   */
  baseEpoch: number
}

/**
 * Invariants: startOffset <= flushedOffset <= writtenOffset <= endOffset, epochs strictly
 * ascending. `endOffset` runs ahead: it counts what the driver was told to append and has not yet
 * written.
 */
export class LogModel {
  #startOffset: number
  #endOffset: number
  #writtenOffset: number
  #flushedOffset: number
  #baseEpoch: number
  #epochs: EpochStart[]
  #snapshot: OffsetAndEpoch | null

  constructor(state: LogModelState) {
    this.#startOffset = state.startOffset
    this.#endOffset = state.endOffset
    this.#writtenOffset = state.endOffset
    this.#flushedOffset = state.endOffset
    this.#baseEpoch = state.baseEpoch
    this.#epochs = [...state.epochs]
    this.#snapshot = state.snapshot
  }

  get startOffset(): number {
    return this.#startOffset
  }
  get endOffset(): number {
    return this.#endOffset
  }
  get writtenOffset(): number {
    return this.#writtenOffset
  }
  get flushedOffset(): number {
    return this.#flushedOffset
  }
  get snapshot(): OffsetAndEpoch | null {
    return this.#snapshot
  }
  get lastEpoch(): number {
    return this.#epochs.at(-1)?.epoch ?? this.#baseEpoch
  }

  /** True when a log that ends at `other` has at least what this one has (Raft §5.4.1). */
  isUpToDate(other: OffsetAndEpoch): boolean {
    if (other.epoch !== this.lastEpoch) return other.epoch > this.lastEpoch
    return other.offset >= this.#endOffset
  }

  append(epoch: number, recordCount: number): void {
    if (epoch > this.lastEpoch) this.#epochs.push({ epoch, startOffset: this.#endOffset })
    this.#endOffset += recordCount
  }

  wrote(endOffset: number): void {
    this.#writtenOffset = Math.max(this.#writtenOffset, Math.min(endOffset, this.#endOffset))
  }

  flushed(endOffset: number): void {
    this.wrote(endOffset)
    this.#flushedOffset = Math.max(this.#flushedOffset, Math.min(endOffset, this.#endOffset))
  }

  truncateTo(offset: number): void {
    this.#endOffset = Math.min(this.#endOffset, offset)
    this.#writtenOffset = Math.min(this.#writtenOffset, offset)
    this.#flushedOffset = Math.min(this.#flushedOffset, offset)
    this.#epochs = this.#epochs.filter((entry) => entry.startOffset < offset)
  }

  /** Everything is replaced by a snapshot that ends at `id.offset`. */
  reset(id: OffsetAndEpoch): void {
    this.#startOffset = id.offset
    this.#endOffset = id.offset
    this.#writtenOffset = id.offset
    this.#flushedOffset = id.offset
    this.#baseEpoch = id.epoch
    this.#epochs = []
    this.#snapshot = id
  }

  addSnapshot(id: OffsetAndEpoch): void {
    if (this.#snapshot === null || id.offset > this.#snapshot.offset) this.#snapshot = id
  }

  /** The prefix below `offset` is gone; a snapshot covers it. */
  moveStart(offset: number): void {
    if (offset <= this.#startOffset) return
    this.#baseEpoch = this.epochOf(offset - 1)
    this.#startOffset = offset
    const kept = this.#epochs.filter((_entry, index) => {
      const next = this.#epochs[index + 1]
      return next === undefined ? this.#endOffset > offset : next.startOffset > offset
    })
    this.#epochs = kept.map((entry) => ({
      epoch: entry.epoch,
      startOffset: Math.max(entry.startOffset, offset),
    }))
  }

  epochOf(offset: number): number {
    let epoch = this.#baseEpoch
    for (const entry of this.#epochs) {
      if (entry.startOffset > offset) break
      epoch = entry.epoch
    }
    return epoch
  }

  /** End, exclusive, of the largest epoch at or below the asked one. */
  endOffsetForEpoch(epoch: number): { epoch: number; endOffset: number } {
    let found = { epoch: this.#baseEpoch, endOffset: this.#startOffset }
    if (epoch >= this.#baseEpoch) {
      found.endOffset =
        this.#epochs.find((entry) => entry.epoch > this.#baseEpoch)?.startOffset ?? this.#endOffset
    }
    this.#epochs.forEach((entry, index) => {
      if (entry.epoch > epoch) return
      const endOffset = this.#epochs[index + 1]?.startOffset ?? this.#endOffset
      found = { epoch: entry.epoch, endOffset }
    })
    return found
  }

  /** Whether a replica whose log ends at `offset` in `epoch` may read on from here. */
  validate(offset: number, epoch: number): FetchValidity {
    const snapshot = this.#snapshot
    // An empty replica gets there sooner by the snapshot than by replaying the log.
    if (snapshot !== null && offset === 0) return { kind: 'snapshot', id: snapshot }
    if (offset === 0 && epoch === 0 && this.#startOffset === 0) return { kind: 'valid' }
    if (snapshot !== null && this.#startOffset > 0) {
      const isBelow = offset < this.#startOffset || epoch < this.#baseEpoch
      const isOtherBase = offset === this.#startOffset && epoch !== this.#baseEpoch
      if (isBelow || isOtherBase) return { kind: 'snapshot', id: snapshot }
    }
    const end = this.endOffsetForEpoch(epoch)
    if (end.epoch !== epoch || end.endOffset < offset) return { kind: 'diverging', ...end }
    return { kind: 'valid' }
  }

  /**
   * Where to cut when the leader says that `leaderEnd.epoch` ends at `leaderEnd.endOffset` in its
   * log.
   */
  truncationOffset(leaderEnd: { epoch: number; endOffset: number }): number {
    const own = this.endOffsetForEpoch(leaderEnd.epoch)
    const end =
      own.epoch === leaderEnd.epoch ? Math.min(own.endOffset, leaderEnd.endOffset) : own.endOffset
    return Math.min(end, this.#endOffset)
  }
}
