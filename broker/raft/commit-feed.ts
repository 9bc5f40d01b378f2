// Hands committed batches, snapshots and leader changes to the listeners, in order, each call
// awaited before the next. Owned by RaftNode. A listener starts from the newest snapshot, or from
// offset 0.

import {
  batchBaseOffset,
  batchLastOffset,
  batchLeaderEpoch,
  batchMaxTimestamp,
  batchPositions,
  isControlBatch,
} from '../../protocol/records/batch.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import type { Log } from '../log/types.ts'
import type { Timers } from '../runtime/runtime.ts'
import { TurnShare } from '../runtime/turns.ts'
import type { SnapshotStore } from './snapshots.ts'
import type { LeaderAndEpoch, RaftListener } from './types.ts'

export interface CommitFeedOptions {
  log: Log
  snapshots: SnapshotStore
  timers: Timers
  /** A listener or the log failed: the node cannot go on. */
  failed(error: unknown): void
}

interface LeaderChange extends LeaderAndEpoch {
  epochStartOffset: number | null
}

interface Subscription {
  readonly listener: RaftListener
  /** -1 before anything was handed over. */
  nextOffset: number
  toldLeader: LeaderChange | null
  isRunning: boolean
  /** Woken since it last looked. */
  hasNews: boolean
}

const READ_BYTES_MAX = 1024 * 1024
/** Handed over in one turn of the event loop; a batch is never split. */
const RECORDS_PER_TURN = 200

class ListenerFailure extends Error {
  override readonly name = 'ListenerFailure'
}

async function callListener(call: () => void | Promise<void>): Promise<void> {
  try {
    await call()
  } catch (cause) {
    throw new ListenerFailure('a listener of the metadata log failed', { cause })
  }
}

export class CommitFeed {
  readonly #options: CommitFeedOptions
  readonly #subscriptions: Subscription[] = []
  readonly #share: TurnShare
  #highWatermark = -1
  #leader: LeaderChange | null = null
  #isClosed = false

  constructor(options: CommitFeedOptions) {
    this.#options = options
    this.#share = new TurnShare(options.timers, RECORDS_PER_TURN)
  }

  register(listener: RaftListener): void {
    const subscription = {
      listener,
      nextOffset: -1,
      toldLeader: null,
      isRunning: false,
      hasNews: false,
    }
    this.#subscriptions.push(subscription)
    this.#wake(subscription)
  }

  /** Everything below is committed and in the log. */
  committed(highWatermark: number): void {
    this.#highWatermark = highWatermark
    for (const subscription of this.#subscriptions) this.#wake(subscription)
  }

  /** `epochStartOffset` is set when this node leads. */
  leaderChanged(change: LeaderChange): void {
    this.#leader = change
    for (const subscription of this.#subscriptions) this.#wake(subscription)
  }

  close(): void {
    this.#isClosed = true
  }

  #wake(subscription: Subscription): void {
    subscription.hasNews = true
    if (subscription.isRunning || this.#isClosed) return
    subscription.isRunning = true
    // Safe to let go: #run reports what it catches.
    void this.#run(subscription)
  }

  async #run(subscription: Subscription): Promise<void> {
    try {
      // Nobody is called from inside a call of his own.
      await Promise.resolve()
      do {
        subscription.hasNews = false
        let isMoving = true
        while (isMoving && !this.#isClosed) isMoving = await this.#advanceOrRetry(subscription)
      } while (subscription.hasNews && !this.#isClosed)
    } catch (error) {
      if (!this.#isClosed) this.#options.failed(error)
    } finally {
      subscription.isRunning = false
    }
  }

  /** What is being read may be dropped meanwhile, once a newer snapshot covers it. */
  async #advanceOrRetry(subscription: Subscription): Promise<boolean> {
    const { log, snapshots } = this.#options
    const before = { latest: snapshots.latest, startOffset: log.logStartOffset }
    try {
      return await this.#advance(subscription)
    } catch (error) {
      const isSame = before.latest === snapshots.latest && before.startOffset === log.logStartOffset
      if (isSame || error instanceof ListenerFailure) throw error
      return true
    }
  }

  /** One step; false when there is nothing to do. */
  async #advance(subscription: Subscription): Promise<boolean> {
    this.#tellLeader(subscription)
    if (this.#highWatermark < 0 || subscription.nextOffset >= this.#highWatermark) return false
    const { log, snapshots } = this.#options
    const { latest } = snapshots
    const isBehind = subscription.nextOffset < log.logStartOffset
    if (latest !== null && isBehind && latest.offset <= this.#highWatermark) {
      const content = await snapshots.read(latest)
      const { offset: endOffset, epoch } = latest
      await callListener(() =>
        subscription.listener.handleLoadSnapshot({ endOffset, epoch, ...content }),
      )
      subscription.nextOffset = latest.offset
      return true
    }
    if (subscription.nextOffset < 0) subscription.nextOffset = 0
    return this.#handBatches(subscription)
  }

  async #handBatches(subscription: Subscription): Promise<boolean> {
    const { log } = this.#options
    const read = await log.read({
      offset: subscription.nextOffset,
      maxBytes: READ_BYTES_MAX,
      minOneBatch: true,
      endOffsetExclusive: this.#highWatermark,
    })
    const { records } = read
    let count = 0
    for (const at of batchPositions(records)) {
      if (this.#isClosed) return false
      const baseOffset = batchBaseOffset(records, at)
      const lastOffset = batchLastOffset(records, at)
      if (lastOffset < subscription.nextOffset) continue
      if (!isControlBatch(records, at)) {
        const values: Buffer[] = []
        for (const record of readRecordsSync(records, at)) {
          if (record.value !== null) values.push(record.value)
        }
        const batch = {
          baseOffset,
          lastOffset,
          epoch: batchLeaderEpoch(records, at),
          appendTimestampMs: batchMaxTimestamp(records, at),
          records: values,
        }
        const pause = this.#share.spend(values.length)
        if (pause !== null) await pause
        if (this.#isClosed) return false
        await callListener(() => subscription.listener.handleCommit(batch))
      }
      subscription.nextOffset = lastOffset + 1
      count += 1
      this.#tellLeader(subscription)
    }
    return count > 0
  }

  /** A leader hears of itself only when it has seen all that earlier epochs committed. */
  #tellLeader(subscription: Subscription): void {
    const leader = this.#leader
    if (leader === null || subscription.toldLeader === leader) return
    const { epochStartOffset, leaderId, epoch } = leader
    if (epochStartOffset !== null && subscription.nextOffset <= epochStartOffset) return
    subscription.toldLeader = leader
    subscription.listener.handleLeaderChange({ leaderId, epoch })
  }
}
