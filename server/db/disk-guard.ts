import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { environment } from '../settings/environment.ts'
import { dialectOfUrl } from './connect.ts'

/** Left free for everything but collecting: signing in, the audit log, stopping in order. */
const RESERVE_BYTES = 64 * 1024 * 1024
/** To go on, so that it does not stop and go by turns. */
const RESUME_BYTES = 96 * 1024 * 1024
/** After a database refused for want of space. */
const RETRY_MS = 30_000
const FILE_BYTES = 512
const FULL =
  /SQLITE_FULL|database or disk is full|ENOSPC|EDQUOT|No space left|could not extend file|table .* is full|Disk full|errno: 28/i

export interface CollectionStop {
  readonly sinceMs: number
  /** On the database's disk; null: the database is on another machine. */
  readonly freeBytes: number | null
}

/** Whether a database refused to write because its disk is full. */
export function isDiskFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (FULL.test(cause.message) || FULL.test(String((cause as { code?: unknown }).code)))
      return true
  }
  return FULL.test(String(error))
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'collection-stopped.json')
}

/** For the pages: why nothing is collected, or null. Never fails: no file, no stop. */
export function readCollectionStop(dataDir = environment().dataDir): CollectionStop | null {
  let text: string
  try {
    text = readFileSync(fileOf(dataDir), 'utf8').trim()
  } catch {
    // The collector has not run yet, which is no stop.
    return null
  }
  // Safe because the guard alone writes the file, in this shape.
  return text === '' ? null : (JSON.parse(text) as CollectionStop)
}

interface GuardOptions {
  readonly dataDir: string
  /** Folder whose disk the database is on; null for a server. */
  readonly databaseDir: string | null
  /** Bytes free there. */
  readonly freeBytes?: (directory: string) => number
}

/**
 * Decides, in the collector, whether there is room to write. Stops before the disk is full, since a full one would
 * stop more than the collection, and goes on by itself. What it says is a file that has its blocks from the start.
 */
export class DiskGuard {
  readonly #options: GuardOptions
  readonly #freeBytes: (directory: string) => number
  #stop: CollectionStop | null
  #retryMs = 0

  constructor(options: GuardOptions) {
    this.#options = options
    this.#freeBytes =
      options.freeBytes ??
      ((directory) => {
        const { bavail, bsize } = statfsSync(directory)
        return bavail * bsize
      })
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
    this.#stop = readCollectionStop(options.dataDir)
    this.#write()
  }

  get stop(): CollectionStop | null {
    return this.#stop
  }

  /** Before each cycle: false while there is no room. */
  mayCollect(nowMs: number): boolean {
    const { databaseDir } = this.#options
    const freeBytes = databaseDir === null ? null : this.#freeBytes(databaseDir)
    const wanted = this.#stop === null ? RESERVE_BYTES : RESUME_BYTES
    if (freeBytes !== null && freeBytes < wanted) {
      this.#set({ nowMs, freeBytes })
      return false
    }
    // A server is asked again by trying; whether it took the cycle says `succeeded`.
    return nowMs >= this.#retryMs
  }

  /** A write failed: true when it was for want of space, which is no fault of a cluster. */
  takeFailure(error: unknown, nowMs: number): boolean {
    if (!isDiskFull(error)) return false
    this.#retryMs = nowMs + RETRY_MS
    const { databaseDir } = this.#options
    this.#set({ nowMs, freeBytes: databaseDir === null ? null : this.#freeBytes(databaseDir) })
    return true
  }

  /** A cycle is written. */
  succeeded(): void {
    this.#retryMs = 0
    this.#clear()
  }

  #set({ nowMs, freeBytes }: { nowMs: number; freeBytes: number | null }): void {
    const known = this.#stop
    this.#stop = { sinceMs: known?.sinceMs ?? nowMs, freeBytes }
    if (known?.freeBytes !== freeBytes) this.#write()
  }

  #clear(): void {
    if (this.#stop === null) return
    this.#stop = null
    this.#write()
  }

  #write(): void {
    const text = this.#stop === null ? '' : JSON.stringify(this.#stop)
    const path = fileOf(this.#options.dataDir)
    try {
      const handle = openSync(path, 'a+', 0o600)
      closeSync(handle)
      const file = openSync(path, 'r+')
      try {
        writeSync(file, text.padEnd(FILE_BYTES), 0)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    } catch (error) {
      // Not even this file: the log has to do.
      console.error(`collection-stopped.json: ${String(error)}`)
    }
  }
}

let guard: DiskGuard | null = null

/** Of this process, which is the collector's. */
export function diskGuard(): DiskGuard {
  if (guard === null) {
    const { dataDir, databaseUrl } = environment()
    const isFile = dialectOfUrl(databaseUrl) === 'sqlite'
    const databaseDir = isFile ? dirname(databaseUrl.replace(/^file:(\/\/)?/, '')) : null
    guard = new DiskGuard({ dataDir, databaseDir })
  }
  return guard
}
