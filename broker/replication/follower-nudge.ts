// After an election the followers' fetches are parked without the partition that this broker leads since:
// answering them early makes followers ask again, with it, so that acks=all need not wait out a long poll.
// Metadata reaches followers at about the same time, so it is repeated for a moment.
import type { Runtime, TimerHandle } from '../runtime/runtime.ts'
import type { Partition } from './partition.ts'

const INTERVAL_MS = 20
const GIVE_UP_MS = 1_000

export class FollowerNudge {
  readonly #runtime: Runtime
  readonly #nudge: (brokerId: number) => void
  readonly #watched = new Map<Partition, number>()
  #timer: TimerHandle | null = null

  constructor(options: { runtime: Runtime; nudge: (brokerId: number) => void }) {
    this.#runtime = options.runtime
    this.#nudge = options.nudge
  }

  /** Until every follower of the ISR has fetched `partition`, or a second has passed. */
  watch(partition: Partition): void {
    if (partition.state.hasHeardFromIsr()) return
    this.#watched.set(partition, this.#runtime.clock.monotonicMs() + GIVE_UP_MS)
    this.#arm()
  }

  close(): void {
    this.#watched.clear()
    this.#runtime.timers.clear(this.#timer)
    this.#timer = null
  }

  #arm(): void {
    this.#timer ??= this.#runtime.timers.set(INTERVAL_MS, () => {
      this.#timer = null
      this.#nudgeSilent()
      if (this.#watched.size > 0) this.#arm()
    })
  }

  #nudgeSilent(): void {
    const nowMs = this.#runtime.clock.monotonicMs()
    const silent = new Set<number>()
    for (const [partition, untilMs] of this.#watched) {
      if (!partition.isLeader || partition.state.hasHeardFromIsr() || nowMs > untilMs) {
        this.#watched.delete(partition)
        continue
      }
      for (const [id, follower] of partition.state.followers) {
        if (follower.logEndOffset < 0 && partition.isr.includes(id)) silent.add(id)
      }
    }
    for (const brokerId of silent) this.#nudge(brokerId)
  }
}
