// The transactions of one partition that read_committed must not look past: those without a marker, and those
// whose marker the high watermark has not passed. Pure; kept by ProducerStates, rebuilt with it after a crash.

/** Offset of nothing: no transaction is in the way. */
export const STABLE = Number.POSITIVE_INFINITY

interface EndedTransaction {
  readonly firstOffset: number
  readonly markerOffset: number
}

export class OpenTransactions {
  /** Producer id → first offset, in the order of first offsets (that is, of beginning). */
  readonly #ongoing = new Map<number, number>()
  /** Ended above the high watermark, in the order of their markers. */
  #unreplicated: EndedTransaction[] = []
  #firstUnstable = STABLE

  /** Of the open transaction that began first. */
  get oldestProducerId(): number | null {
    for (const producerId of this.#ongoing.keys()) return producerId
    return null
  }

  /** First offset of the oldest transaction that is open, or ended above the high watermark; else STABLE. */
  get firstUnstableOffset(): number {
    return this.#firstUnstable
  }

  begin(producerId: number, firstOffset: number): void {
    this.#ongoing.set(producerId, firstOffset)
    this.#firstUnstable = Math.min(this.#firstUnstable, firstOffset)
  }

  /**
   * The producer's transaction ended with the marker at `markerOffset`: gives its first offset, and the last
   * stable offset as of the marker; null when it had none open.
   */
  end(
    producerId: number,
    markerOffset: number,
  ): { firstOffset: number; lastStableOffset: number } | null {
    const firstOffset = this.#ongoing.get(producerId)
    if (firstOffset === undefined) return null
    this.#ongoing.delete(producerId)
    this.#unreplicated.push({ firstOffset, markerOffset })
    return { firstOffset, lastStableOffset: Math.min(this.#firstOngoing(), markerOffset + 1) }
  }

  /** Also for a log start that moved: what ended below it is in nobody's way. */
  onHighWatermark(highWatermark: number): void {
    let passed = 0
    for (const { markerOffset } of this.#unreplicated) {
      if (markerOffset >= highWatermark) break
      passed += 1
    }
    if (passed === 0) return
    this.#unreplicated = this.#unreplicated.slice(passed)
    this.#settle()
  }

  clear(): void {
    this.#ongoing.clear()
    this.#unreplicated = []
    this.#firstUnstable = STABLE
  }

  /** `open`: as a snapshot lists them, in any order. */
  restore(open: readonly { producerId: number; firstOffset: number }[]): void {
    this.clear()
    const inOrder = [...open].sort((a, b) => a.firstOffset - b.firstOffset)
    for (const { producerId, firstOffset } of inOrder) this.begin(producerId, firstOffset)
  }

  #firstOngoing(): number {
    for (const firstOffset of this.#ongoing.values()) return firstOffset
    return STABLE
  }

  #settle(): void {
    let first = this.#firstOngoing()
    for (const { firstOffset } of this.#unreplicated) first = Math.min(first, firstOffset)
    this.#firstUnstable = first
  }
}
