// Who waits for the high watermark of one partition: acks=all producers and coordinators. Owned by
// Partition. Waiters are kept in offset order, so an advance costs what it releases and no more.

export type CommitOutcome = 'committed' | 'lost'

export interface CommitWaiter {
  readonly offset: number
  /** Called once, unless cancelled before. */
  settle: ((outcome: CommitOutcome) => void) | null
}

export class CommitQueue {
  #waiters: CommitWaiter[] = []
  #head = 0
  #cancelledCount = 0

  get size(): number {
    return this.#waiters.length - this.#head - this.#cancelledCount
  }

  /** Waits until everything below `offset` is committed. */
  add(offset: number, settle: (outcome: CommitOutcome) => void): CommitWaiter {
    const waiter: CommitWaiter = { offset, settle }
    let index = this.#waiters.length
    while (index > this.#head && (this.#waiters[index - 1]?.offset ?? -1) > offset) index -= 1
    if (index === this.#waiters.length) this.#waiters.push(waiter)
    else this.#waiters.splice(index, 0, waiter)
    return waiter
  }

  /** `waiter` is not called any more. */
  cancel(waiter: CommitWaiter): void {
    if (waiter.settle === null) return
    waiter.settle = null
    this.#cancelledCount += 1
    if (this.#cancelledCount > 16 && this.#cancelledCount * 2 > this.#waiters.length - this.#head) {
      this.#waiters = this.#waiters.slice(this.#head).filter((kept) => kept.settle !== null)
      this.#head = 0
      this.#cancelledCount = 0
    }
  }

  /** Releases everyone who waits for an offset at or below `highWatermark`. */
  advance(highWatermark: number): void {
    while (this.#head < this.#waiters.length) {
      const waiter = this.#waiters[this.#head] as CommitWaiter
      if (waiter.offset > highWatermark) break
      this.#head += 1
      this.#settle(waiter, 'committed')
    }
    if (this.#head === this.#waiters.length) {
      this.#waiters = []
      this.#head = 0
    } else if (this.#head > 1024) {
      this.#waiters = this.#waiters.slice(this.#head)
      this.#head = 0
    }
  }

  /** Leadership is gone: nobody here can say any more whether those offsets are committed. */
  loseAll(): void {
    const waiters = this.#waiters.slice(this.#head)
    this.#waiters = []
    this.#head = 0
    for (const waiter of waiters) this.#settle(waiter, 'lost')
  }

  #settle(waiter: CommitWaiter, outcome: CommitOutcome): void {
    const { settle } = waiter
    waiter.settle = null
    if (settle === null) this.#cancelledCount -= 1
    else settle(outcome)
  }
}
