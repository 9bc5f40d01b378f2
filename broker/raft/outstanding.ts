// Which peers the Raft core waits for: one request each, and a pause after a failure. Pure.

/** Pauses grow up to 16 times the first one. */
const MAX_DOUBLINGS = 4

export class Outstanding {
  readonly #retryBackoffMs: number
  readonly #byNode = new Map<
    number,
    { requestId: number | null; retryAtMs: number; failures: number }
  >()
  readonly #wanted = new Set<number>()
  #nextRequestId = 1

  constructor(retryBackoffMs: number) {
    this.#retryBackoffMs = retryBackoffMs
  }

  /** Forgets all requests: answers to them will be ignored. Pauses are forgotten too. */
  reset(): void {
    this.#byNode.clear()
    this.#wanted.clear()
  }

  clearWanted(): void {
    this.#wanted.clear()
  }

  /**
   * The id for a request to `node`; null while one is out or the pause lasts (it is then wanted
   * later).
   */
  start(node: number, nowMs: number): number | null {
    const entry = this.#byNode.get(node)
    if (entry !== undefined && entry.requestId !== null) return null
    if (entry !== undefined && nowMs < entry.retryAtMs) {
      this.#wanted.add(node)
      return null
    }
    const requestId = this.#nextRequestId
    this.#nextRequestId += 1
    this.#byNode.set(node, { requestId, retryAtMs: 0, failures: entry?.failures ?? 0 })
    return requestId
  }

  /** The node that a request was out to; null when it was forgotten. */
  finish(requestId: number): number | null {
    for (const [node, entry] of this.#byNode) {
      if (entry.requestId !== requestId) continue
      entry.requestId = null
      return node
    }
    return null
  }

  backOff(node: number, nowMs: number): void {
    const entry = this.#byNode.get(node)
    if (entry === undefined) return
    entry.retryAtMs = nowMs + this.#retryBackoffMs * 2 ** Math.min(entry.failures, MAX_DOUBLINGS)
    entry.failures += 1
  }

  /** It answered well: the next pause is a short one again. */
  succeeded(node: number): void {
    const entry = this.#byNode.get(node)
    if (entry !== undefined) entry.failures = 0
  }

  isReady(node: number, nowMs: number): boolean {
    const entry = this.#byNode.get(node)
    return entry === undefined || (entry.requestId === null && nowMs >= entry.retryAtMs)
  }

  hasAny(): boolean {
    for (const entry of this.#byNode.values()) if (entry.requestId !== null) return true
    return false
  }

  want(node: number): void {
    this.#wanted.add(node)
  }

  /** When the first pause ends that keeps a wanted request back. */
  nextRetryMs(): number {
    let dueMs = Number.POSITIVE_INFINITY
    for (const node of this.#wanted) {
      const entry = this.#byNode.get(node)
      if (entry !== undefined && entry.requestId === null) dueMs = Math.min(dueMs, entry.retryAtMs)
    }
    return dueMs
  }
}
