// The segments of one partition log in offset order; the last one is active. Pure bookkeeping.
import { assert } from '../runtime/assert.ts'
import type { Segment } from './segment.ts'

export class SegmentList {
  #segments: Segment[] = []

  get count(): number {
    return this.#segments.length
  }

  get active(): Segment {
    const last = this.#segments.at(-1)
    assert(last !== undefined, 'a log has an active segment')
    return last
  }

  get first(): Segment {
    const first = this.#segments[0]
    assert(first !== undefined, 'a log has a segment')
    return first
  }

  get sizeBytes(): number {
    let sum = 0
    for (const segment of this.#segments) sum += segment.sizeBytes
    return sum
  }

  all(): readonly Segment[] {
    return this.#segments
  }

  add(segment: Segment): void {
    const last = this.#segments.at(-1)
    assert(last === undefined || last.baseOffset < segment.baseOffset, 'segments follow each other')
    this.#segments.push(segment)
  }

  remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment)
  }

  /** `sources` follow each other in the list, and `replacement` begins where they do. */
  replace(sources: readonly Segment[], replacement: Segment): void {
    const first = this.#segments.indexOf(sources[0] ?? replacement)
    assert(first >= 0 && replacement.baseOffset === sources[0]?.baseOffset, 'sources are known')
    const rest = this.#segments.slice(first + sources.length)
    this.#segments = [...this.#segments.slice(0, first), replacement, ...rest]
  }

  /** The segment that holds `offset` (or where it would be); the first one for anything below. */
  floor(offset: number): Segment | null {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#segments[middle]?.baseOffset ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return this.#segments[Math.max(0, low - 1)] ?? null
  }

  after(segment: Segment): Segment | null {
    return this.#segments[this.#segments.indexOf(segment) + 1] ?? null
  }

  /** Offset after a segment's last possible one: the next base, or the log's end. */
  endOf(segment: Segment, logEndOffset: number): number {
    return this.after(segment)?.baseOffset ?? logEndOffset
  }
}
