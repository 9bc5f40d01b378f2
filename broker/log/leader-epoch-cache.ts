// Which leader epoch began at which offset, to find where two replicas part. Pure; partition-log.ts
// saves it as `leader-epoch-checkpoint`. After a crash, epochs behind the recovery point come back from
// the batches themselves.
import type { EpochEntry } from './types.ts'

export class LeaderEpochCache {
  #entries: EpochEntry[]
  #version = 0

  constructor(entries: readonly EpochEntry[] = []) {
    this.#entries = [...entries].sort((a, b) => a.epoch - b.epoch)
  }

  /** Changes with every change, so that the owner knows what to save. */
  get version(): number {
    return this.#version
  }

  get latestEpoch(): number {
    return this.#entries.at(-1)?.epoch ?? -1
  }

  all(): readonly EpochEntry[] {
    return this.#entries
  }

  /** Epochs only grow: what an entry contradicts (same or later epoch, or same or later offset) goes. */
  assign(epoch: number, startOffset: number): void {
    const last = this.#entries.at(-1)
    if (
      epoch < 0 ||
      (last !== undefined && last.epoch === epoch && last.startOffset <= startOffset)
    ) {
      return
    }
    if (last !== undefined && last.epoch > epoch) return
    this.#entries = this.#entries.filter((e) => e.epoch < epoch && e.startOffset < startOffset)
    this.#entries.push({ epoch, startOffset })
    this.#version++
  }

  /** Ends of the largest epoch not above `epoch`; -1 and -1 when nothing is known of it. */
  endOffsetFor(epoch: number, logEndOffset: number): { epoch: number; endOffset: number } {
    const unknown = { epoch: -1, endOffset: -1 }
    if (epoch < 0) return unknown
    if (epoch === this.latestEpoch) return { epoch, endOffset: logEndOffset }
    const next = this.#entries.find((entry) => entry.epoch > epoch)
    if (next === undefined) return unknown
    const floor = this.#entries.findLast((entry) => entry.epoch <= epoch)
    return { epoch: floor?.epoch ?? epoch, endOffset: next.startOffset }
  }

  /** -1 below the first known offset. */
  epochOf(offset: number): number {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? -1
  }

  /** The log ends at `endOffset` now. */
  truncateFromEnd(endOffset: number): void {
    if ((this.#entries.at(-1)?.startOffset ?? -1) < endOffset) return
    const kept = this.#entries.filter((entry) => entry.startOffset < endOffset)
    this.#entries = kept
    this.#version++
  }

  /** The log starts at `startOffset` now: the epoch in force there starts there. */
  truncateFromStart(startOffset: number): void {
    const current = this.#entries.findLast((entry) => entry.startOffset <= startOffset)
    if (current === undefined) return
    if (current.startOffset === startOffset && current === this.#entries[0]) return
    const later = this.#entries.filter((entry) => entry.startOffset > startOffset)
    this.#entries = [{ epoch: current.epoch, startOffset }, ...later]
    this.#version++
  }

  clear(): void {
    if (this.#entries.length === 0) return
    this.#entries = []
    this.#version++
  }
}
