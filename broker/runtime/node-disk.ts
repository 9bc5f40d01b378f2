// The real disk of a broker process, on libuv's thread pool. Reached through Runtime.disk.
// After a crash: `writeFileAtomic` left the old or the new content, never a mixture; all else is as
// strong as the caller's `sync`s. Locks of dead processes are taken over.
import fs from 'node:fs'
import path from 'node:path'
import type { Disk, DiskLock, FileHandle, FileInfo } from './runtime.ts'

/** Linux takes at most 1,024 vectors a call. */
const VECTORS_PER_CALL_MAX = 1024

function writevOnce(fd: number, buffers: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, written: number) =>
      error ? reject(error) : resolve(written)
    const first = buffers[0]
    if (buffers.length === 1 && first !== undefined) {
      fs.write(fd, first, 0, first.length, position, done)
    } else {
      fs.writev(fd, buffers, position, done)
    }
  })
}

function readOnce(fd: number, target: Uint8Array, from: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, target, from, target.length - from, position, (error, count) =>
      error ? reject(error) : resolve(count),
    )
  })
}

/** What is left of `buffers` after `writtenBytes` of it. */
function rest(buffers: readonly Uint8Array[], writtenBytes: number): Uint8Array[] {
  let skip = writtenBytes
  const left: Uint8Array[] = []
  for (const buffer of buffers) {
    if (skip >= buffer.length) skip -= buffer.length
    else {
      left.push(skip === 0 ? buffer : buffer.subarray(skip))
      skip = 0
    }
  }
  return left
}

function call(run: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()))
  })
}

class NodeFileHandle implements FileHandle {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  async write(buffers: readonly Uint8Array[], positionBytes: number): Promise<void> {
    let position = positionBytes
    let pending = buffers
    while (pending.length > 0) {
      const slice =
        pending.length > VECTORS_PER_CALL_MAX ? pending.slice(0, VECTORS_PER_CALL_MAX) : pending
      const written = await writevOnce(this.#fd, slice, position)
      position += written
      pending = rest(pending, written)
      if (written === 0 && pending.length > 0) {
        throw Object.assign(new Error('the disk took no bytes'), { code: 'EIO' })
      }
    }
  }

