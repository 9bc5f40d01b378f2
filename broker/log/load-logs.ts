// Opens every log of a broker at start, all directories side by side, and settles what a stop left between two
// states: two logs of one partition, a copy whose old log is gone. Called by LogManager once.
import type { Runtime } from '../runtime/runtime.ts'
import { isDiskError } from './disk-errors.ts'
import type { LogDirectories } from './log-directories.ts'
import type { LogDirectory } from './log-directory.ts'
import { type LoaderSettings, LogLoader, type Opening } from './log-loader.ts'
import type { LogTable } from './log-table.ts'
import { directoryName } from './names.ts'
import type { PartitionLog } from './partition-log.ts'
import type { TopicPartition } from './types.ts'

/** Says of a replica which directory it is assigned to (an id), null when nobody knows. */
export type DirectoryOfReplica = (tp: TopicPartition, topicId: string) => string | null

export interface LoadHost {
  runtime: Runtime
  settings: LoaderSettings
  directories: LogDirectories
  table: LogTable
  /** Those at work are in here, for progress. */
  loaders: LogLoader[]
  signal: AbortSignal
  open(
    directory: LogDirectory,
    tp: TopicPartition,
    opening: Opening & { name: string; firstDirtyOffset: number | null },
  ): Promise<PartitionLog>
  setAside(log: PartitionLog): Promise<void>
  promote(tp: TopicPartition): Promise<void>
  removeLater(target: string): void
  failed(directory: LogDirectory, error: unknown): void
}

export async function loadLogs(host: LoadHost, assigned: DirectoryOfReplica): Promise<void> {
  const { runtime, settings, directories, table, loaders, signal } = host
  const load = async (directory: LogDirectory) => {
    const loader = new LogLoader(runtime, { settings, directory, signal })
    loaders.push(loader)
    try {
      const { deleted } = await loader.load((tp, name, opening) =>
        openFound(host, directory, { tp, name, opening, assigned }),
      )
      for (const target of deleted) host.removeLater(target)
    } catch (error) {
      if (!isDiskError(error)) throw error
      host.failed(directory, error)
    }
  }
  // All of them end before a failure is told: nothing may be opened once the locks are released.
  const outcomes = await Promise.allSettled(directories.online.map(load))
  loaders.length = 0
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  for (const future of table.futures()) {
    if (table.get(future) !== null) continue
    // The stop came when the old log was gone and the new one not yet in its place.
    const isAssigned = assigned(future, future.topicId) === table.directoryOf(future)?.directoryId
    if (isAssigned || !directories.hasOffline) await host.promote(future)
  }
}

/** Of two logs of one partition that one stays which is where `assigned` says, else the longer one. */
async function openFound(
  host: LoadHost,
  directory: LogDirectory,
  found: {
    tp: TopicPartition
    name: string
    opening: Opening
    assigned: DirectoryOfReplica
  },
): Promise<void> {
  const { table } = host
  const { tp, name, opening, assigned } = found
  const firstDirtyOffset = directory.checkpointed.firstDirty.get(directoryName(tp)) ?? null
  const log = await host.open(directory, tp, { ...opening, name, firstDirtyOffset })
  const kind = opening.isFuture ? 'future' : 'current'
  const other = opening.isFuture ? table.futureOf(tp) : table.get(tp)
  if (other !== null) {
    const where = assigned(tp, log.topicId)
    const isHere = directory.directoryId === where
    const isThere = table.directoryOf(other)?.directoryId === where
    const staysHere = isHere || (!isThere && log.logEndOffset > other.logEndOffset)
    await host.setAside(staysHere ? other : log)
    if (!staysHere) return
  }
  table.add(log, directory, kind)
}
