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

/** How much of the changes comes in one piece. */
export interface PieceSize {
  /** Replicas dropped or assigned. */
  readonly changesMax: number
  /** Partitions looked at, changed or not. */
  readonly lookedAtMax: number
}

interface Changed {
  readonly topics: ReadonlySet<string>
  readonly previous: MetadataImage | null
  readonly image: MetadataImage
}

/** Everything `image` assigns to this broker, against what it hosts; piece by piece, as the next one is asked for. */
export function allChanges(
  image: MetadataImage,
  localBrokerId: number,
  hosted: HostedPartitions,
  size: PieceSize,
): Iterable<LocalChanges> {
  const topics = new Set(image.topicsByName.keys())
  for (const partition of hosted.all()) topics.add(partition.topic)
  return pieces({ topics, previous: null, image }, { localBrokerId, hosted, size })
}

/** What `delta` changes for this broker, piece by piece. Of each topic what is dropped comes first. */
export function changesIn(
  delta: MetadataDelta,
  localBrokerId: number,
  hosted: HostedPartitions,
  size: PieceSize,
): Iterable<LocalChanges> {
  const topics = new Set(delta.changedTopics)
  for (const topic of delta.deletedTopics) topics.add(topic.name)
  const { previous, image } = delta
  return pieces({ topics, previous, image }, { localBrokerId, hosted, size })
}

function* pieces(
  changed: Changed,
  here: { localBrokerId: number; hosted: HostedPartitions; size: PieceSize },
): Generator<LocalChanges> {
  const { localBrokerId, hosted, size } = here
  let dropped: Partition[] = []
  let assigned: AssignedPartition[] = []
  let lookedAt = 0
  for (const name of changed.topics) {
    for (const change of topicChanges(name, changed, { localBrokerId, hosted })) {
      lookedAt += 1
      if (change !== null && 'assignment' in change) assigned.push(change)
      else if (change !== null) dropped.push(change)
      const isFull = dropped.length + assigned.length >= size.changesMax
      if (!isFull && lookedAt < size.lookedAtMax) continue
      yield { dropped, assigned }
      dropped = []
      assigned = []
      lookedAt = 0
    }
  }
  if (dropped.length + assigned.length > 0) yield { dropped, assigned }
}

/** One for each partition looked at; null where it is as it was. */
function* topicChanges(
  name: string,
  { previous, image }: Changed,
  here: { localBrokerId: number; hosted: HostedPartitions },
): Generator<Partition | AssignedPartition | null> {
  const { localBrokerId, hosted } = here
  const topic = image.topicsByName.get(name)
  for (const partition of hosted.ofTopic(name)) {
    const replicas = topic?.partitions[partition.partition]?.replicas ?? []
    const isHere = topic?.id === partition.topicId && replicas.includes(localBrokerId)
    yield isHere ? null : partition
  }
  if (topic === undefined) return
  const before = previous?.topicsByName.get(name)
  const known = before?.id === topic.id ? before.partitions : []
  for (const assignment of topic.partitions) {
    const was = known[assignment.partition]
    if (!assignment.replicas.includes(localBrokerId) || was === assignment) {
      yield null
      continue
    }
    yield {
      topic: name,
      topicId: topic.id,
      assignment,
      directoryId: directoryOf(assignment, localBrokerId),
      isNew: previous !== null && was?.replicas.includes(localBrokerId) !== true,
    }
  }
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
