import type { EndHistory } from './lag-time.ts'

/** Samples are kept this densely: no two farther apart than a 24th of their age, if they once were nearer. */
const DENSITY = 24
const KEEP_MS = 48 * 3_600_000

interface Frame {
  readonly tMs: number
  /** End offset by slot; NaN where the cycle has none. Slots added later lie beyond its end. */
  readonly ends: Float64Array
}

/**
 * The end offsets of the last two days of all partitions that some group reads, in memory: one
 * array a cycle, fewer and fewer cycles the older they are. 40,000 partitions take some 60 MB.
 */
export class EndFrames {
  readonly #frames: Frame[] = []
  /** Topic key → partition → slot. */
  readonly #slots = new Map<string, Map<number, number>>()
  readonly #free: number[] = []
  #slotCount = 0

  get length(): number {
    return this.#frames.length
  }

  get oldestMs(): number | null {
    return this.#frames[0]?.tMs ?? null
  }

  /** One cycle; times must grow. Topics that are not among `topics` are forgotten. */
  append(tMs: number, topics: ReadonlyMap<string, ReadonlyMap<number, number>>): void {
    for (const topicKey of this.#slots.keys()) if (!topics.has(topicKey)) this.#forget(topicKey)
    for (const [topicKey, ends] of topics) this.#reserve(topicKey, ends)
    const frame = { tMs, ends: new Float64Array(this.#slotCount).fill(Number.NaN) }
    for (const [topicKey, ends] of topics) {
      const slots = this.#slots.get(topicKey)
      for (const [partition, end] of ends) {
        const slot = slots?.get(partition)
        if (slot !== undefined) frame.ends[slot] = end
      }
    }
    this.#frames.push(frame)
    this.#thin(tMs)
  }

  /** Valid until the next `append`. */
  historyOf(topicKey: string, partition: number): EndHistory {
    const slot = this.#slots.get(topicKey)?.get(partition) ?? -1
    const frames = this.#frames
    return {
      length: slot === -1 ? 0 : frames.length,
      timeAt: (index) => frames[index]?.tMs ?? 0,
      endAt: (index) => frames[index]?.ends[slot] ?? Number.NaN,
    }
  }

  #reserve(topicKey: string, ends: ReadonlyMap<number, number>): void {
    let slots = this.#slots.get(topicKey)
    if (slots === undefined) {
      slots = new Map()
      this.#slots.set(topicKey, slots)
    }
    for (const partition of ends.keys()) {
      if (!slots.has(partition)) slots.set(partition, this.#free.pop() ?? this.#slotCount++)
    }
  }

  #forget(topicKey: string): void {
    for (const slot of this.#slots.get(topicKey)?.values() ?? []) {
      // Whoever gets the slot next must not find another topic's offsets.
      for (const { ends } of this.#frames) if (slot < ends.length) ends[slot] = Number.NaN
      this.#free.push(slot)
    }
    this.#slots.delete(topicKey)
  }

  #thin(nowMs: number): void {
    const frames = this.#frames
    while (frames.length > 2 && nowMs - (frames[0]?.tMs ?? nowMs) > KEEP_MS) frames.shift()
    for (let i = frames.length - 2; i >= 1; i--) {
      const before = frames[i - 1]?.tMs ?? 0
      const after = frames[i + 1]?.tMs ?? 0
      if ((after - before) * DENSITY <= nowMs - after) frames.splice(i, 1)
    }
  }
}

/** The same thinning over a list of times: the indexes that are kept, growing. */
export function keptIndexes(times: ArrayLike<number>, nowMs: number): number[] {
  const kept: number[] = []
  for (let i = times.length - 1; i >= 0; i--) {
    const next = times[kept.at(-1) ?? -1]
    const beforeMs = times[i - 1]
    const t = times[i] ?? 0
    // The one before would do as well.
    const isNeedless =
      next !== undefined && beforeMs !== undefined && (next - beforeMs) * DENSITY <= nowMs - next
    if (!isNeedless || t === next) kept.push(i)
  }
  return kept.reverse()
}
