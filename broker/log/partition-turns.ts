// What is done to one partition's log as a whole (made, moved, removed) takes turns; different partitions do not wait
// for each other. Used by LogManager. Nothing durable.
import { directoryName } from './names.ts'
import type { TopicPartition } from './types.ts'

export class PartitionTurns {
  readonly #turns = new Map<string, Promise<unknown>>()

  /** Runs `step` once all steps of the same partition before it have ended, however they did. */
  take<T>(tp: TopicPartition, step: () => Promise<T>): Promise<T> {
    const key = directoryName(tp)
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(step, step)
    this.#turns.set(key, turn)
    const forget = () => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
    turn.then(forget, forget)
    return turn
  }

  /** Resolves once all steps that were taken so far have ended. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#turns.values())
  }
}
