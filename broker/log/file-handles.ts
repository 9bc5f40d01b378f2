// Open files of all logs of a broker: a bounded set, least recently used closed first, so that ten
// thousand partitions do not hold ten thousand descriptors. Used by segments; holds nothing durable.
import type { Disk, FileHandle } from '../runtime/runtime.ts'

interface Entry {
  path: string
  /** Resolved once open, so that the hot path need not wait. */
  handle: FileHandle | null
  opening: Promise<FileHandle>
  users: number
  isDoomed: boolean
}

export const DEFAULT_OPEN_FILES_MAX = 2000

export class FileHandles {
  readonly #disk: Disk
  readonly #openMax: number
  /** In order of last use, oldest first. */
  readonly #entries = new Map<string, Entry>()

  constructor(disk: Disk, openMax = DEFAULT_OPEN_FILES_MAX) {
    this.#disk = disk
    this.#openMax = openMax
  }

  get openCount(): number {
    return this.#entries.size
  }

  /** Runs `operation` with the file at `path` open for reading and writing; it must exist. */
  async use<T>(path: string, operation: (handle: FileHandle) => Promise<T>): Promise<T> {
    const entry = this.#touch(path)
    entry.users++
    try {
      return await operation(entry.handle ?? (await entry.opening))
    } finally {
      entry.users--
      if (entry.isDoomed && entry.users === 0) await this.#close(entry)
    }
  }

  /** The file was renamed: its open handle goes on under the new path. */
  renamed(from: string, to: string): void {
    const entry = this.#entries.get(from)
    if (entry === undefined) return
    // What had the new path before was renamed over.
    if (this.#entries.has(to)) this.forget(to).catch(() => undefined)
    this.#entries.delete(from)
    entry.path = to
    this.#entries.set(to, entry)
  }

  /** Closes the file now, or once its last user is through. */
  async forget(path: string): Promise<void> {
    const entry = this.#entries.get(path)
    if (entry === undefined) return
    this.#entries.delete(path)
    entry.isDoomed = true
    if (entry.users === 0) await this.#close(entry)
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((path) => this.forget(path)))
  }

  #touch(path: string): Entry {
    const known = this.#entries.get(path)
    if (known !== undefined) {
      // Re-inserting keeps the order; not worth it while the set is far from full.
      if (this.#entries.size * 2 > this.#openMax) {
        this.#entries.delete(path)
        this.#entries.set(path, known)
      }
      return known
    }
    const entry: Entry = {
      path,
      handle: null,
      opening: this.#disk.open(path, 'r+'),
      users: 0,
      isDoomed: false,
    }
    this.#entries.set(path, entry)
    entry.opening.then(
      (handle) => {
        entry.handle = handle
      },
      () => {
        if (this.#entries.get(entry.path) === entry) this.#entries.delete(entry.path)
      },
    )
    this.#shrink()
    return entry
  }

  #shrink(): void {
    if (this.#entries.size <= this.#openMax) return
    for (const [path, entry] of this.#entries) {
      if (this.#entries.size <= this.#openMax) return
      if (entry.users > 0 || entry.handle === null) continue
      this.#entries.delete(path)
      // A failing close of a file that was written and will be synced by path later loses nothing.
      this.#close(entry).catch(() => undefined)
    }
  }

  async #close(entry: Entry): Promise<void> {
    const handle = entry.handle ?? (await entry.opening.catch(() => null))
    await handle?.close()
  }
}
