// Bounds the memory that indexes of sealed segments hold over a whole broker: the least recently used are
// dropped and read again when asked for. Active segments keep theirs. Nothing durable.
import type { Segment } from './segment.ts'

export const DEFAULT_INDEX_CACHE_BYTES = 16 * 1024 * 1024

export class IndexCache {
  readonly #capacityBytes: number
  #heldBytes = 0
  /** Least recently used first. */
  readonly #sizes = new Map<Segment, number>()

  constructor(capacityBytes = DEFAULT_INDEX_CACHE_BYTES) {
    this.#capacityBytes = capacityBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** A sealed segment's indexes were loaded or used. */
  touch(segment: Segment): void {
    this.forget(segment)
    const bytes = segment.indexMemoryBytes
    this.#sizes.set(segment, bytes)
    this.#heldBytes += bytes
    for (const oldest of this.#sizes.keys()) {
      if (this.#heldBytes <= this.#capacityBytes || oldest === segment) return
      this.forget(oldest)
      oldest.dropIndexes()
    }
  }

  /** The segment is active again, or gone. */
  forget(segment: Segment): void {
    this.#heldBytes -= this.#sizes.get(segment) ?? 0
    this.#sizes.delete(segment)
  }
}
