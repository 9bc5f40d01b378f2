// A disk in memory that knows what was synced. A kill keeps what was written; power loss undoes what
// no sync covered: wholly, or (torn) down to a random prefix with a hole here and there, or (scattered) any of the
// unsynced writes got lost and one may have landed where another belonged.
// Syncing any file or directory also commits the names made before it, as a journalling file system does.
import path from 'node:path'
import type { Disk, DiskLock, FileHandle, FileInfo } from '../../broker/runtime/runtime.ts'
import type { SeededRandom } from './memory-scheduler.ts'

interface WriteUndo {
  position: number
  lengthBytes: number
  sizeBefore: number
  /** What the write covered, or a truncation cut off. */
  before: Buffer
  /** What was written; null for a truncation. */
  after: Buffer | null
}

interface FileNode {
  kind: 'file'
  data: Buffer
  sizeBytes: number
  modifiedMs: number
  unsynced: WriteUndo[]
}

interface DirectoryNode {
  kind: 'directory'
  children: Map<string, TreeNode>
}

type TreeNode = FileNode | DirectoryNode

const SECTOR_BYTES = 512

function failure(code: string, target: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${target}`), { code })
}

function writeInto(file: FileNode, position: number, bytes: Uint8Array): void {
  const end = position + bytes.length
  if (end > file.data.length) {
    const grown = Buffer.alloc(Math.max(end, file.data.length * 2, 64))
    file.data.copy(grown, 0, 0, file.sizeBytes)
    file.data = grown
  }
  file.data.set(bytes, position)
  file.sizeBytes = Math.max(file.sizeBytes, end)
}

function resize(file: FileNode, sizeBytes: number): void {
  if (sizeBytes > file.sizeBytes) writeInto(file, sizeBytes - 1, Buffer.alloc(1))
  else file.data.fill(0, sizeBytes, file.sizeBytes)
  file.sizeBytes = sizeBytes
}

function undo(file: FileNode, entry: WriteUndo): void {
  writeInto(file, entry.position, entry.before)
  resize(file, entry.sizeBefore)
}

export interface CrashOptions {
  powerLoss: boolean
  /** Writes not covered by a sync may survive in part. */
  tornWrites?: boolean
  /** Of the writes to a file that no sync covers any may be lost, and one may land in the place of another. */
  scatteredWrites?: boolean
}

export interface DiskOperation {
  kind: 'write' | 'truncate' | 'sync' | 'create' | 'rename' | 'unlink' | 'mkdir' | 'read'
  path: string
}

interface PendingOperation extends DiskOperation {
  apply: () => void
  /** For writes: leaves only some of the bytes. */
  applyPart?: (random: SeededRandom) => void
}

/** How the owner of the disk (a host) runs an operation: after a latency, unless the host has died. */
export type RunOperation = <T>(operation: DiskOperation, perform: () => T) => Promise<T>

/** What is on one host's disk; outlives the host's incarnations. */
export class MemoryDiskState {
  readonly root: DirectoryNode = { kind: 'directory', children: new Map() }
  readonly #random: SeededRandom
  #namespace: (() => void)[] = []
  readonly pending = new Set<PendingOperation>()
  readonly locks = new Set<string>()
  /** ENOSPC once all files together would be larger. */
  limitBytes = 2 ** 40
  usedBytes = 0
  /** Lets a test fail an operation: returns the error code, or null. */
  fault: ((operation: DiskOperation) => string | null) | null = null

  constructor(random: SeededRandom) {
    this.#random = random
  }

  crash(options: CrashOptions): void {
    for (const operation of [...this.pending]) this.#settleInFlight(operation, options)
    this.pending.clear()
    this.locks.clear()
    if (!options.powerLoss) return
    const torn = options.tornWrites === true || options.scatteredWrites === true
    const kept = torn ? this.#random.int(this.#namespace.length + 1) : 0
    const lost = this.#namespace.splice(kept)
    for (const revert of lost.reverse()) revert()
    this.#namespace = []
    for (const file of this.#files(this.root)) {
      if (options.scatteredWrites === true && this.#random.next() < 0.5) this.#scatter(file)
      else this.#losePower(file, torn)
    }
  }

  /**
   * Writes reached the disk in any order, so that any of them are lost, and one may have landed where a later one
   * belonged. Not the other way round: a later batch of a log in an earlier one's place looks like the gap that
   * compaction leaves, which Kafka's format cannot tell. New blocks come to a file with the truncation before them.
   */
  #scatter(file: FileNode): void {
    const entries = file.unsynced.splice(0)
    for (const entry of entries.toReversed()) undo(file, entry)
    const strayed = this.#random.next() < 0.5 ? this.#random.int(entries.length + 1) : -1
    for (const [index, { after, position }] of entries.entries()) {
      const isLost = this.#random.next() < 0.4
      if (isLost && after === null) return
      if (isLost) continue
      const later = index + 1 + this.#random.int(Math.max(1, entries.length - index - 1))
      const place = index === strayed ? (entries[later]?.position ?? position) : position
      if (after === null) resize(file, position)
      else writeInto(file, place, after)
    }
  }

  #settleInFlight(operation: PendingOperation, options: CrashOptions): void {
    const roll = this.#random.next()
    try {
      if (operation.applyPart !== undefined && options.tornWrites === true && roll < 0.4) {
        operation.applyPart(this.#random)
      } else if (roll < 0.7) operation.apply()
    } catch (error) {
      // It would have failed; nobody is left to hear of it.
      if (!(error instanceof Error)) throw error
    }
  }

  #losePower(file: FileNode, torn: boolean): void {
    const entries = file.unsynced
    const kept = torn ? this.#random.int(entries.length + 1) : 0
    for (let index = entries.length - 1; index >= kept; index--) {
      const entry = entries[index]!
      const bytes = Buffer.from(
        file.data.subarray(entry.position, entry.position + entry.lengthBytes),
      )
      undo(file, entry)
      if (index === kept && torn && bytes.length > 0) {
        writeInto(file, entry.position, bytes.subarray(0, this.#random.int(bytes.length + 1)))
      }
    }
    const survivor = entries[kept - 1]
    if (torn && survivor !== undefined && this.#random.next() < 0.25) {
      const sector = this.#random.int(Math.ceil(survivor.lengthBytes / SECTOR_BYTES) + 1)
      const from = survivor.position + sector * SECTOR_BYTES
      const to = Math.min(from + SECTOR_BYTES, survivor.position + survivor.lengthBytes)
      if (from < to && to <= file.sizeBytes) file.data.fill(0, from, to)
    }
    file.unsynced = []
  }

  *#files(directory: DirectoryNode): Generator<FileNode> {
    for (const node of directory.children.values()) {
      if (node.kind === 'file') yield node
      else yield* this.#files(node)
    }
  }

  find(target: string): TreeNode | null {
    let node: TreeNode = this.root
    for (const name of target.split('/')) {
      if (name === '') continue
      if (node.kind !== 'directory') return null
      const child: TreeNode | undefined = node.children.get(name)
      if (child === undefined) return null
      node = child
    }
    return node
  }

  parent(target: string): DirectoryNode {
    const node = this.find(path.posix.dirname(target))
    if (node?.kind !== 'directory') throw failure('ENOENT', target)
    return node
  }

  /** Puts (or, with null, takes away) names as one step, so that power loss undoes all or nothing of it. */
  setNames(...changes: readonly (readonly [target: string, node: TreeNode | null])[]): void {
    const reverts = changes.map(([target, node]) => {
      const children = this.parent(target).children
      const name = path.posix.basename(target)
      const before = children.get(name)
      if (node === null) children.delete(name)
      else children.set(name, node)
      return () => {
        if (before === undefined) children.delete(name)
        else children.set(name, before)
      }
    })
    this.#namespace.push(() => {
      for (const revert of reverts.reverse()) revert()
    })
  }

  commitNames(): void {
    this.#namespace = []
  }
}

class MemoryFileHandle implements FileHandle {
  readonly #file: FileNode
  readonly #path: string
  readonly #disk: MemoryDisk
  #isClosed = false

  constructor(file: FileNode, target: string, disk: MemoryDisk) {
    this.#file = file
    this.#path = target
    this.#disk = disk
  }

  #check(): void {
    if (this.#isClosed) throw failure('EBADF', this.#path)
  }

  async write(buffers: readonly Uint8Array[], positionBytes: number): Promise<void> {
    this.#check()
    const put = (limitBytes: number) => {
      const bytes = Buffer.concat(buffers).subarray(0, limitBytes)
      this.#disk.recordWrite(this.#file, positionBytes, bytes)
    }
    await this.#disk.run(
      {
        kind: 'write',
        path: this.#path,
        apply: () => put(Number.POSITIVE_INFINITY),
        applyPart: (random) => put(random.int(buffers.reduce((sum, b) => sum + b.length, 1))),
      },
      () => put(Number.POSITIVE_INFINITY),
    )
  }

  async read(target: Uint8Array, positionBytes: number): Promise<number> {
    this.#check()
    return this.#disk.run({ kind: 'read', path: this.#path, apply: () => undefined }, () => {
      const end = Math.min(this.#file.sizeBytes, positionBytes + target.length)
      if (end <= positionBytes) return 0
      target.set(this.#file.data.subarray(positionBytes, end), 0)
      return end - positionBytes
    })
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.#check()
    const apply = () => this.#disk.recordTruncate(this.#file, sizeBytes)
    await this.#disk.run({ kind: 'truncate', path: this.#path, apply }, apply)
  }

  async sync(): Promise<void> {
    this.#check()
    const apply = () => {
      this.#file.unsynced = []
      this.#disk.state.commitNames()
    }
    await this.#disk.run({ kind: 'sync', path: this.#path, apply }, apply)
  }

  async sizeBytes(): Promise<number> {
    this.#check()
    return this.#file.sizeBytes
  }

  async close(): Promise<void> {
    this.#check()
    this.#isClosed = true
  }
}

/** The disk as one incarnation of a host sees it. */
export class MemoryDisk implements Disk {
  readonly state: MemoryDiskState
  readonly #runOperation: RunOperation
  readonly #nowMs: () => number
  readonly #atomicTurns = new Map<string, Promise<void>>()

  constructor(state: MemoryDiskState, runOperation: RunOperation, nowMs: () => number) {
    this.state = state
    this.#runOperation = runOperation
    this.#nowMs = nowMs
  }

  run<T>(operation: PendingOperation, perform: () => T): Promise<T> {
    this.state.pending.add(operation)
    return this.#runOperation(operation, () => {
      this.state.pending.delete(operation)
      const code = this.state.fault?.(operation) ?? null
      if (code !== null) throw failure(code, operation.path)
      return perform()
    })
  }

  recordWrite(file: FileNode, position: number, bytes: Uint8Array): void {
    const growth = Math.max(0, position + bytes.length - file.sizeBytes)
    if (this.state.usedBytes + growth > this.state.limitBytes) throw failure('ENOSPC', '')
    this.state.usedBytes += growth
    const coveredEnd = Math.min(file.sizeBytes, position + bytes.length)
    file.unsynced.push({
      position,
      lengthBytes: bytes.length,
      sizeBefore: file.sizeBytes,
      before: Buffer.from(file.data.subarray(position, Math.max(position, coveredEnd))),
      after: Buffer.from(bytes),
    })
    writeInto(file, position, bytes)
    file.modifiedMs = this.#nowMs()
  }

  recordTruncate(file: FileNode, sizeBytes: number): void {
    const before = Buffer.from(file.data.subarray(sizeBytes, file.sizeBytes))
    const { sizeBytes: sizeBefore } = file
    file.unsynced.push({ position: sizeBytes, lengthBytes: 0, sizeBefore, before, after: null })
    this.state.usedBytes -= Math.max(0, file.sizeBytes - sizeBytes)
    resize(file, sizeBytes)
    file.modifiedMs = this.#nowMs()
  }

  async open(target: string, mode: 'r' | 'r+' | 'rw'): Promise<FileHandle> {
    const found = this.state.find(target)
    if (found === null && mode === 'rw') {
      const apply = () => {
        if (this.state.find(target) === null) this.state.setNames([target, this.#newFile()])
      }
      await this.run({ kind: 'create', path: target, apply }, apply)
    }
    const file = this.state.find(target)
    if (file === null) throw failure('ENOENT', target)
    if (file.kind === 'directory') throw failure('EISDIR', target)
    return new MemoryFileHandle(file, target, this)
  }

  #newFile(): FileNode {
    const data = Buffer.alloc(0)
    return { kind: 'file', data, sizeBytes: 0, modifiedMs: this.#nowMs(), unsynced: [] }
  }

  async readFile(target: string): Promise<Buffer> {
    return this.run({ kind: 'read', path: target, apply: () => undefined }, () => {
      const file = this.state.find(target)
      if (file?.kind !== 'file') throw failure('ENOENT', target)
      return Buffer.from(file.data.subarray(0, file.sizeBytes))
    })
  }

  writeFileAtomic(target: string, data: Uint8Array | string): Promise<void> {
    const previous = this.#atomicTurns.get(target) ?? Promise.resolve()
    const turn = previous.catch(() => undefined).then(() => this.#writeWhole(target, data))
    this.#atomicTurns.set(target, turn)
    return turn
  }

  async #writeWhole(target: string, data: Uint8Array | string): Promise<void> {
    const temporary = `${target}.tmp`
    const handle = await this.open(temporary, 'rw')
    await handle.truncate(0)
    await handle.write([typeof data === 'string' ? Buffer.from(data) : data], 0)
    await handle.sync()
    await this.rename(temporary, target)
    await this.syncDirectory(path.posix.dirname(target))
  }

  async readdir(target: string): Promise<string[]> {
    const node = this.state.find(target)
    if (node?.kind !== 'directory') throw failure('ENOENT', target)
    return [...node.children.keys()]
  }

  async stat(target: string): Promise<FileInfo | null> {
    const node = this.state.find(target)
    if (node === null) return null
    if (node.kind === 'directory') return { sizeBytes: 0, modifiedMs: 0, isDirectory: true }
    return { sizeBytes: node.sizeBytes, modifiedMs: node.modifiedMs, isDirectory: false }
  }

  async mkdir(target: string): Promise<void> {
    const apply = () => {
      let at = ''
      for (const name of target.split('/').filter((part) => part !== '')) {
        at += `/${name}`
        if (this.state.find(at) === null) {
          this.state.setNames([at, { kind: 'directory', children: new Map() }])
        }
      }
    }
    await this.run({ kind: 'mkdir', path: target, apply }, apply)
  }

  async rename(from: string, to: string): Promise<void> {
    const apply = () => {
      const node = this.state.find(from)
      if (node === null) throw failure('ENOENT', from)
      this.state.parent(to)
      this.state.setNames([from, null], [to, node])
    }
    await this.run({ kind: 'rename', path: from, apply }, apply)
  }

  async unlink(target: string): Promise<void> {
    const apply = () => {
      const node = this.state.find(target)
      if (node?.kind !== 'file') throw failure('ENOENT', target)
      this.state.usedBytes -= node.sizeBytes
      this.state.setNames([target, null])
    }
    await this.run({ kind: 'unlink', path: target, apply }, apply)
  }

  async remove(target: string): Promise<void> {
    const apply = () => {
      if (this.state.find(target) !== null) this.state.setNames([target, null])
    }
    await this.run({ kind: 'unlink', path: target, apply }, apply)
  }

  async syncDirectory(target: string): Promise<void> {
    const apply = () => this.state.commitNames()
    await this.run({ kind: 'sync', path: target, apply }, apply)
  }

  async space(): Promise<{ totalBytes: number; usableBytes: number }> {
    const usableBytes = Math.max(0, this.state.limitBytes - this.state.usedBytes)
    return { totalBytes: this.state.limitBytes, usableBytes }
  }

  async lock(target: string): Promise<DiskLock> {
    if (this.state.locks.has(target)) throw failure('ELOCKED', target)
    this.state.locks.add(target)
    return { release: async () => void this.state.locks.delete(target) }
  }
}
