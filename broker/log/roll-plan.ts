// Says when a log must roll. It counts what was given an offset, not what was written: the decision falls
// when a batch gets its place, so that the producer snapshot of that offset can be taken. Pure.
import { OFFSET_ENTRY_BYTES } from './offset-index.ts'
import type { Segment } from './segment.ts'
import type { LogConfig } from './types.ts'

const RELATIVE_OFFSET_MAX = 0x7fff_ffff

export interface PlannedAppend {
  sizeBytes: number
  endOffset: number
  maxTimestampMs: number
}

export class RollPlan {
  #baseOffset = 0
  #sizeBytes = 0
  #createdMs = 0
  /** Of the segment's first batch; null when that has none. */
  #firstTimestampMs: number | null = null
  /** Never fewer than the index has. */
  #indexEntryCount = 0
  /** Share of segment.jitter.ms that this segment rolls earlier; null until it matters. */
  #jitterShare: number | null = null
  readonly #random: () => number

  /** `random` is uniform in [0, 1). */
  constructor(active: Segment, random: () => number) {
    this.#random = random
    this.reset(active)
  }

  /** The log was opened or truncated. */
  reset(active: Segment): void {
    this.#baseOffset = active.baseOffset
    this.#sizeBytes = active.sizeBytes
    this.#createdMs = active.createdMs
    this.#firstTimestampMs = active.firstTimestampMs
    this.#indexEntryCount = active.indexEntryCount
  }

  /** A roll is queued: the next append opens the segment at `baseOffset`. */
  start(baseOffset: number, nowMs: number): void {
    this.#baseOffset = baseOffset
    this.#sizeBytes = 0
    this.#createdMs = nowMs
    this.#firstTimestampMs = null
    this.#indexEntryCount = 0
    this.#jitterShare = null
  }

  add(append: PlannedAppend, config: LogConfig): void {
    if (this.#sizeBytes === 0 && append.maxTimestampMs >= 0) {
      this.#firstTimestampMs = append.maxTimestampMs
    }
    this.#sizeBytes += append.sizeBytes
    if (this.#sizeBytes > (this.#indexEntryCount + 1) * config.indexIntervalBytes) {
      this.#indexEntryCount++
    }
  }

  /** An empty segment is not rolled. */
  get isRollable(): boolean {
    return this.#sizeBytes > 0
  }

  mustRoll(append: PlannedAppend, config: LogConfig, nowMs: number): boolean {
    if (append.endOffset - 1 - this.#baseOffset > RELATIVE_OFFSET_MAX) return true
    if (this.#sizeBytes === 0) return false
    if (this.#sizeBytes > config.segmentBytes - append.sizeBytes) return true
    const ageMs = this.#ageMs(append.maxTimestampMs, nowMs)
    if (ageMs > config.segmentMs - this.#jitterMs(config)) return true
    return (this.#indexEntryCount + 1) * OFFSET_ENTRY_BYTES > config.segmentIndexBytes
  }

  #jitterMs({ segmentMs, segmentJitterMs }: LogConfig): number {
    if (segmentJitterMs === 0) return 0
    this.#jitterShare ??= this.#random()
    return Math.floor(this.#jitterShare * Math.min(segmentJitterMs, segmentMs))
  }

  /** By record time where records have one, else by the clock. */
  #ageMs(timestampMs: number, nowMs: number): number {
    if (this.#firstTimestampMs !== null && timestampMs >= 0) {
      return timestampMs - this.#firstTimestampMs
    }
    return nowMs - this.#createdMs
  }
}
