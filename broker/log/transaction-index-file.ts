// The `.txnindex` file of one segment and its entries in memory. Owned by Segment, which saves it along with the
// other indexes. The file may miss the newest entries: recovery makes it anew from the segment's batches.
import type { Disk } from '../runtime/runtime.ts'
import {
  type AbortedEntry,
  TRANSACTION_ENTRY_BYTES,
  TransactionIndex,
} from './transaction-index.ts'

/** What an entry takes as an object, about. */
const ENTRY_MEMORY_BYTES = 80

/** The file does not hold what its segment's markers say: bits rotted, or another program wrote it. */
export class DamagedTransactionIndex extends Error {
  override readonly name = 'DamagedTransactionIndex'
}

export class TransactionIndexFile {
  readonly #disk: Disk
  readonly #baseOffset: number
  readonly #path: () => string
  /** null: not read yet. */
  #index: TransactionIndex | null = null
  #loading: Promise<TransactionIndex> | null = null

  constructor(options: { disk: Disk; baseOffset: number; path: () => string }) {
    this.#disk = options.disk
    this.#baseOffset = options.baseOffset
    this.#path = options.path
  }

  get memoryBytes(): number {
    return (this.#index?.count ?? 0) * ENTRY_MEMORY_BYTES
  }

  /** There is no file. */
  setEmpty(): void {
    this.#index = new TransactionIndex(this.#baseOffset)
  }

  /** At once when it is in memory. Rejects with DamagedTransactionIndex, or when the disk fails. */
  load(): TransactionIndex | Promise<TransactionIndex> {
    if (this.#index !== null) return this.#index
    this.#loading ??= this.#read().finally(() => {
      this.#loading = null
    })
    return this.#loading
  }

  async #read(): Promise<TransactionIndex> {
    let bytes: Buffer
    try {
      bytes = await this.#disk.readFile(this.#path())
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      bytes = Buffer.alloc(0)
    }
    const index = new TransactionIndex(this.#baseOffset, bytes)
    if (!index.isSane(bytes.length)) throw new DamagedTransactionIndex(this.#path())
    this.#index = index
    return index
  }

  async append(entries: readonly AbortedEntry[]): Promise<void> {
    const index = await this.load()
    for (const entry of entries) index.append(entry)
  }

  get hasUnsaved(): boolean {
    return (this.#index?.unsavedCount ?? 0) > 0
  }

  /** Writes out entries not yet in the file. */
  async save(): Promise<void> {
    const index = this.#index
    if (index === null || index.unsavedCount === 0) return
    const { bytes, position } = index.unsaved()
    const handle = await this.#disk.open(this.#path(), 'rw')
    try {
      await handle.write([bytes], position)
      index.markSaved(position, bytes.length)
    } finally {
      await handle.close()
    }
  }

  /** Takes the place of whatever there was, at once: the segment may count as flushed already. */
  async replace(entries: readonly AbortedEntry[]): Promise<void> {
    const index = new TransactionIndex(this.#baseOffset)
    for (const entry of entries) index.append(entry)
    if ((await this.#disk.stat(this.#path())) !== null) await this.#disk.remove(this.#path())
    this.#index = index
    await this.save()
    await this.sync()
  }

  /** The file ends where the entries do, which were truncated and saved before. */
  async truncateFile(): Promise<void> {
    const index = await this.load()
    const handle = await this.#disk.open(this.#path(), 'rw')
    try {
      await handle.truncate(index.count * TRANSACTION_ENTRY_BYTES)
      // At once: what is left may be nothing, and is then not synced with the rest of the segment.
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  /** What is saved survives a power loss. */
  async sync(): Promise<void> {
    const index = await this.load()
    if (index.count === 0) return
    const handle = await this.#disk.open(this.#path(), 'r+')
    await handle.sync().finally(() => handle.close())
  }

  /** Frees the entries of a sealed segment, unless they are nowhere else. */
  drop(): void {
    if (this.#index !== null && this.#index.count > 0 && this.#index.unsavedCount === 0) {
      this.#index = null
    }
  }
}
