// How many bytes of a led partition were appended and committed since it is led, as running counts: a fetch
// that waits for fetch.min.bytes learns from them, without reading, when it is worth to read again.

export class CommittedBytes {
  #appended = 0
  #committed = 0
  #offsets: number[] = []
  #counts: number[] = []
  #head = 0

  get appended(): number {
    return this.#appended
  }

  get committed(): number {
    return this.#committed
  }

  append(endOffset: number, sizeBytes: number): void {
    this.#appended += sizeBytes
    this.#offsets.push(endOffset)
    this.#counts.push(this.#appended)
  }

  commit(highWatermark: number): void {
    while (this.#head < this.#offsets.length && (this.#offsets[this.#head] ?? 0) <= highWatermark) {
      this.#committed = this.#counts[this.#head] ?? this.#committed
      this.#head += 1
    }
    if (this.#head === this.#offsets.length || this.#head > 1024) {
      this.#offsets = this.#offsets.slice(this.#head)
      this.#counts = this.#counts.slice(this.#head)
      this.#head = 0
    }
  }

  /** What was appended before is told no more (it counts as committed: a reader then looks for itself). */
  reset(): void {
    this.#committed = this.#appended
    this.#offsets = []
    this.#counts = []
    this.#head = 0
  }
}
