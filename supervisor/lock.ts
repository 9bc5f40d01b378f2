// One supervisor a data directory: a lock file with its pid and start time.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { lockPath, SupervisorError } from './layout.ts'

/** Kernel start time of a living process, so that a reused pid is not taken for the old one; null when unknown. */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Ended, and nobody has asked how: in a container without an init it stays so.
    return state === 'Z' || state === 'X' ? null : (more[18] ?? null)
  } catch {
    return null
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

interface Holder {
  pid: number
  start: string | null
}

/** The living process that holds the directory, or null. */
export function lockHolder(dataDirectory: string): number | null {
  const path = lockPath(dataDirectory)
  if (!existsSync(path)) return null
  let holder: Holder
  try {
    holder = JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return null
  }
  if (!Number.isInteger(holder.pid) || !isAlive(holder.pid)) return null
  if (holder.start !== null && processStart(holder.pid) !== holder.start) return null
  return holder.pid
}

/** Throws SupervisorError with the pid when another supervisor holds it. Gives the release. */
export function acquireLock(dataDirectory: string): () => void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const path = lockPath(dataDirectory)
  const mine = JSON.stringify({ pid: process.pid, start: processStart(process.pid) })
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = lockHolder(dataDirectory)
    if (holder !== null) {
      throw new SupervisorError(
        `${dataDirectory} is in use by process ${holder}: stop that one, or give another ` +
          'directory with EYRIE_DATA_DIR',
      )
    }
    rmSync(path, { force: true })
  }
  throw new SupervisorError(`${path} could not be taken`)
}
