import { ErrorCode, errorName } from '../../protocol/errors.ts'
import type { FetchedPartition, FetchPosition } from '../kafka/fetch-records.ts'
import { messageOf } from '../kafka/wire-error.ts'
import type { ScannedRecord } from './content.ts'
import type { RecordFilter } from './filter.ts'
import { readBatches } from './read-batches.ts'

const FIRST_FETCH_BYTES = 64 * 1024
const FETCH_BYTES_MAX = 1024 * 1024
const SINGLE_BATCH_BYTES_MAX = 64 * 1024 * 1024
const WINDOW_RECORDS_MAX = 5_000
const EMPTY_FETCHES_MAX = 20

export interface CursorOptions {
  readonly topic: string
  readonly partition: number
  readonly leader: number
  /** Offsets in [start, end) are read: upwards from start, or downwards from end. */
  readonly start: number
  readonly end: number
  readonly direction: 'up' | 'down'
  readonly filter: RecordFilter | null
  /** Downwards: records of the first window. */
  readonly windowRecords: number
}

/**
 * Reads one partition in one direction, piece by piece; what matches waits in `matches`, in reading
 * order. Downwards it reads windows that double, each from its start, since logs only read
 * forwards.
 */
export class PartitionCursor {
  readonly topic: string
  readonly partition: number
  readonly direction: 'up' | 'down'
  leader: number
  scanned = 0
  error: string | null = null
  matches: ScannedRecord[] = []
  /** Time up to which (or down to which) everything was looked at; null before the first record. */
  frontierMs: number | null = null
  readonly #filter: RecordFilter | null
  #start: number
  readonly #end: number
  /** Next offset to fetch. */
  #position: number
  /** Downwards: the window being read is [lower, upper). */
  #lower: number
  #upper: number
  #windowRecords: number
  #window: ScannedRecord[] = []
  /** Time of the first record of the window being read. */
  #windowMs: number | null = null
  #maxBytes = FIRST_FETCH_BYTES
  #emptyFetches = 0
  #leaderChanges = 0

  constructor(options: CursorOptions) {
    this.topic = options.topic
    this.partition = options.partition
    this.leader = options.leader
    this.direction = options.direction
    this.#filter = options.filter
    this.#start = options.start
    this.#end = Math.max(options.start, options.end)
    this.#windowRecords = options.windowRecords
    this.#upper = this.#end
    this.#lower = this.#end
    this.#position = options.direction === 'up' ? options.start : this.#end
    if (options.direction === 'down') this.#openWindow()
  }

  /** Everything was read, or it cannot be. */
  get isDone(): boolean {
    if (this.error !== null) return true
    if (this.direction === 'up') return this.#position >= this.#end
    return this.#upper <= this.#start
  }

  /** Offset at which reading on would begin: upwards the next one, downwards the one after it. */
  get next(): number | null {
    const first = this.matches[0]
    if (this.direction === 'up') {
      if (first !== undefined) return first.record.offset
      return this.#position >= this.#end ? null : this.#position
    }
    if (first !== undefined) return first.record.offset + 1
    return this.#upper <= this.#start ? null : this.#upper
  }

  get fetchPosition(): FetchPosition {
    return {
      topic: this.topic,
      partition: this.partition,
      leader: this.leader,
      offset: this.#position,
      maxBytes: this.#maxBytes,
    }
  }

  /** Takes a fetch's answer. True: the leader has moved and must be looked up again. */
  async take(fetched: FetchedPartition): Promise<boolean> {
    const { errorCode } = fetched
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      this.#skipTo(fetched.logStartOffset)
      return false
    }
    if (isLeaderError(errorCode) && this.#leaderChanges < 3) {
      this.#leaderChanges++
      return true
    }
    if (errorCode !== ErrorCode.NONE) {
      this.error = errorName(errorCode)
      return false
    }
    const toExclusive = this.direction === 'up' ? this.#end : this.#upper
    try {
      const range = { partition: this.partition, from: this.#position, toExclusive }
      const read = await readBatches(fetched.records, range)
      if (read.nextOffset === this.#position) this.#tryHarder()
      else this.#progress(read.records, read.nextOffset)
    } catch (error) {
      this.error = messageOf(error)
    }
    return false
  }

  fail(error: unknown): void {
    this.error = messageOf(error)
  }

  #progress(records: readonly ScannedRecord[], nextOffset: number): void {
    this.#emptyFetches = 0
    this.#maxBytes = Math.min(FETCH_BYTES_MAX, this.#maxBytes * 2)
    this.scanned += records.length
    this.#position = nextOffset
    const matching = this.#filter
      ? records.filter((scanned) => this.#filter?.(scanned.record))
      : records
    if (this.direction === 'up') {
      for (const scanned of matching) this.matches.push(scanned)
      const last = records.at(-1)
      if (last !== undefined) this.frontierMs = last.record.timestampMs
      return
    }
    if (this.#windowMs === null && records[0] !== undefined) {
      this.#windowMs = records[0].record.timestampMs
    }
    for (const scanned of matching) this.#window.push(scanned)
    if (this.#position < this.#upper) return
    for (const scanned of this.#window.reverse()) this.matches.push(scanned)
    this.frontierMs = this.#windowMs ?? this.frontierMs
    this.#upper = this.#lower
    this.#openWindow()
  }

  #openWindow(): void {
    this.#window = []
    this.#windowMs = null
    this.#lower = Math.max(this.#start, this.#upper - this.#windowRecords)
    this.#position = this.#lower
    this.#windowRecords = Math.min(WINDOW_RECORDS_MAX, this.#windowRecords * 2)
  }

  /** The log was cut at its start meanwhile. */
  #skipTo(logStart: number): void {
    this.#start = Math.max(this.#start, logStart)
    if (this.direction === 'up') {
      if (logStart <= this.#position) this.error = errorName(ErrorCode.OFFSET_OUT_OF_RANGE)
      this.#position = Math.max(this.#position, logStart)
      return
    }
    if (logStart <= this.#position) this.error = errorName(ErrorCode.OFFSET_OUT_OF_RANGE)
    this.#lower = Math.max(this.#lower, this.#start)
    this.#position = Math.max(this.#position, this.#lower)
    if (this.#upper <= this.#start) this.#upper = this.#start
  }

  /** Nothing whole came: the batch is larger than asked for, or it is not there yet. */
  #tryHarder(): void {
    this.#emptyFetches++
    this.#maxBytes = Math.min(SINGLE_BATCH_BYTES_MAX, this.#maxBytes * 4)
    if (this.#emptyFetches > EMPTY_FETCHES_MAX) this.error = 'no records were given'
  }
}

function isLeaderError(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER ||
    errorCode === ErrorCode.FENCED_LEADER_EPOCH ||
    errorCode === ErrorCode.UNKNOWN_LEADER_EPOCH ||
    errorCode === ErrorCode.LEADER_NOT_AVAILABLE
  )
}
