// In which directory a log is made: where somebody wished it, where the controller has it, else where there are fewest.
// Used by LogManager. Wishes are in memory only, as in Kafka.
import { ErrorCode } from '../../protocol/errors.ts'
import type { LogDirectories } from './log-directories.ts'
import type { LogDirectory } from './log-directory.ts'
import { directoryName } from './names.ts'
import { AppendError, type Placement, type TopicPartition } from './types.ts'

/** Wishes for replicas that may never come. */
const PREFERRED_MAX = 100_000

export class LogPlacement {
  readonly #directories: LogDirectories
  /** Where a log goes that is not here yet, as AlterReplicaLogDirs asked, by `<topic>-<partition>`. */
  readonly #preferred = new Map<string, string>()

  constructor(directories: LogDirectories) {
    this.#directories = directories
  }

  prefer(tp: TopicPartition, directoryPath: string): void {
    if (this.#preferred.size >= PREFERRED_MAX) this.#preferred.clear()
    this.#preferred.set(directoryName(tp), directoryPath)
  }

  /** Throws KAFKA_STORAGE_ERROR where the log may well lie in a directory that is offline. */
  placeFor(tp: TopicPartition, { directoryId, isNew }: Placement): LogDirectory {
    const name = directoryName(tp)
    if (!isNew && this.#directories.hasOffline) {
      throw new AppendError(
        ErrorCode.KAFKA_STORAGE_ERROR,
        `the log of ${name} may be in a directory that is offline`,
      )
    }
    const preferredPath = this.#preferred.get(name)
    this.#preferred.delete(name)
    const preferred = this.#directories.online.find((each) => each.path === preferredPath)
    const assigned = directoryId === undefined ? null : this.#directories.withId(directoryId)
    return preferred ?? assigned ?? this.#directories.leastUsed()
  }
}
