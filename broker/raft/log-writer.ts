// Carries out what the Raft core decides about the metadata log, one change after the other, each
// synced before it is reported. Owned by RaftNode. What a crash interrupts was not reported, so
// nobody counted on it.

import type { Log } from '../log/types.ts'
import { assert } from '../runtime/assert.ts'
import type { TimerHandle, Timers } from '../runtime/runtime.ts'
import type { OffsetAndEpoch } from './log-model.ts'
import type { SnapshotStore } from './snapshots.ts'
import type { QuorumChange } from './voter-set.ts'

export type LogChange =
  | { kind: 'lead'; epoch: number; batch: Buffer; endOffset: number; startsEpoch: boolean }
  | { kind: 'follow'; epoch: number; records: Buffer; endOffset: number }
  | { kind: 'truncate'; offset: number }
  | {
      kind: 'storeChunk'
      id: OffsetAndEpoch
      positionBytes: number
      bytes: Buffer
      isLast: boolean
    }
  | { kind: 'install'; id: OffsetAndEpoch }

export interface LogWriterEvents {
  written(endOffset: number): void
  flushed(endOffset: number): void
  truncated(): void
  chunkStored(completeId: OffsetAndEpoch | null, change: QuorumChange | null): void
  installed(id: OffsetAndEpoch): void
  /** The disk or the log failed: nothing more will be done. */
  failed(error: unknown): void
}

export interface LogWriterOptions {
  log: Log
  snapshots: SnapshotStore
  timers: Timers
  /** How long the first batch waits for company while nothing is being written. */
  appendLingerMs: number
  events: LogWriterEvents
}

/** Batches that come while one group is being written and synced make up the next group. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024

export class LogWriter {
  readonly #options: LogWriterOptions
  #queue: LogChange[] = []
  #isRunning = false
  #isClosed = false
  #lingerTimer: TimerHandle | null = null
  #whenIdle: (() => void) | null = null

  constructor(options: LogWriterOptions) {
    this.#options = options
  }

  enqueue(change: LogChange): void {
    if (this.#isClosed) return
    this.#queue.push(change)
    if (this.#isRunning || this.#lingerTimer !== null) {
      if (this.#lingerTimer !== null && !mayLinger(change)) this.#startNow()
      return
    }
    if (!mayLinger(change)) {
      this.#startNow()
      return
    }
    const { timers, appendLingerMs } = this.#options
    this.#lingerTimer = timers.set(appendLingerMs, () => this.#startNow())
  }

  /** Lets what is queued be done, then takes no more. */
  async close(): Promise<void> {
    if (this.#queue.length > 0 && !this.#isRunning) this.#startNow()
    if (this.#isRunning) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    this.#isClosed = true
    this.#options.timers.clear(this.#lingerTimer)
  }

  #startNow(): void {
    this.#options.timers.clear(this.#lingerTimer)
    this.#lingerTimer = null
    this.#isRunning = true
    // Safe to let go: #run reports what it catches.
    void this.#run()
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const change = this.#queue.shift()
        if (change === undefined) break
        await this.#carryOut(change)
      }
    } catch (error) {
      this.#isClosed = true
      this.#queue = []
      this.#options.events.failed(error)
    }
    this.#isRunning = false
    this.#whenIdle?.()
  }

  async #carryOut(change: LogChange): Promise<void> {
    const { log, snapshots, events } = this.#options
    switch (change.kind) {
      case 'lead':
        await this.#lead(change)
        return
      case 'follow': {
        const { records, epoch, endOffset } = change
        await log.append(records, { origin: 'replica', leaderEpoch: epoch })
        await this.#flush(endOffset)
        return
      }
      case 'truncate':
        await log.truncateTo(change.offset)
        await log.flush()
        events.truncated()
        return
      case 'storeChunk': {
        await snapshots.storeChunk(change.id, change.positionBytes, change.bytes)
        const isComplete = change.isLast && (await snapshots.finishPartial(change.id))
        const voters = isComplete ? snapshots.changeOf(change.id) : null
        events.chunkStored(isComplete ? change.id : null, voters)
        return
      }
      case 'install':
        await log.truncateFullyAndStartAt(change.id.offset)
        await log.flush()
        events.installed(change.id)
        return
    }
  }

  async #lead(first: Extract<LogChange, { kind: 'lead' }>): Promise<void> {
    const { log } = this.#options
    const group = [first.batch]
    let { endOffset } = first
    let sizeBytes = first.batch.length
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (next.kind !== 'lead' || next.epoch !== first.epoch || next.startsEpoch) break
      if (sizeBytes + next.batch.length > GROUP_BYTES_MAX) break
      this.#queue.shift()
      group.push(next.batch)
      sizeBytes += next.batch.length
      endOffset = next.endOffset
    }
    if (first.startsEpoch) log.assignEpochStart(first.epoch, log.logEndOffset)
    const records = group.length === 1 ? first.batch : Buffer.concat(group)
    await log.append(records, { origin: 'raft', leaderEpoch: first.epoch })
    await this.#flush(endOffset)
  }

  /** Followers may fetch what the operating system holds while this node is still syncing it. */
  async #flush(endOffset: number): Promise<void> {
    const { log, events } = this.#options
    assert(log.logEndOffset === endOffset, `log ends at ${log.logEndOffset}, not at ${endOffset}`)
    events.written(endOffset)
    await log.flush()
    events.flushed(endOffset)
  }
}

function mayLinger(change: LogChange): boolean {
  return change.kind === 'lead' && !change.startsEpoch
}
