// Tells the controller in which of this broker's log directories its replicas are, so that it can move leaders when
// one of them fails. One AssignReplicasToDirs at a time, sent again until answered. Owned by ReplicaManager. Nothing
// is kept over a crash: each replica whose place differs from metadata is told anew.
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { AssignReplicasToDirs } from '../../protocol/schemas/73-assign-replicas-to-dirs.ts'
import type { ControllerChannel } from '../controller/types.ts'
import type { Logger, TimerHandle, Timers } from '../runtime/runtime.ts'

export interface DirectoryAssignmentsOptions {
  brokerId: number
  localBrokerEpoch: () => number
  controller: ControllerChannel
  timers: Timers
  logger: Logger
}

interface Item {
  readonly topicId: string
  readonly partition: number
  readonly directoryId: string
}

/** The controller decides on one request in one turn; Kafka sends up to 2,250. */
const ITEMS_PER_REQUEST_MAX = 500
const RETRY_DELAY_MS = 100
const RETRY_DELAY_MAX_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Asking again would give the same answer. */
const FINAL = new Set<number>([
  ErrorCode.NONE,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
])

export class DirectoryAssignments {
  readonly #options: DirectoryAssignmentsOptions
  /** The newest place of each replica, until the controller has taken it. */
  readonly #queued = new Map<string, Item>()
  #inFlight: ReadonlyMap<string, Item> = new Map()
  #failures = 0
  #retryTimer: TimerHandle | null = null
  #isScheduled = false
  #isClosed = false

  constructor(options: DirectoryAssignmentsOptions) {
    this.#options = options
  }

  /** Replicas whose place the controller has yet to take. */
  get queuedCount(): number {
    return this.#queued.size + this.#inFlight.size
  }

  assign(topicId: string, partition: number, directoryId: string): void {
    if (this.#isClosed) return
    const key = `${topicId}:${partition}`
    const isQueued = this.#queued.has(key)
    if (!isQueued && this.#inFlight.get(key)?.directoryId === directoryId) return
    this.#queued.set(key, { topicId, partition, directoryId })
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Replicas placed in the same turn share a request.
    this.#options.timers.immediate(() => {
      this.#isScheduled = false
      this.#sendNext()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#options.timers.clear(this.#retryTimer)
    this.#retryTimer = null
    this.#queued.clear()
  }

  #sendNext(): void {
    if (this.#isClosed || this.#inFlight.size > 0 || this.#retryTimer !== null) return
    if (this.#queued.size === 0) return
    const items = [...this.#queued].slice(0, ITEMS_PER_REQUEST_MAX)
    for (const [key] of items) this.#queued.delete(key)
    this.#inFlight = new Map(items)
    this.#send(this.#inFlight).then(
      (refused) => this.#onAnswered(refused),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.#options.logger.log('info', 'AssignReplicasToDirs is sent again', { reason })
        this.#onAnswered(this.#inFlight)
      },
    )
  }

  #onAnswered(again: ReadonlyMap<string, Item>): void {
    this.#inFlight = new Map()
    if (this.#isClosed) return
    for (const [key, item] of again) if (!this.#queued.has(key)) this.#queued.set(key, item)
    if (again.size === 0) {
      this.#failures = 0
      this.#sendNext()
      return
    }
    const delayMs = Math.min(RETRY_DELAY_MS * 2 ** this.#failures, RETRY_DELAY_MAX_MS)
    this.#failures++
    this.#retryTimer = this.#options.timers.set(delayMs, () => {
      this.#retryTimer = null
      this.#sendNext()
    })
  }

  /** Gives those that are to be told again. */
  async #send(items: ReadonlyMap<string, Item>): Promise<Map<string, Item>> {
    const { controller, brokerId, localBrokerEpoch, logger } = this.#options
    const version = AssignReplicasToDirs.maxVersion
    const response = await controller.send(
      AssignReplicasToDirs,
      { brokerId, brokerEpoch: localBrokerEpoch(), directories: byDirectory(items.values()) },
      {
        version,
        timeoutMs: REQUEST_TIMEOUT_MS,
        context: { principal: 'User:ANONYMOUS', clientId: null, apiVersion: version },
      },
    )
    if (response.errorCode !== ErrorCode.NONE) throw new Error(errorName(response.errorCode))
    const again = new Map(items)
    for (const { topics } of response.directories) {
      for (const { topicId, partitions } of topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          const key = `${topicId}:${partitionIndex}`
          if (FINAL.has(errorCode)) again.delete(key)
          if (errorCode === ErrorCode.NONE) continue
          logger.log('info', 'A log directory was not assigned', {
            topicId,
            partition: partitionIndex,
            error: errorName(errorCode),
          })
        }
      }
    }
    return again
  }
}

function byDirectory(items: Iterable<Item>) {
  const directories = new Map<string, Map<string, { partitionIndex: number }[]>>()
  for (const { topicId, partition, directoryId } of items) {
    const topics = directories.get(directoryId) ?? new Map<string, { partitionIndex: number }[]>()
    directories.set(directoryId, topics)
    const partitions = topics.get(topicId) ?? []
    topics.set(topicId, partitions)
    partitions.push({ partitionIndex: partition })
  }
  return [...directories].map(([id, topics]) => ({
    id,
    topics: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })),
  }))
}
