// What one cleaning of a log is told and what it tells: plain data that goes to a worker and back. Made by
// log-cleaner.ts for clean-task.ts.
import type { AbortedEntry } from '../transaction-index.ts'
import type { LastOfProducer } from './batch-filter.ts'

export interface SourceSegment {
  baseOffset: number
  /** Base of the segment behind it. */
  endOffset: number
  sizeBytes: number
}

export interface CleanInput {
  directory: string
  /** From the log's first to the last one that may be cleaned, in order. */
  segments: readonly SourceSegment[]
  /** Records below were cleaned before: they are copied, and give the map nothing. */
  firstDirtyOffset: number
  aborted: readonly AbortedEntry[]
  lastOfProducers: readonly LastOfProducer[]
  nowMs: number
  deleteRetentionMs: number
  segmentBytes: number
  segmentIndexBytes: number
  indexIntervalBytes: number
  secret: Uint8Array
  mapBytes: number
  mapLoadFactor: number
  chunkBytes: number
  /** Shared with whoever gave the task: see CleanControl. */
  control: SharedArrayBuffer
}

/** `.cleaned` files are written and synced for these segments together. */
export interface CleanedGroup {
  baseOffset: number
  /** Bases of what it replaces. */
  sources: readonly number[]
  sizeBytes: number
  hasAborted: boolean
}

export interface CleanStats {
  mapBytesRead: number
  bytesRead: number
  bytesWritten: number
  recordsRead: number
  recordsKept: number
  invalidRecords: number
  /** Share of the map's bound, 0 to 1. */
  mapUtilization: number
}

export interface CleanOutput {
  /** First offset that is still dirty. */
  endOffset: number
  stats: CleanStats
}

/** Code of the error of a cleaning that was told to stop. */
export const CLEAN_ABORTED = 'ECLEANABORTED'

/** A cleaning under way can be stopped and slowed down from outside. */
export class CleanControl {
  readonly buffer: SharedArrayBuffer
  readonly #flags: Int32Array
  readonly #rates: Float64Array

  constructor(buffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer
    this.#flags = new Int32Array(buffer, 0, 1)
    this.#rates = new Float64Array(buffer, 8, 1)
  }

  abort(): void {
    Atomics.store(this.#flags, 0, 1)
  }

  get isAborted(): boolean {
    return Atomics.load(this.#flags, 0) !== 0
  }

  /** Bytes read and written together. */
  get bytesPerSecond(): number {
    return this.#rates[0] ?? Number.POSITIVE_INFINITY
  }

  set bytesPerSecond(rate: number) {
    this.#rates[0] = rate
  }

  /** Throws with code CLEAN_ABORTED once `abort` was called. */
  check(): void {
    if (this.isAborted) {
      throw Object.assign(new Error('the cleaning was told to stop'), { code: CLEAN_ABORTED })
    }
  }
}
