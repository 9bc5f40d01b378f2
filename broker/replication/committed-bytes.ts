// How many bytes of a led partition were appended, committed and made stable since it is led, as running
// counts: a fetch that waits for fetch.min.bytes learns from them, without reading, when it is worth to read again.

/** Appends remembered while they wait to become stable; beyond, the oldest count as if they were. */
const APPENDS_MAX = 65_536

export class CommittedBytes {
  #appended = 0
  #offsets: number[] = []
  #counts: number[] = []
  readonly #committed = new Mark()
  readonly #stable = new Mark()

  get appended(): number {
    return this.#appended
  }

  /** Below the high watermark. */
  get committed(): number {
    return this.#committed.count
  }

  /** Below the last stable offset. */
  get stable(): number {
    return this.#stable.count
  }

  append(endOffset: number, sizeBytes: number): void {
    this.#appended += sizeBytes
    this.#offsets.push(endOffset)
    this.#counts.push(this.#appended)
  }

  commit(highWatermark: number, lastStableOffset: number): void {
    this.#committed.advance(this.#offsets, this.#counts, highWatermark)
    this.#stable.advance(this.#offsets, this.#counts, lastStableOffset)
    const head = Math.min(this.#committed.head, this.#stable.head)
    if (head === this.#offsets.length || head > 1024) this.#drop(head)
    if (this.#committed.head > APPENDS_MAX) this.#drop(this.#committed.head)
  }

  #drop(head: number): void {
    this.#offsets = this.#offsets.slice(head)
    this.#counts = this.#counts.slice(head)
    this.#committed.head -= head
    this.#stable.head = Math.max(0, this.#stable.head - head)
  }

  /** What was appended before is told no more (it counts as committed: a reader then looks for itself). */
  reset(): void {
    this.#offsets = []
    this.#counts = []
    this.#committed.reset(this.#appended)
    this.#stable.reset(this.#appended)
  }
}

/** How far along the appends an offset has come. */
class Mark {
  count = 0
  head = 0

  advance(offsets: readonly number[], counts: readonly number[], offset: number): void {
    while (this.head < offsets.length && (offsets[this.head] ?? 0) <= offset) {
      this.count = counts[this.head] ?? this.count
      this.head += 1
    }
  }

  reset(count: number): void {
    this.count = count
    this.head = 0
  }
}
