// The append path of one partition log: admits batches in call order, gives them their offsets, plans rolls,
// and writes what is queued. Owned by PartitionLog. What is known of producers runs ahead of what is written
// by what is under way; a failed write takes the log offline, so the two never part for good.
import {
  batchBaseOffset,
  batchLeaderEpoch,
  batchProducerId,
  batchSizeBytes,
  NO_TIMESTAMP,
} from '../../protocol/records/batch.ts'
import { loadAborted } from './aborted-transactions.ts'
import {
  type AppendFacts,
  admitFromLeader,
  appendInfo,
  assignOffsets,
  checkFromBroker,
  checkFromClient,
} from './admission.ts'
import { AppendGate } from './append-gate.ts'
import { type LogState, rollSegment } from './log-state.ts'
import { type Prepared, prepareFromClient } from './preparation.ts'
import { encodeSnapshot } from './producer-snapshot-format.ts'
import type { ProducerCheck } from './producer-state.ts'
import type { Segment } from './segment.ts'
import type { AbortedEntry } from './transaction-index.ts'
import type { AppendInfo, AppendOptions } from './types.ts'
import { WorkQueue } from './work-queue.ts'

export interface LogAppenderOptions {
  /** Keep what a leader sent in the tail ring too. */
  cacheReplicaAppends: boolean
  /** Throws AppendError when the log takes nothing any more. */
  checkOpen: () => void
  /** Syncs what is written; resolves when the recovery point has moved. */
  flush: () => Promise<void>
  /** Makes everything below `endOffset` durable, beside appends. */
  sync: (endOffset: number) => Promise<void>
  /** The disk failed: the log takes nothing any more. */
  onFailure: (error: unknown) => void
}

interface Placed {
  records: Buffer
  baseOffset: number
  endOffset: number
  recordCount: number
  maxTimestampMs: number
  logAppendTimeMs: number
  isForTail: boolean
}

export class LogAppender {
  readonly #state: LogState
  readonly #options: LogAppenderOptions
  readonly #gate = new AppendGate()
  readonly queue: WorkQueue
  #isForTail = true
  /** Ended by markers that are queued, in order. */
  #abortedQueue: AbortedEntry[] = []

  constructor(state: LogState, options: LogAppenderOptions) {
    this.#state = state
    this.#options = options
    this.queue = new WorkQueue({
      write: (buffers, endOffset) => this.#write(buffers, endOffset),
      onFailure: options.onFailure,
    })
  }

  append(records: Buffer, options: AppendOptions): Promise<AppendInfo> {
    const { closed } = this.#gate
    if (closed !== null) return closed.then(() => this.append(records, options))
    try {
      this.#options.checkOpen()
      if (options.origin === 'replica') return this.#appendReplica(records)
      const { config } = this.#state
      if (options.origin !== 'client') checkFromBroker(records, config, options.origin)
      else {
        checkFromClient(records, config)
        const { workers, clock } = this.#state.shared.runtime
        const prepared = prepareFromClient(records, config, {
          nowMs: this.#nowMs(),
          monotonicMs: () => clock.monotonicMs(),
          workers,
        })
        if (prepared !== null) return this.#appendPrepared(prepared, options)
      }
      return this.#appendLeader(records, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Runs `step` after all queued work, with no append let in before it is done. */
  alone(step: () => Promise<void>): Promise<void> {
    return this.#gate.closeForTurn(() => {
      this.#options.checkOpen()
      return this.queue.exclusively(step)
    })
  }

