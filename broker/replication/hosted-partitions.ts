// The replicas of this broker by topic and partition, without building string keys per lookup. Owned by
// ReplicaManager; the fetch and produce paths read it.
import type { TopicPartition } from '../log/types.ts'
import type { Partition } from './partition.ts'

export class HostedPartitions {
  readonly #topics = new Map<string, Map<number, Partition>>()
  #count = 0

  get count(): number {
    return this.#count
  }

  get(tp: TopicPartition): Partition | null {
    return this.#topics.get(tp.topic)?.get(tp.partition) ?? null
  }

  ofTopic(topic: string): Partition[] {
    return [...(this.#topics.get(topic)?.values() ?? [])]
  }

  *all(): Iterable<Partition> {
    for (const partitions of this.#topics.values()) yield* partitions.values()
  }

  add(partition: Partition): void {
    let partitions = this.#topics.get(partition.topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.#topics.set(partition.topic, partitions)
    }
    if (!partitions.has(partition.partition)) this.#count += 1
    partitions.set(partition.partition, partition)
  }

  /** Returns whether the topic has no replica here any more. */
  delete(partition: Partition): boolean {
    const partitions = this.#topics.get(partition.topic)
    if (partitions?.get(partition.partition) !== partition) return false
    partitions.delete(partition.partition)
    this.#count -= 1
    if (partitions.size > 0) return false
    this.#topics.delete(partition.topic)
    return true
  }
}
