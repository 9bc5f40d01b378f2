// Brings the markers of prepared transactions to the leaders of their partitions: one WriteTxnMarkers at a time
// to each broker, with all that waits for it. Tries again until the marker is written, its topic is gone, or
// the shard that decided is closed. After a crash the next coordinator starts over: markers may be repeated.
import { ErrorCode, errorName } from '../../../protocol/errors.ts'
import type {
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from '../../../protocol/schemas/27-write-txn-markers.ts'
import type { MetadataDelta, MetadataView } from '../../metadata/image-types.ts'
import type { Runtime, TimerHandle } from '../../runtime/runtime.ts'
import type { MarkerJob } from './marker-job.ts'
import { parsePartitionName, partitionName, partitionsByTopic } from './metadata.ts'

export interface MarkerSenderOptions {
  runtime: Runtime
  metadata: MetadataView
  /** Resolves to the answer of that broker, which may be this one. Rejects when there is none. */
  send: (brokerId: number, request: WriteTxnMarkersRequest) => Promise<WriteTxnMarkersResponse>
  /** Gives up what is under way to this broker: it was fenced or is gone. */
  disconnect: (brokerId: number) => void
  /** Ends all connections. */
  close: () => void
  settings: { retryBackoffMs: number; maxPartitionsPerRequest: number }
}

/** The queue of one broker: no transaction is in it twice, so it is bounded by the transactions known. */
type Queue = Map<MarkerJob, Set<string>>

interface Batch {
  readonly job: MarkerJob
  readonly names: Set<string>
}

export class MarkerSender {
  readonly #options: MarkerSenderOptions
  readonly #queues = new Map<number, Queue>()
  readonly #inFlight = new Set<number>()
  /** Without a leader, or refused: looked at again after the pause or when metadata changes. */
  #waiting: Queue = new Map()
  #retry: TimerHandle | null = null
  #isClosed = false

  constructor(options: MarkerSenderOptions) {
    this.#options = options
    options.metadata.subscribe('transaction-markers', (delta) => this.#onMetadata(delta))
  }

  /** For metrics: markers whose partition has no leader now, or that were refused. */
  get waitingCount(): number {
    let count = 0
    for (const names of this.#waiting.values()) count += names.size
    return count
  }

  add(job: MarkerJob): void {
    this.#enqueue(job, job.unmarked)
    if (job.unmarked.size === 0) job.done()
  }

  /** Drops what a shard wanted sent; answers under way find nobody any more. */
  cancel(shard: MarkerJob['shard']): void {
    for (const queue of [this.#waiting, ...this.#queues.values()]) {
      for (const job of queue.keys()) if (job.shard === shard) queue.delete(job)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#queues.clear()
    this.#waiting.clear()
    this.#options.runtime.timers.clear(this.#retry)
    this.#options.close()
  }

  // ---- queues

  /** Partitions of deleted topics leave the job here. */
  #enqueue(job: MarkerJob, names: Iterable<string>): void {
    const { image } = this.#options.metadata
    const brokers = new Set<number>()
    for (const name of [...names]) {
      const { topic, partition } = parsePartitionName(name)
      const leader = image.topicsByName.get(topic)?.partitions[partition]?.leader
      if (leader === undefined) {
        job.unmarked.delete(name)
        continue
      }
      if (leader < 0) {
        this.#wait(job, name)
        continue
      }
      let queue = this.#queues.get(leader)
      if (queue === undefined) {
        queue = new Map()
        this.#queues.set(leader, queue)
      }
      put(queue, job, name)
      brokers.add(leader)
    }
    for (const brokerId of brokers) this.#pump(brokerId)
  }

  #wait(job: MarkerJob, name: string): void {
    put(this.#waiting, job, name)
    const { timers } = this.#options.runtime
    this.#retry ??= timers.set(this.#options.settings.retryBackoffMs, () => this.#retryWaiting())
  }

  #retryWaiting(): void {
    this.#options.runtime.timers.clear(this.#retry)
    this.#retry = null
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const [job, names] of waiting) {
      if (job.shard.state !== 'active') continue
      this.#enqueue(job, names)
      if (job.unmarked.size === 0) job.done()
    }
  }

  #onMetadata({ image, changedBrokers, changedTopics, deletedTopics }: MetadataDelta): void {
    for (const brokerId of changedBrokers) {
      const broker = image.brokers.get(brokerId)
      const isGone = broker === undefined || broker.isFenced
      if (isGone && this.#inFlight.has(brokerId)) this.#options.disconnect(brokerId)
    }
    if (changedTopics.size === 0 && deletedTopics.length === 0) return
    if (this.#waiting.size > 0) this.#retryWaiting()
  }

  // ---- requests

  #pump(brokerId: number): void {
    if (this.#isClosed || this.#inFlight.has(brokerId)) return
    const batches = this.#take(brokerId)
    if (batches.length === 0) return
    this.#inFlight.add(brokerId)
    void this.#request(brokerId, batches).finally(() => {
      this.#inFlight.delete(brokerId)
      this.#pump(brokerId)
    })
  }

  #take(brokerId: number): Batch[] {
    const queue: Queue = this.#queues.get(brokerId) ?? new Map()
    const batches: Batch[] = []
    let left = this.#options.settings.maxPartitionsPerRequest
    for (const [job, names] of queue) {
      if (left === 0) break
      queue.delete(job)
      if (job.shard.state !== 'active') continue
      const taken = new Set([...names].slice(0, left))
      left -= taken.size
      batches.push({ job, names: taken })
      for (const name of names) if (!taken.has(name)) put(queue, job, name)
    }
    return batches
  }

  async #request(brokerId: number, batches: readonly Batch[]): Promise<void> {
    const markers = batches.map(({ job, names }) => ({
      producerId: job.producerId,
      producerEpoch: job.producerEpoch,
      transactionResult: job.isCommit,
      topics: [...partitionsByTopic(names)].map(([name, partitionIndexes]) => ({
        name,
        partitionIndexes,
      })),
      coordinatorEpoch: job.shard.coordinatorEpoch,
      transactionVersion: job.transactionVersion,
    }))
    let response: WriteTxnMarkersResponse
    try {
      response = await this.#options.send(brokerId, { markers })
    } catch (error) {
      const { logger } = this.#options.runtime
      logger.log('debug', 'Transaction markers could not be sent', { brokerId, error })
      response = { markers: [] }
    }
    if (!this.#isClosed) this.#settle(batches, response)
  }

  #settle(batches: readonly Batch[], response: WriteTxnMarkersResponse): void {
    const codes = new Map<number, Map<string, number>>()
    for (const { producerId, topics } of response.markers) {
      const byPartition = codes.get(producerId) ?? new Map<string, number>()
      codes.set(producerId, byPartition)
      for (const { name, partitions } of topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          byPartition.set(partitionName(name, partitionIndex), errorCode)
        }
      }
    }
    for (const { job, names } of batches) {
      if (job.shard.state !== 'active') continue
      for (const name of names) this.#settleOne(job, name, codes.get(job.producerId)?.get(name))
      if (job.unmarked.size === 0) job.done()
    }
  }

  /** `errorCode` undefined: nothing was heard of it. */
  #settleOne(job: MarkerJob, name: string, errorCode: number | undefined): void {
    const { logger } = this.#options.runtime
    const { transactionalId } = job
    switch (errorCode) {
      case ErrorCode.NONE:
        job.unmarked.delete(name)
        return
      // A later epoch wrote there, which it can only once this transaction has ended there.
      case ErrorCode.INVALID_PRODUCER_EPOCH:
        logger.log('warn', 'A newer producer epoch is in the log', { transactionalId, name })
        job.unmarked.delete(name)
        return
      // Another coordinator has taken over, and finishes it: resignation will be heard here too.
      case ErrorCode.TRANSACTION_COORDINATOR_FENCED:
        logger.log('warn', 'A newer transaction coordinator is at work', { transactionalId, name })
        this.#wait(job, name)
        return
      default:
        if (errorCode !== undefined) {
          const error = errorName(errorCode)
          logger.log('debug', 'A transaction marker is tried again', {
            transactionalId,
            name,
            error,
          })
        }
        this.#wait(job, name)
    }
  }
}

function put(queue: Queue, job: MarkerJob, name: string): void {
  const names = queue.get(job)
  if (names === undefined) queue.set(job, new Set([name]))
  else names.add(name)
}
