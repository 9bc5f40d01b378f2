// Carries ISR changes to the controller: one AlterPartition request at a time for all partitions of this
// broker, sent again until the controller answers. Used by the replica manager. Keeps nothing over a crash.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  AlterPartition,
  type AlterPartitionResponse,
} from '../../protocol/schemas/56-alter-partition.ts'
import type { ControllerChannel } from '../controller/types.ts'
import type { Logger, TimerHandle, Timers } from '../runtime/runtime.ts'
import { type AlterPartitionOutcome, type IsrProposal, isDecisive } from './partition-state.ts'

export interface AlterPartitionOptions {
  brokerId: number
  localBrokerEpoch: () => number
  controller: ControllerChannel
  timers: Timers
  logger: Logger
}

interface PartitionIdentity {
  readonly topicId: string
  readonly partition: number
}

interface Item {
  readonly key: string
  readonly identity: PartitionIdentity
  readonly proposal: IsrProposal
  readonly resolve: (outcome: AlterPartitionOutcome) => void
}

const RETRY_DELAY_MS = 50
const REQUEST_TIMEOUT_MS = 30_000
const API_VERSION = 3
const PARTITIONS_PER_REQUEST_MAX = 200

export class AlterPartitionManager {
  readonly #options: AlterPartitionOptions
  #queued = new Map<string, Item>()
  #isInFlight = false
  #isClosed = false
  #retryTimer: TimerHandle | null = null

  constructor(options: AlterPartitionOptions) {
    this.#options = options
  }

  /**
   * Resolves with the controller's answer for this proposal. A later proposal for the same partition takes
   * the place of one that was not sent, which then resolves to OPERATION_NOT_ATTEMPTED.
   */
  submit(identity: PartitionIdentity, proposal: IsrProposal): Promise<AlterPartitionOutcome> {
    return new Promise((resolve) => {
      const key = `${identity.topicId}:${identity.partition}`
      this.#queued.get(key)?.resolve({ errorCode: ErrorCode.OPERATION_NOT_ATTEMPTED })
      this.#queued.set(key, { key, identity, proposal, resolve })
      // Partitions that change in the same turn share a request.
      this.#options.timers.immediate(() => this.#sendNext())
    })
  }

  close(): void {
    this.#isClosed = true
    this.#options.timers.clear(this.#retryTimer)
    this.#retryTimer = null
    this.#queued.clear()
  }

  #sendNext(): void {
    if (this.#isClosed || this.#isInFlight || this.#retryTimer !== null) return
    if (this.#queued.size === 0) return
    // The controller decides on one request in one turn: thousands at once would keep it from all else.
    const items = [...this.#queued.values()].slice(0, PARTITIONS_PER_REQUEST_MAX)
    for (const { key } of items) this.#queued.delete(key)
    this.#isInFlight = true
    this.#send(items).then(
      () => this.#onAnswered(),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        this.#options.logger.log('warn', 'AlterPartition is sent again', { reason })
        this.#requeue(items)
        this.#onAnswered()
      },
    )
  }

  #onAnswered(): void {
    this.#isInFlight = false
    this.#sendNext()
  }

  async #send(items: readonly Item[]): Promise<void> {
    const { controller, brokerId, localBrokerEpoch } = this.#options
    const response = await controller.send(
      AlterPartition,
      { brokerId, brokerEpoch: localBrokerEpoch(), topics: topicsOf(items) },
      {
        version: API_VERSION,
        timeoutMs: REQUEST_TIMEOUT_MS,
        context: { principal: 'User:ANONYMOUS', clientId: null, apiVersion: API_VERSION },
      },
    )
    if (response.errorCode !== ErrorCode.NONE) {
      throw new Error(`the controller answered with error ${response.errorCode}`)
    }
    const outcomes = outcomesOf(response)
    const unanswered: Item[] = []
    for (const item of items) {
      const outcome = outcomes.get(item.key)
      if (outcome === undefined || !isDecisive(outcome.errorCode)) unanswered.push(item)
      else item.resolve(outcome)
    }
    this.#requeue(unanswered)
  }

  #requeue(items: readonly Item[]): void {
    if (items.length === 0 || this.#isClosed) return
    for (const item of items) {
      if (this.#queued.has(item.key)) {
        item.resolve({ errorCode: ErrorCode.OPERATION_NOT_ATTEMPTED })
      } else {
        this.#queued.set(item.key, item)
      }
    }
    this.#retryTimer ??= this.#options.timers.set(RETRY_DELAY_MS, () => {
      this.#retryTimer = null
      this.#sendNext()
    })
  }
}

function topicsOf(items: readonly Item[]) {
  const partitionsByTopic = new Map<string, ReturnType<typeof partitionOf>[]>()
  for (const item of items) {
    const partitions = partitionsByTopic.get(item.identity.topicId)
    if (partitions === undefined) partitionsByTopic.set(item.identity.topicId, [partitionOf(item)])
    else partitions.push(partitionOf(item))
  }
  return [...partitionsByTopic].map(([topicId, partitions]) => ({ topicId, partitions }))
}

function partitionOf({ identity, proposal }: Item) {
  return {
    partitionIndex: identity.partition,
    leaderEpoch: proposal.leaderEpoch,
    newIsrWithEpochs: proposal.isr,
    leaderRecoveryState: 0,
    partitionEpoch: proposal.partitionEpoch,
  }
}

function outcomesOf(response: AlterPartitionResponse): Map<string, AlterPartitionOutcome> {
  const outcomes = new Map<string, AlterPartitionOutcome>()
  for (const topic of response.topics) {
    for (const answer of topic.partitions) {
      const { leaderEpoch, isr, partitionEpoch } = answer
      outcomes.set(
        `${topic.topicId}:${answer.partitionIndex}`,
        answer.errorCode === ErrorCode.NONE
          ? { errorCode: ErrorCode.NONE, leaderEpoch, isr, partitionEpoch }
          : { errorCode: answer.errorCode },
      )
    }
  }
  return outcomes
}
