// Which producers are about to begin a transaction on this partition and have not been verified yet (KIP-890).
// The guard ties an append to the verification it waited for: a transaction that ended in between took its
// guard along, so a late batch cannot open a transaction that nobody will ever end. In memory only.
import type { VerificationGuard } from './types.ts'

interface PendingVerification {
  readonly guard: VerificationGuard
  readonly begunMs: number
  readonly supportsEpochBump: boolean
  epoch: number
  lowestSequence: number
}

export interface VerificationStart {
  producerId: number
  producerEpoch: number
  baseSequence: number
  supportsEpochBump: boolean
}

/** Producers remembered; the oldest has to be verified again when there are more. */
const PENDING_MAX = 20_000

export class TransactionVerifications {
  readonly #pending = new Map<number, PendingVerification>()

  /** Begins or goes on; the lowest sequence of the newest epoch seen is remembered. */
  begin(batch: VerificationStart, nowMs: number): VerificationGuard {
    const { producerId, producerEpoch, baseSequence, supportsEpochBump } = batch
    const known = this.#pending.get(producerId)
    if (known === undefined) {
      const guard: VerificationGuard = Object.freeze({ producerId })
      if (this.#pending.size >= PENDING_MAX) this.#forgetOldest()
      this.#pending.set(producerId, {
        guard,
        begunMs: nowMs,
        supportsEpochBump,
        epoch: producerEpoch,
        lowestSequence: baseSequence,
      })
      return guard
    }
    if (producerEpoch > known.epoch) {
      known.epoch = producerEpoch
      known.lowestSequence = baseSequence
    } else if (producerEpoch === known.epoch) {
      known.lowestSequence = Math.min(known.lowestSequence, baseSequence)
    }
    return known.guard
  }

  #forgetOldest(): void {
    for (const producerId of this.#pending.keys()) {
      this.#pending.delete(producerId)
      return
    }
  }

  get(producerId: number): Readonly<PendingVerification> | undefined {
    return this.#pending.get(producerId)
  }

  /** Whether `guard` was given out for this producer and its transaction has neither begun nor ended since. */
  isCurrent(producerId: number, guard: VerificationGuard | null | undefined): boolean {
    return guard != null && this.#pending.get(producerId)?.guard === guard
  }

  /** A transactional batch or a marker was taken: what was asked before is out of date. */
  settle(producerId: number): void {
    this.#pending.delete(producerId)
  }

  expire(beforeMs: number): void {
    for (const [producerId, { begunMs }] of this.#pending) {
      if (begunMs < beforeMs) this.#pending.delete(producerId)
    }
  }
}
