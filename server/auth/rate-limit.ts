import { refusal } from '../errors.ts'

interface RateLimitSettings {
  windowMs: number
  /** Failures within the window before a key waits. */
  failuresPerKey: number
  failuresInAll: number
  maxKeys: number
}

export const signInLimits: RateLimitSettings = {
  windowMs: 60_000,
  failuresPerKey: 5,
  failuresInAll: 50,
  maxKeys: 10_000,
}

/** Counts failed attempts by key; a success forgets the key's. */
export class FailureLimit {
  readonly #settings: RateLimitSettings
  readonly #failures = new Map<string, number[]>()
  #all: number[] = []

  constructor(settings: RateLimitSettings) {
    this.#settings = settings
  }

  /**
   * Throws `too-many-requests` with the time to wait; else counts a failure at once, so that many
   * attempts in parallel cannot slip by, until the function it returns says that it went well.
   */
  attempt(key: string, nowMs: number): () => void {
    const since = nowMs - this.#settings.windowMs
    const own = (this.#failures.get(key) ?? []).filter((at) => at > since)
    this.#all = this.#all.filter((at) => at > since)
    const waits = [
      waitOf(own, this.#settings.failuresPerKey),
      waitOf(this.#all, this.#settings.failuresInAll),
    ].map((at) => (at === null ? 0 : at + this.#settings.windowMs - nowMs))
    const retryAfterMs = Math.max(...waits)
    if (retryAfterMs > 0) {
      const seconds = Math.ceil(retryAfterMs / 1000)
      throw refusal('too-many-attempts', { seconds }, { retryAfterMs })
    }
    this.#keep(key, [...own, nowMs])
    this.#all.push(nowMs)
    return () => {
      this.#failures.delete(key)
      const index = this.#all.lastIndexOf(nowMs)
      if (index !== -1) this.#all.splice(index, 1)
    }
  }

  #keep(key: string, failures: number[]): void {
    this.#failures.delete(key)
    this.#failures.set(key, failures)
    const oldest = this.#failures.keys().next().value
    if (this.#failures.size > this.#settings.maxKeys && oldest !== undefined)
      this.#failures.delete(oldest)
  }
}

/** The failure whose leaving the window frees an attempt; null: one is free now. */
function waitOf(failures: readonly number[], limit: number): number | null {
  return failures.length < limit ? null : (failures[failures.length - limit] ?? null)
}

const holder = globalThis as { eyrieSignInLimit?: FailureLimit }

export function signInLimit(): FailureLimit {
  holder.eyrieSignInLimit ??= new FailureLimit(signInLimits)
  return holder.eyrieSignInLimit
}
