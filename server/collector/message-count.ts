import type { Reading } from './reading.ts'

/**
 * Records ever written to the cluster's own topics, as far as end offsets tell: starts at their sum
 * and only grows, so that neither a deleted topic nor an unanswered partition looks like a fall.
 */
export class MessageCount {
  readonly #ends = new Map<string, Map<number, number>>()
  #total = 0
  #isFirst = true

  observe(reading: Reading): number {
    for (const topic of reading.state.topics) {
      const ends = reading.ends.get(topic.name)
      if (topic.isInternal || ends === undefined) continue
      const key = topic.topicId ?? topic.name
      const known = this.#ends.get(key)
      const next = known ?? new Map<number, number>()
      for (const [partition, end] of ends) {
        const before = next.get(partition)
        if (before !== undefined) this.#total += Math.max(0, end - before)
        // Of a topic that is new since the last cycle, everything was just written.
        else if (this.#isFirst || known === undefined) this.#total += end
        next.set(partition, end)
      }
      this.#ends.set(key, next)
    }
    const keys = new Set(reading.state.topics.map((topic) => topic.topicId ?? topic.name))
    for (const key of this.#ends.keys()) if (!keys.has(key)) this.#ends.delete(key)
    this.#isFirst = false
    return this.#total
  }
}
