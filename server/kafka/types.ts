export interface BrokerNode {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface PartitionState {
  readonly partition: number
  /** Null: no leader. */
  readonly leader: number | null
  readonly leaderEpoch: number | null
  /** The preferred leader first. */
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offline: readonly number[]
}

export interface TopicState {
  readonly name: string
  /** Null on clusters without topic ids (before 2.8). */
  readonly topicId: string | null
  readonly isInternal: boolean
  /** Ordered by partition id. */
  readonly partitions: readonly PartitionState[]
}

export interface ClusterState {
  readonly kafkaClusterId: string | null
  /** As Metadata says it: a random live broker on KRaft clusters. */
  readonly metadataControllerId: number | null
  readonly brokers: readonly BrokerNode[]
  readonly topics: readonly TopicState[]
}

export interface TopicPartitionName {
  readonly topic: string
  readonly partition: number
}

/** By topic, then partition. */
export type ByPartition<T> = Map<string, Map<number, T>>

export function setByPartition<T>(map: ByPartition<T>, at: TopicPartitionName, value: T): void {
  let partitions = map.get(at.topic)
  if (partitions === undefined) {
    partitions = new Map()
    map.set(at.topic, partitions)
  }
  partitions.set(at.partition, value)
}

/** `[{topic, partitions: […]}]`, the shape most requests want. */
export function groupByTopic<T extends TopicPartitionName>(
  items: Iterable<T>,
): { topic: string; items: T[] }[] {
  const byTopic = new Map<string, T[]>()
  for (const item of items) {
    const list = byTopic.get(item.topic)
    if (list === undefined) byTopic.set(item.topic, [item])
    else list.push(item)
  }
  return [...byTopic].map(([topic, list]) => ({ topic, items: list }))
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size))
  return chunks
}
