// Reads a metadata change from this broker's point of view: which replicas it has to lead, follow or drop.
// Pure; used by ReplicaManager.
import { UNASSIGNED_DIRECTORY } from '../metadata/image.ts'
import type { MetadataDelta, MetadataImage, PartitionImage } from '../metadata/image-types.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { Partition } from './partition.ts'

export interface AssignedPartition {
  readonly topic: string
  readonly topicId: string
  readonly assignment: PartitionImage
  /** The log directory that metadata has for the replica here. */
  readonly directoryId: string
  /** Metadata did not assign it here before. */
  readonly isNew: boolean
}

export interface LocalChanges {
  /** Replicas here whose topic is gone, is another one now, or is no longer assigned here. */
  readonly dropped: readonly Partition[]
  /** Replicas here, new or with any change. */
  readonly assigned: readonly AssignedPartition[]
}

/** Everything `image` assigns to this broker, against what it hosts. */
export function allChanges(
  image: MetadataImage,
  localBrokerId: number,
  hosted: HostedPartitions,
): LocalChanges {
  const topics = [...image.topicsByName.keys()]
  for (const partition of hosted.all()) topics.push(partition.topic)
  return changesOf(new Set(topics), { previous: null, image, localBrokerId, hosted })
}

/** What `delta` changes for this broker. */
export function changesIn(
  delta: MetadataDelta,
  localBrokerId: number,
  hosted: HostedPartitions,
): LocalChanges {
  const topics = new Set(delta.changedTopics)
  for (const topic of delta.deletedTopics) topics.add(topic.name)
  const { previous, image } = delta
  return changesOf(topics, { previous, image, localBrokerId, hosted })
}

function changesOf(
  topics: ReadonlySet<string>,
  context: {
    previous: MetadataImage | null
    image: MetadataImage
    localBrokerId: number
    hosted: HostedPartitions
  },
): LocalChanges {
  const { previous, image, localBrokerId, hosted } = context
  const dropped: Partition[] = []
  const assigned: AssignedPartition[] = []
  for (const name of topics) {
    const topic = image.topicsByName.get(name)
    for (const partition of hosted.ofTopic(name)) {
      const replicas = topic?.partitions[partition.partition]?.replicas ?? []
      if (topic?.id !== partition.topicId || !replicas.includes(localBrokerId)) {
        dropped.push(partition)
      }
    }
    if (topic === undefined) continue
    const before = previous?.topicsByName.get(name)
    for (const assignment of topic.partitions) {
      if (!assignment.replicas.includes(localBrokerId)) continue
      const isSame =
        before?.id === topic.id && before.partitions[assignment.partition] === assignment
      if (isSame) continue
      const known = before?.id === topic.id ? before.partitions[assignment.partition] : undefined
      assigned.push({
        topic: name,
        topicId: topic.id,
        assignment,
        directoryId: directoryOf(assignment, localBrokerId),
        isNew: previous !== null && known?.replicas.includes(localBrokerId) !== true,
      })
    }
  }
  return { dropped, assigned }
}

/** UNASSIGNED where metadata does not say. */
export function directoryOf(partition: PartitionImage, brokerId: number): string {
  return partition.directories[partition.replicas.indexOf(brokerId)] ?? UNASSIGNED_DIRECTORY
}

/** Topics whose effective settings may differ now: all of them after a broker default changed. */
export function topicsWithChangedConfig(delta: MetadataDelta): ReadonlySet<string> | 'all' {
  const topics = new Set<string>()
  for (const key of delta.changedConfigs) {
    const separator = key.indexOf(':')
    const type = key.slice(0, separator)
    if (type === '4') return 'all'
    if (type === '2') topics.add(key.slice(separator + 1))
  }
  return topics
}