  async read(target: Uint8Array, positionBytes: number): Promise<number> {
    let count = 0
    while (count < target.length) {
      const got = await readOnce(this.#fd, target, count, positionBytes + count)
      if (got === 0) break
      count += got
    }
    return count
  }

  truncate(sizeBytes: number): Promise<void> {
    return call((done) => fs.ftruncate(this.#fd, sizeBytes, done))
  }

  sync(): Promise<void> {
    return call((done) => fs.fdatasync(this.#fd, done))
  }

  sizeBytes(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#fd, (error, stats) => (error ? reject(error) : resolve(stats.size)))
    })
  }

  close(): Promise<void> {
    return call((done) => fs.close(this.#fd, done))
  }
}

/** Of a worker thread, which has nothing else to do: reads without a detour over the thread pool. */
class BlockingFileHandle extends NodeFileHandle {
  readonly #fd: number

  constructor(fd: number) {
    super(fd)
    this.#fd = fd
  }

  override async read(target: Uint8Array, positionBytes: number): Promise<number> {
    let count = 0
    while (count < target.length) {
      const left = target.length - count
      const got = fs.readSync(this.#fd, target, count, left, positionBytes + count)
      if (got === 0) break
      count += got
    }
    return count
  }
}

function openFlags(mode: 'r' | 'r+' | 'rw'): number {
  if (mode === 'r') return fs.constants.O_RDONLY
  return mode === 'r+' ? fs.constants.O_RDWR : fs.constants.O_RDWR | fs.constants.O_CREAT
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await fs.promises.open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeWhole(target: string, data: Uint8Array | string): Promise<void> {
  const temporary = `${target}.tmp`
  const handle = await fs.promises.open(temporary, 'w')
  try {
    await handle.writeFile(data)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await fs.promises.rename(temporary, target)
  await syncDirectory(path.dirname(target))
}

/** Start time of a living process in clock ticks, to tell a recycled pid; '' where /proc is not there. */
function processStart(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Ended, and nobody has asked how: in a container without an init it stays so.
    return state === 'Z' || state === 'X' ? '' : (more[18] ?? '')
  } catch {
    return ''
  }
}

function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return start === '' || processStart(pid) === start
}

async function lock(target: string): Promise<DiskLock> {
  const mine = `${process.pid} ${processStart(process.pid)}\n`
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await fs.promises.writeFile(target, mine, { flag: 'wx' })
      return { release: () => fs.promises.rm(target, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const held = await fs.promises.readFile(target, 'utf8').catch(() => '')
    const [pidText = '', start = ''] = held.trim().split(' ')
    const pid = Number(pidText)
    // Apache Kafka leaves an empty lock file behind; its lock is the kernel's and ended with it.
    if (Number.isInteger(pid) && pid > 0 && isRunning(pid, start)) {
      throw Object.assign(new Error(`${target} is held by process ${pid}`), { code: 'ELOCKED' })
    }
    await fs.promises.rm(target, { force: true })
  }
  throw Object.assign(new Error(`${target} cannot be had`), { code: 'ELOCKED' })
}

/** Without the thread pool: a start asks this of tens of thousands of files, and each detour costs ten times as much. */
async function stat(target: string): Promise<FileInfo | null> {
  const stats = fs.statSync(target, { throwIfNoEntry: false })
  if (stats === undefined) return null
  return { sizeBytes: stats.size, modifiedMs: stats.mtimeMs, isDirectory: stats.isDirectory() }
}

/** Checkpoints, indexes of idle partitions and the like; whatever is larger is read beside everything else. */
const SMALL_FILE_BYTES = 16 * 1024

async function readFile(target: string): Promise<Buffer> {
  const fd = fs.openSync(target, 'r')
  try {
    const { size } = fs.fstatSync(fd)
    const isWhole = size > 0 && size <= SMALL_FILE_BYTES
    // Size 0 is also what files of /proc say of themselves.
    if (isWhole || size === 0) {
      const content = Buffer.alloc(isWhole ? size : SMALL_FILE_BYTES)
      const count = fs.readSync(fd, content, 0, content.length, 0)
      if (count < content.length) return content.subarray(0, count)
      if (isWhole) return content
    }
  } finally {
    fs.closeSync(fd)
  }
  return fs.promises.readFile(target)
}

/** `isBlocking`: reads hold up the thread that asks; for worker threads. */
export function createNodeDisk({ isBlocking = false } = {}): Disk {
  const Handle = isBlocking ? BlockingFileHandle : NodeFileHandle
  /** Atomic writes of one path share its temporary file, so they take turns. */
  const writing = new Map<string, Promise<void>>()
  return {
    open(target, mode) {
      return new Promise((resolve, reject) => {
        fs.open(target, openFlags(mode), 0o644, (error, fd) =>
          error ? reject(error) : resolve(new Handle(fd)),
        )
      })
    },
    readFile,
    writeFileAtomic(target, data) {
      const previous = writing.get(target) ?? Promise.resolve()
      const turn = previous.catch(() => undefined).then(() => writeWhole(target, data))
      writing.set(target, turn)
      const forget = () => {
        if (writing.get(target) === turn) writing.delete(target)
      }
      turn.then(forget, forget)
      return turn
    },
    readdir: (target) => fs.promises.readdir(target),
    stat,
    async mkdir(target) {
      await fs.promises.mkdir(target, { recursive: true })
    },
    rename: (from, to) => fs.promises.rename(from, to),
    unlink: (target) => fs.promises.unlink(target),
    remove: (target) => fs.promises.rm(target, { recursive: true, force: true }),
    syncDirectory,
    async space(target) {
      const stats = await fs.promises.statfs(target)
      return { totalBytes: stats.blocks * stats.bsize, usableBytes: stats.bavail * stats.bsize }
    },
    lock,
  }
}
