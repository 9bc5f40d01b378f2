// Requests that wait: for bytes, for a low watermark. An operation stands in the watch list of everything
// that can complete it and in one timer; the purgatory bounds how many wait. Used by the replica manager.
import type { TimerHandle, Timers } from '../runtime/runtime.ts'

export interface DelayedOperationOptions {
  /** Whether what is waited for has come. */
  isReady: () => boolean
  /** Called exactly once. */
  complete: (reason: CompletionReason) => void
  watchers: readonly Watchers[]
  timeoutMs: number
}

/** forced: something else than the thing waited for made waiting pointless. */
export type CompletionReason = 'ready' | 'forced' | 'expired'

export interface DelayedOperation {
  readonly isReady: () => boolean
  readonly complete: (reason: CompletionReason) => void
  readonly watchers: readonly Watchers[]
  timer: TimerHandle | null
  isDone: boolean
}

/** All operations that one thing (a partition, a follower) can complete. */
export class Watchers {
  readonly operations = new Set<DelayedOperation>()

  get isEmpty(): boolean {
    return this.operations.size === 0
  }
}

export class Purgatory {
  readonly #timers: Timers
  readonly #maxOperations: number
  #size = 0
  #expiredCount = 0

  constructor(options: { timers: Timers; maxOperations: number }) {
    this.#timers = options.timers
    this.#maxOperations = options.maxOperations
  }

  get size(): number {
    return this.#size
  }

  get expiredCount(): number {
    return this.#expiredCount
  }

  /** Waits, unless too many do already: then the operation is over at once, as expired. */
  watch(options: DelayedOperationOptions): void {
    const { isReady, complete, watchers, timeoutMs } = options
    if (this.#size >= this.#maxOperations) {
      complete('expired')
      return
    }
    const operation: DelayedOperation = { isReady, complete, watchers, timer: null, isDone: false }
    this.#size += 1
    for (const list of watchers) list.operations.add(operation)
    operation.timer = this.#timers.set(timeoutMs, () => {
      operation.timer = null
      this.#expiredCount += 1
      this.#finish(operation, 'expired')
    })
  }

  /** Completes those of `watchers` that are ready. */
  check(watchers: Watchers): void {
    for (const operation of watchers.operations) {
      if (operation.isReady()) this.#finish(operation, 'ready')
    }
  }

  /** Completes all of `watchers`, ready or not. */
  force(watchers: Watchers): void {
    for (const operation of watchers.operations) this.#finish(operation, 'forced')
  }

  #finish(operation: DelayedOperation, reason: CompletionReason): void {
    if (operation.isDone) return
    operation.isDone = true
    this.#size -= 1
    this.#timers.clear(operation.timer)
    operation.timer = null
    for (const list of operation.watchers) list.operations.delete(operation)
    operation.complete(reason)
  }
}
