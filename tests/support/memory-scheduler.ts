// Virtual time for tests: a heap of events, run one at a time, each followed by everything that the
// code under test does without waiting (promises), so that one seed gives one order.

import { kafkaUuid } from '../../broker/runtime/node-clock.ts'
import type { Random } from '../../broker/runtime/runtime.ts'

/** sfc32: small, fast, good enough; the same seed gives the same numbers on every machine. */
export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number | string) {
    let hash = 0x811c9dc5
    for (const char of String(seed)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0
    this.#a = hash
    this.#b = Math.imul(hash ^ 0x9e3779b9, 0x85ebca6b) >>> 0
    this.#c = Math.imul(hash ^ 0xc2b2ae35, 0x27d4eb2f) >>> 0
    for (let round = 0; round < 12; round++) this.next()
  }

  #uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0
    this.#counter = (this.#counter + 1) >>> 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) >>> 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0
    return sum
  }

  next(): number {
    return this.#uint32() / 0x1_0000_0000
  }

  int(boundExclusive: number): number {
    return Math.floor(this.next() * boundExclusive)
  }

  uuid(): string {
    return kafkaUuid(() => {
      const bytes = Buffer.alloc(16)
      for (let at = 0; at < 16; at += 4) bytes.writeUInt32BE(this.#uint32(), at)
      return bytes
    })
  }
}

export interface ScheduledEvent {
  atMs: number
  order: number
  run: (() => void) | null
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** So often the real event loop gets a turn: for a test's timeout, and for what native code answers. */
const SETTLES_PER_TURN = 64
let settles = 0

/**
 * Lets every promise that can settle without an event settle. A tick runs only when no promise callback is
 * left; a turn of the event loop at each event would cost far more.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    if (++settles % SETTLES_PER_TURN === 0) setImmediate(resolve)
    else process.nextTick(resolve)
  })
}

export class Scheduler {
  nowMs = 0
  readonly #heap: ScheduledEvent[] = []
  #order = 0
  /** Told of each new event (the automatic pump of single-host tests). */
  onSchedule: (() => void) | null = null

  schedule(delayMs: number, run: () => void): ScheduledEvent {
    const event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#push(event)
    this.onSchedule?.()
    return event
  }

  /** When the next event is due; null when there is none. */
  nextAtMs(): number | null {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (top.run !== null) return top.atMs
      this.#pop()
    }
    return null
  }

  /** Moves to the next event and runs it. */
  runNext(): void {
    const event = this.#pop()
    if (event === null) return
    this.nowMs = Math.max(this.nowMs, event.atMs)
    const run = event.run
    event.run = null
    run?.()
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  #pop(): ScheduledEvent | null {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined) return null
    if (heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}
