// Which logs a broker has open, current and future ones, and in which directory each lies. Pure bookkeeping of
// LogManager; a directory holds at most one log of a partition.
import type { LogDirectory } from './log-directory.ts'
import { directoryName } from './names.ts'
import type { PartitionLog } from './partition-log.ts'
import type { TopicPartition } from './types.ts'

export class LogTable {
  readonly #current = new Map<string, PartitionLog>()
  /** Growing copies of logs that move to another directory. */
  readonly #future = new Map<string, PartitionLog>()
  readonly #directoryOf = new Map<PartitionLog, LogDirectory>()

  get(tp: TopicPartition): PartitionLog | null {
    return this.#current.get(directoryName(tp)) ?? null
  }

  futureOf(tp: TopicPartition): PartitionLog | null {
    return this.#future.get(directoryName(tp)) ?? null
  }

  current(): Iterable<PartitionLog> {
    return this.#current.values()
  }

  futures(): PartitionLog[] {
    return [...this.#future.values()]
  }

  /** Current and future ones. */
  everything(): PartitionLog[] {
    return [...this.#directoryOf.keys()]
  }

  directoryOf(log: PartitionLog): LogDirectory | null {
    return this.#directoryOf.get(log) ?? null
  }

  in(directory: LogDirectory): PartitionLog[] {
    return this.everything().filter((log) => this.#directoryOf.get(log) === directory)
  }

  add(log: PartitionLog, directory: LogDirectory, kind: 'current' | 'future'): void {
    const logs = kind === 'current' ? this.#current : this.#future
    logs.set(directoryName(log), log)
    this.#directoryOf.set(log, directory)
    directory.logCount++
  }

  forget(log: PartitionLog): void {
    const name = directoryName(log)
    if (this.#current.get(name) === log) this.#current.delete(name)
    if (this.#future.get(name) === log) this.#future.delete(name)
    const directory = this.#directoryOf.get(log)
    if (directory === undefined) return
    this.#directoryOf.delete(log)
    directory.logCount--
  }
}
