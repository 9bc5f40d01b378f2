// How long work over many things may keep the event loop: it counts what it does and gives way to everything else
// once its share of the turn is used up. Used wherever a broker walks thousands of partitions. Holds nothing.
import type { Timers } from './runtime.ts'

/** Resolves once what else waits has had its turn. */
export function nextTurn(timers: Pick<Timers, 'immediate'>): Promise<void> {
  return new Promise((resolve) => timers.immediate(resolve))
}

export class TurnShare {
  readonly #timers: Pick<Timers, 'immediate'>
  readonly #max: number
  #used = 0

  /** `max`: steps of one turn, at least 1. */
  constructor(timers: Pick<Timers, 'immediate'>, max: number) {
    this.#timers = timers
    this.#max = max
  }

  /** Call with each step; null while the share lasts, else to be awaited before going on. */
  spend(steps = 1): Promise<void> | null {
    this.#used += steps
    if (this.#used < this.#max) return null
    this.#used = 0
    return nextTurn(this.#timers)
  }
}
