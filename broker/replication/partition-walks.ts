// Looks at all replicas of this broker without keeping the event loop: now and then for followers that lag, and when
// brokers or settings change. Owned by ReplicaManager. Replicas that come meanwhile may be seen or not.
import type { TimerHandle, Timers } from '../runtime/runtime.ts'
import { TurnShare } from '../runtime/turns.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { Partition } from './partition.ts'

/** Looked at in one turn of the event loop. */
const PARTITIONS_PER_TURN = 1000

export class PartitionWalks {
  readonly #hosted: HostedPartitions
  readonly #timers: Timers
  #isrTimer: TimerHandle | null = null
  #isClosed = false

  constructor(hosted: HostedPartitions, timers: Timers) {
    this.#hosted = hosted
    this.#timers = timers
  }

  async forEach(visit: (partition: Partition) => void): Promise<void> {
    const share = new TurnShare(this.#timers, PARTITIONS_PER_TURN)
    for (const partition of this.#hosted.all()) {
      const pause = share.spend()
      if (pause !== null) await pause
      if (this.#isClosed) return
      visit(partition)
    }
  }

  /** Each `intervalMs` from the end of one look to the next. */
  checkIsrEvery(intervalMs: number): void {
    this.#isrTimer = this.#timers.set(intervalMs, () => {
      // Safe to let go: a look at the ISR throws nothing.
      void this.#checkIsr().then(() => {
        if (!this.#isClosed) this.checkIsrEvery(intervalMs)
      })
    })
  }

  #checkIsr(): Promise<void> {
    return this.forEach((partition) => {
      partition.maybeShrinkIsr()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#timers.clear(this.#isrTimer)
    this.#isrTimer = null
  }
}
