// The log directories of one broker: those that work, those that failed, and where a new log goes. Used by
// LogManager. A directory that failed once stays out of use until the broker starts anew.
import type { Runtime } from '../runtime/runtime.ts'
import { isDiskError } from './disk-errors.ts'
import { type DirectoryOwner, LogDirectory } from './log-directory.ts'

export interface DirectoryState {
  path: string
  /** '' while nobody could read it. */
  directoryId: string
  isOnline: boolean
  /** No new log goes there while another directory is free. */
  isCordoned: boolean
}

export type DirectoryFailureCallback = (directory: DirectoryState, error: unknown) => void

export class LogDirectories {
  readonly #runtime: Runtime
  readonly #onFailure: DirectoryFailureCallback
  readonly #opened: LogDirectory[] = []
  /** Paths of those that could not be opened. */
  readonly #missing: string[] = []
  /** Paths in cordoned.log.dirs, as last told. */
  #cordoned: ReadonlySet<string> = new Set()

  private constructor(runtime: Runtime, onFailure: DirectoryFailureCallback) {
    this.#runtime = runtime
    this.#onFailure = onFailure
  }

  /**
   * Locks and reads all directories. A failing disk leaves its directory offline; throws when another process has
   * one of them, when one belongs to another cluster or node, and when none is left.
   */
  static async open(
    runtime: Runtime,
    paths: readonly string[],
    options: { owner: DirectoryOwner; onFailure: DirectoryFailureCallback },
  ): Promise<LogDirectories> {
    const directories = new LogDirectories(runtime, options.onFailure)
    try {
      for (const target of paths) await directories.#open(target, options.owner)
      if (directories.#opened.length > 0) return directories
      throw new Error(`none of the log directories can be used: ${paths.join(', ')}`)
    } catch (error) {
      await directories.release()
      throw error
    }
  }

  async #open(target: string, owner: DirectoryOwner): Promise<void> {
    try {
      this.#opened.push(await LogDirectory.open(this.#runtime, target, owner))
    } catch (error) {
      if (!isDiskError(error)) throw error
      this.#missing.push(target)
      this.#log(target, error)
    }
  }

  get opened(): readonly LogDirectory[] {
    return this.#opened
  }

  get online(): readonly LogDirectory[] {
    return this.#opened.filter((directory) => directory.isOnline)
  }

  get hasOffline(): boolean {
    return this.#missing.length > 0 || this.#opened.some((directory) => !directory.isOnline)
  }

  states(): DirectoryState[] {
    const missing = this.#missing.map((path) => ({ path, directoryId: '', isOnline: false }))
    const opened = this.#opened.map(({ path, directoryId, isOnline }) => {
      return { path, directoryId, isOnline }
    })
    return [...opened, ...missing].map((state) => {
      return { ...state, isCordoned: this.#cordoned.has(state.path) }
    })
  }

  /** The online directory of that id. */
  withId(directoryId: string): LogDirectory | null {
    return this.online.find((directory) => directory.directoryId === directoryId) ?? null
  }

  /** False when it was offline already. */
  fail(directory: LogDirectory, error: unknown): boolean {
    if (!directory.isOnline) return false
    directory.isOnline = false
    this.#log(directory.path, error)
    const { path, directoryId } = directory
    const isCordoned = this.#cordoned.has(path)
    this.#onFailure({ path, directoryId, isOnline: false, isCordoned }, error)
    return true
  }

  #log(path: string, error: unknown): void {
    this.#runtime.logger.log('error', 'A log directory is offline', { directory: path, error })
  }

  cordon(paths: ReadonlySet<string>): void {
    this.#cordoned = paths
  }

  /** Where a new log goes: to the directory with the fewest logs, a cordoned one only where there is no other. */
  leastUsed(): LogDirectory {
    const free = this.online.filter(({ path }) => !this.#cordoned.has(path))
    const [first, ...others] = free.length === 0 ? this.online : free
    if (first === undefined) throw new Error('no log directory is online')
    return others.reduce((best, each) => (each.logCount < best.logCount ? each : best), first)
  }

  /** Of the last clean stop; -1 unless every directory is here and stopped cleanly in the same run. */
  get cleanShutdownEpoch(): number {
    const [first, ...others] = this.#opened.map((each) => each.cleanShutdownEpoch ?? -1)
    if (first === undefined || this.#missing.length > 0) return -1
    return others.every((epoch) => epoch === first) ? first : -1
  }

  async release(): Promise<void> {
    for (const directory of this.#opened) {
      try {
        await directory.release()
      } catch (error) {
        // A lock on a disk that is gone is void: it names this process, which ends.
        this.#runtime.logger.log('warn', 'A lock file stays', { directory: directory.path, error })
      }
    }
  }
}