  #nowMs(): number {
    return this.#state.shared.runtime.clock.nowMs()
  }

  /** Other appends wait until this batch is ready and has its place. */
  #appendPrepared(prepared: Promise<Prepared>, options: AppendOptions): Promise<AppendInfo> {
    return new Promise((resolve, reject) => {
      const placed = prepared.then(({ records, conversion }) => {
        const appended = this.#appendLeader(records, options)
        if (conversion === null) appended.then(resolve, reject)
        else appended.then((info) => resolve({ ...info, conversion }), reject)
      })
      this.#gate.closeFor(placed).catch(reject)
    })
  }

  #appendLeader(records: Buffer, options: AppendOptions): Promise<AppendInfo> {
    const { origin, leaderEpoch } = options
    const { producers, epochs, config, nextOffset: baseOffset } = this.#state
    let check: ProducerCheck | null = null
    for (let at = 0; at < records.length; at += batchSizeBytes(records, at)) {
      if (batchProducerId(records, at) < 0) continue
      const original = origin === 'client' ? producers.findDuplicate(records, at) : null
      if (original !== null) return this.#answerDuplicate(original, records.length)
      check ??= { ...options, mustVerify: this.#state.shared.mustVerifyTransactions }
      producers.check(records, at, check)
    }
    const isStamped = config.messageTimestampType === 'LogAppendTime' && origin !== 'raft'
    const logAppendTimeMs = isStamped ? this.#nowMs() : NO_TIMESTAMP
    const admitted = assignOffsets(records, { baseOffset, leaderEpoch, logAppendTimeMs })
    if (leaderEpoch > epochs.latestEpoch) this.assignEpochStart(leaderEpoch, baseOffset)
    return this.#enqueue({ ...admitted, baseOffset, logAppendTimeMs, isForTail: true })
  }

  assignEpochStart(epoch: number, startOffset: number): void {
    this.#state.epochs.assign(epoch, startOffset)
    this.#state.epochFile.save()
  }

  async #answerDuplicate(
    original: { firstOffset: number; lastOffset: number; timestampMs: number },
    sizeBytes: number,
  ): Promise<AppendInfo> {
    // The first copy may still be on its way to the disk.
    if (original.lastOffset >= this.#state.logEndOffset) await this.queue.drained()
    const { firstOffset, lastOffset, timestampMs } = original
    const isStamped = this.#state.config.messageTimestampType === 'LogAppendTime'
    const logAppendTimeMs = isStamped ? timestampMs : NO_TIMESTAMP
    return this.#info({ firstOffset, lastOffset, logAppendTimeMs, isDuplicate: true, sizeBytes })
  }

  #appendReplica(given: Buffer): Promise<AppendInfo> {
    const { epochs, nextOffset } = this.#state
    const admitted = admitFromLeader(given, nextOffset)
    const { records } = admitted
    if (records.length === 0) {
      return Promise.resolve(this.#info({ firstOffset: nextOffset, lastOffset: nextOffset - 1 }))
    }
    // Epochs that this replica led without a record, while its leader of now had one of an epoch before.
    epochs.truncateFromEnd(nextOffset)
    this.#state.epochFile.save()
    for (let at = 0; at < records.length; at += batchSizeBytes(records, at)) {
      const epoch = batchLeaderEpoch(records, at)
      if (epoch > epochs.latestEpoch) this.assignEpochStart(epoch, batchBaseOffset(records, at))
    }
    return this.#enqueue({
      ...admitted,
      baseOffset: batchBaseOffset(records, 0),
      logAppendTimeMs: NO_TIMESTAMP,
      isForTail: this.#options.cacheReplicaAppends,
    })
  }

  async #enqueue(placed: Placed): Promise<AppendInfo> {
    const { records, baseOffset, endOffset, maxTimestampMs } = placed
    const { plan, producers, config } = this.#state
    const next = { sizeBytes: records.length, endOffset, maxTimestampMs }
    if (plan.mustRoll(next, config, this.#nowMs())) this.planRoll()
    plan.add(next, config)
    for (let at = 0; at < records.length; at += batchSizeBytes(records, at)) {
      const aborted = producers.update(records, at)
      if (aborted !== null) this.#abortedQueue.push(aborted)
    }
    this.#state.nextOffset = endOffset
    this.#isForTail = placed.isForTail
    await this.queue.append(records, endOffset)
    return this.#info({
      firstOffset: baseOffset,
      lastOffset: endOffset - 1,
      logAppendTimeMs: placed.logAppendTimeMs,
      sizeBytes: records.length,
      recordCount: placed.recordCount,
    })
  }

  #info(facts: AppendFacts): AppendInfo {
    return appendInfo(this.#state.logStartOffset, facts)
  }

  async #write(buffers: Buffer[], endOffset: number): Promise<void> {
    const state = this.#state
    const { config } = state
    const { active } = state.segments
    const preallocatedBytes = config.preallocate ? config.segmentBytes : 0
    await active.append(buffers, config.indexIntervalBytes, preallocatedBytes)
    if (this.#abortedQueue.length > 0) await this.#noteAborted(active, endOffset)
    if (state.shared.ring !== null && this.#isForTail) {
      for (const buffer of buffers) state.tail.append(buffer)
    }
    state.logEndOffset = endOffset
    state.isDirty = true
    if (endOffset - state.recoveryPoint >= state.config.flushMessages) await this.#options.flush()
  }

  /** Before the log end, and so the last stable offset, can pass the markers. */
  async #noteAborted(active: Segment, endOffset: number): Promise<void> {
    const written = this.#abortedQueue.filter(({ lastOffset }) => lastOffset < endOffset)
    if (written.length === 0) return
    this.#abortedQueue = this.#abortedQueue.slice(written.length)
    await loadAborted(this.#state, active)
    await active.aborted.append(written)
  }

  /** Decided when a batch gets its offset, done when the queue comes to it. */
  planRoll(): void {
    const state = this.#state
    const baseOffset = state.nextOffset
    const snapshot = encodeSnapshot(state.producers.all())
    state.plan.start(baseOffset, this.#nowMs())
    const roll = async () => {
      await rollSegment(state, baseOffset, snapshot)
      this.#options.sync(baseOffset).catch(this.#options.onFailure)
    }
    // A failing roll takes the log offline, and every append behind it fails with its cause.
    this.queue.exclusively(roll).catch(() => undefined)
  }
}
