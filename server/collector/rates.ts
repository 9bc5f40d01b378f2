const WINDOW_MS = 60_000

interface Tracked {
  readonly last: Map<number, number>
  /** Sum of all increases seen so far; restarts of a counter do not lessen it. */
  total: number
  /** Oldest first; covers the window. */
  readonly points: { tMs: number; total: number }[]
  seenMs: number
}

/** Rates over the last minute of sums of counters that may restart or come and go one by one. */
export class RateTracker {
  readonly #tracked = new Map<string, Tracked>()

  /**
   * Takes this cycle's counters; per second, null until there are two cycles. `dropped`: how far the counter fell since
   * the cycle before, where that is known and the value alone does not tell.
   */
  observe(
    key: string,
    tMs: number,
    counters: Iterable<readonly [sub: number, value: number, dropped?: number]>,
  ): number | null {
    let tracked = this.#tracked.get(key)
    if (tracked === undefined) {
      tracked = { last: new Map(), total: 0, points: [], seenMs: tMs }
      this.#tracked.set(key, tracked)
    }
    let count = 0
    for (const [sub, value, dropped = 0] of counters) {
      const before = tracked.last.get(sub)
      if (before !== undefined) tracked.total += Math.max(0, value - before + dropped)
      tracked.last.set(sub, value)
      count++
    }
    if (count === 0) return null
    tracked.seenMs = tMs
    tracked.points.push({ tMs, total: tracked.total })
    while (tracked.points.length > 2 && (tracked.points[1]?.tMs ?? tMs) <= tMs - WINDOW_MS) {
      tracked.points.shift()
    }
    const first = tracked.points[0]
    if (first === undefined || tMs <= first.tMs) return null
    return ((tracked.total - first.total) * 1_000) / (tMs - first.tMs)
  }

  /** Forgets what was not observed in this cycle. */
  forgetOlderThan(tMs: number): void {
    for (const [key, tracked] of this.#tracked) {
      if (tracked.seenMs < tMs - 10 * WINDOW_MS) this.#tracked.delete(key)
    }
  }
}

const TREND_MS = 180_000

/** How fast a level grows, over the last three minutes. */
export class TrendTracker {
  readonly #points = new Map<string, { tMs: number; value: number }[]>()

  /** Per second; null until there are two observations. */
  observe(key: string, tMs: number, value: number | null): number | null {
    if (value === null) {
      this.#points.delete(key)
      return null
    }
    const points = this.#points.get(key) ?? []
    points.push({ tMs, value })
    while (points.length > 2 && (points[1]?.tMs ?? tMs) <= tMs - TREND_MS) points.shift()
    this.#points.set(key, points)
    const first = points[0]
    if (first === undefined || tMs <= first.tMs) return null
    return ((value - first.value) * 1_000) / (tMs - first.tMs)
  }

  forget(key: string): void {
    this.#points.delete(key)
  }
}
