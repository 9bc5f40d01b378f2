// Moves a log's recovery point: syncs segments, then says that everything below is on disk. One sync at a
// time, beside appends. Used by PartitionLog. The recovery point never runs ahead of what a power loss keeps.
import type { LogState } from './log-state.ts'

export class LogSyncer {
  readonly #state: LogState
  readonly #onFailure: (error: unknown) => void
  #syncing: Promise<void> = Promise.resolve()

  constructor(state: LogState, onFailure: (error: unknown) => void) {
    this.#state = state
    this.#onFailure = onFailure
  }

  /** Resolves once everything below `endOffset` is synced; a second caller's goal is often met by the first. */
  sync(endOffset: number): Promise<void> {
    const turn = this.#syncing.then(() => this.#syncNow(endOffset))
    this.#syncing = turn.catch(this.#onFailure)
    return turn
  }

  /** Resolves once no sync is under way. */
  idle(): Promise<void> {
    return this.#syncing
  }

  async #syncNow(endOffset: number): Promise<void> {
    const state = this.#state
    const { active } = state.segments
    // A list of its own: what is sealed meanwhile was not synced. What is about to be is the active one until then.
    const sealed = state.unsyncedSealed.filter((segment) => segment !== active)
    const target = Math.min(endOffset, state.logEndOffset)
    if (target <= state.recoveryPoint && sealed.length === 0) return
    const { truncations } = state
    const { clock } = state.shared.runtime
    const startedMs = clock.monotonicMs()
    for (const segment of sealed) await segment.sync()
    if (target > active.baseOffset) await active.syncLog()
    if (sealed.length > 0) await state.shared.runtime.disk.syncDirectory(state.directory)
    state.shared.flushed?.(clock.monotonicMs() - startedMs)
    await state.epochFile.saved()
    state.unsyncedSealed = state.unsyncedSealed.filter((segment) => !sealed.includes(segment))
    if (truncations !== state.truncations) return
    // Sealed meanwhile: its records are on disk, its indexes are not.
    const [waiting] = state.unsyncedSealed
    const reached = Math.min(target, waiting?.baseOffset ?? target)
    state.recoveryPoint = Math.max(state.recoveryPoint, reached)
  }
}
