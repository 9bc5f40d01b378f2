// Logs that move to another directory of the same broker: the copy grows beside the log under a `-future` name and
// takes its place when it has everything. Used by LogManager; replication/directory-moves.ts does the copying.
// A crash leaves the old log, or the whole copy alone (which `load` then puts in place), or the new log.
import path from 'node:path'
import { ErrorCode } from '../../protocol/errors.ts'
import type { Disk, Random } from '../runtime/runtime.ts'
import { isDiskError } from './disk-errors.ts'
import type { LogDirectories } from './log-directories.ts'
import type { LogDirectory } from './log-directory.ts'
import type { LogTable } from './log-table.ts'
import { deletedDirectoryName, directoryName, futureDirectoryName } from './names.ts'
import type { PartitionLog } from './partition-log.ts'
import { AppendError, type TopicPartition } from './types.ts'

const NAME_BYTES_MAX = 255

/** What LogManager does for it. All steps of one partition take turns there. */
export interface FutureLogsHost {
  disk: Disk
  random: Random
  table: LogTable
  directories: LogDirectories
  /** Opens what lies at `name` as a clean stop left it; made first where `isNew`. */
  open(
    directory: LogDirectory,
    name: string,
    like: PartitionLog,
    options: { isNew: boolean },
  ): Promise<PartitionLog>
  /** Closes a log and renames its directory; gives the new path. */
  moveAside(log: PartitionLog, name: string): Promise<string>
  removeLater(target: string, delayMs: number): void
  failed(directory: LogDirectory, error: unknown): void
}

export class FutureLogs {
  readonly #host: FutureLogsHost

  constructor(host: FutureLogsHost) {
    this.#host = host
  }

  /** Throws AppendError when the directory or the log cannot be had. The future log begins where the log does. */
  async create(tp: TopicPartition, directoryPath: string): Promise<PartitionLog> {
    const { table, directories, random } = this.#host
    const known = table.futureOf(tp)
    if (known !== null) return known
    const current = table.get(tp)
    const directory = directories.online.find((each) => each.path === directoryPath)
    const refuse = (code: number, why: string) =>
      new AppendError(code, `${directoryName(tp)}: ${why}`)
    if (current === null) throw refuse(ErrorCode.REPLICA_NOT_AVAILABLE, 'there is no log')
    if (directory === undefined || directories.hasOffline) {
      throw refuse(ErrorCode.KAFKA_STORAGE_ERROR, 'a log directory is offline')
    }
    const name = futureDirectoryName(tp, random.uuid())
    if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
      throw refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, 'the name is too long')
    }
    return this.#guarded(directory, async () => {
      const log = await this.#host.open(directory, name, current, { isNew: true })
      table.add(log, directory, 'future')
      return log
    })
  }

  /** Gives the move up. */
  async drop(tp: TopicPartition): Promise<void> {
    const { table, random } = this.#host
    const log = table.futureOf(tp)
    const directory = log === null ? null : table.directoryOf(log)
    if (log === null || directory === null) return
    await this.#guarded(directory, async () => {
      const target = await this.#host.moveAside(log, deletedDirectoryName(tp, random.uuid()))
      this.#host.removeLater(target, log.config.fileDeleteDelayMs)
    })
  }

  /**
   * Puts the future log in the place of the current one, which is gone afterwards. The caller has seen to it that
   * both hold the same and nothing is appended meanwhile.
   */
  async promote(tp: TopicPartition): Promise<PartitionLog> {
    const { table, disk, random } = this.#host
    const future = table.futureOf(tp)
    const directory = future === null ? null : table.directoryOf(future)
    if (future === null || directory === null) {
      throw new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, `${directoryName(tp)} has no future log`)
    }
    // Synced before the old one goes: from here on it may be all there is.
    await this.#guarded(directory, () => future.close())
    const current = table.get(tp)
    const old = current === null ? null : table.directoryOf(current)
    if (current !== null && old !== null) {
      await this.#guarded(old, async () => {
        const target = await this.#host.moveAside(current, deletedDirectoryName(tp, random.uuid()))
        await disk.syncDirectory(old.path)
        this.#host.removeLater(target, current.config.fileDeleteDelayMs)
      })
    }
    return this.#guarded(directory, async () => {
      const name = directoryName(tp)
      await disk.rename(future.directory, path.join(directory.path, name))
      await disk.syncDirectory(directory.path)
      table.forget(future)
      const log = await this.#host.open(directory, name, future, { isNew: false })
      table.add(log, directory, 'current')
      return log
    })
  }

  /** A failing disk takes its directory offline. */
  async #guarded<T>(directory: LogDirectory, step: () => Promise<T>): Promise<T> {
    try {
      return await step()
    } catch (error) {
      if (isDiskError(error)) this.#host.failed(directory, error)
      throw error
    }
  }
}
