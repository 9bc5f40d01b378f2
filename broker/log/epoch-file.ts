// Keeps `leader-epoch-checkpoint` up with the epoch cache of one log: saved soon after a change, one write
// at a time. A crash before loses nothing: the owner waits for `saved` before its recovery point passes,
// and what lies behind the recovery point comes back from the batches.
import path from 'node:path'
import type { Disk } from '../runtime/runtime.ts'
import { encodeEpochs } from './checkpoints.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import { LEADER_EPOCH_FILE } from './names.ts'

export class EpochFile {
  readonly #disk: Disk
  readonly #path: string
  readonly #cache: LeaderEpochCache
  readonly #onFailure: (error: unknown) => void
  #savedVersion: number
  #saving: Promise<void> = Promise.resolve()

  constructor(options: {
    disk: Disk
    directory: string
    cache: LeaderEpochCache
    onFailure: (error: unknown) => void
  }) {
    this.#disk = options.disk
    this.#path = path.join(options.directory, LEADER_EPOCH_FILE)
    this.#cache = options.cache
    this.#onFailure = options.onFailure
    this.#savedVersion = 0
  }

  /** Begins to save what changed. */
  save(): void {
    if (this.#cache.version === this.#savedVersion) return
    this.#savedVersion = this.#cache.version
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#disk.writeFileAtomic(this.#path, encodeEpochs(this.#cache.all()))
      } catch (error) {
        this.#onFailure(error)
      }
    })
  }

  /** Resolves once all that `save` was called for is on disk (or has failed). */
  saved(): Promise<void> {
    return this.#saving
  }
}
