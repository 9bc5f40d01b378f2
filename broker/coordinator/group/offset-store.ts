// Committed offsets of the groups of one partition of `__consumer_offsets`. Changed only by replaying
// committed records; a record that was written earlier never replaces a later one.
import type { CoordinatorRecord } from './records.ts'
import { offsetRecord } from './records.ts'

export interface CommittedOffset {
  offset: number
  leaderEpoch: number
  metadata: string
  commitTimestampMs: number
  /** Where its record stands in the log. */
  logOffset: number
}

export class OffsetStore {
  /** group → topic → partition. */
  readonly #groups = new Map<string, Map<string, Map<number, CommittedOffset>>>()

  get(group: string, topic: string, partition: number): CommittedOffset | null {
    return this.#groups.get(group)?.get(topic)?.get(partition) ?? null
  }

  has(group: string): boolean {
    return this.#groups.has(group)
  }

  groups(): IterableIterator<string> {
    return this.#groups.keys()
  }

  topics(group: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#groups.get(group) ?? new Map()
  }

  /** null removes. */
  replay(
    key: { group: string; topic: string; partition: number },
    value: CommittedOffset | null,
    logOffset: number,
  ): void {
    let topics = this.#groups.get(key.group)
    let partitions = topics?.get(key.topic)
    const current = partitions?.get(key.partition)
    if (current !== undefined && current.logOffset > logOffset) return
    if (value !== null) {
      if (topics === undefined) {
        topics = new Map()
        this.#groups.set(key.group, topics)
      }
      if (partitions === undefined) {
        partitions = new Map()
        topics.set(key.topic, partitions)
      }
      partitions.set(key.partition, value)
      return
    }
    if (topics === undefined || partitions === undefined) return
    partitions.delete(key.partition)
    if (partitions.size === 0) topics.delete(key.topic)
    if (topics.size === 0) this.#groups.delete(key.group)
  }

  /** Tombstones for those offsets of a group that `where` names. */
  tombstones(
    group: string,
    where: (topic: string, partition: number, offset: CommittedOffset) => boolean = () => true,
  ): CoordinatorRecord[] {
    const records: CoordinatorRecord[] = []
    for (const [topic, partitions] of this.topics(group)) {
      for (const [partition, offset] of partitions) {
        if (where(topic, partition, offset)) {
          records.push(offsetRecord({ group, topic, partition }, null))
        }
      }
    }
    return records
  }

  get size(): number {
    let count = 0
    for (const topics of this.#groups.values()) {
      for (const partitions of topics.values()) count += partitions.size
    }
    return count
  }
}
