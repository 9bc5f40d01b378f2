// Assignments of replicas that somebody wrote down, and new partitions made from them. Pure; used by
// CreateTopics and CreatePartitions.
import { ErrorCode } from '../../protocol/errors.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import { partitionRecord } from '../metadata/snapshot.ts'
import { defaultDirectory, isActive } from './controller-state.ts'
import { failure } from './errors.ts'
import { RECOVERED } from './partition-change.ts'

/** Throws KafkaError INVALID_REPLICA_ASSIGNMENT. `replicationFactor`: null for the first one. */
export function checkAssignment(
  image: MetadataImage,
  replicas: readonly number[],
  replicationFactor: number | null,
): void {
  const code = ErrorCode.INVALID_REPLICA_ASSIGNMENT
  if (replicas.length === 0) {
    throw failure(code, 'The manual partition assignment includes an empty replica list.')
  }
  const sorted = [...replicas].sort((a, b) => a - b)
  let previous: number | null = null
  for (const broker of sorted) {
    if (!image.brokers.has(broker)) {
      throw failure(
        code,
        `The manual partition assignment includes broker ${broker}, but no such broker is ` +
          'registered.',
      )
    }
    if (broker === previous) {
      throw failure(
        code,
        `The manual partition assignment includes the broker ${broker} more than once.`,
      )
    }
    previous = broker
  }
  if (replicationFactor !== null && replicas.length !== replicationFactor) {
    throw failure(
      code,
      `The manual partition assignment includes a partition with ${replicas.length} ` +
        'replica(s), but this is not consistent with previous partitions, which have ' +
        `${replicationFactor} replica(s).`,
    )
  }
}

/** Replicas that may be in sync from the start; empty when the partition could not be led. */
export function initialIsr(image: MetadataImage, replicas: readonly number[]): number[] {
  return replicas.filter((replica) => isActive(image, replica))
}

/** `isr` must not be empty; its first member leads. */
export function newPartitionRecord(
  image: MetadataImage,
  topicId: string,
  given: { partition: number; replicas: readonly number[]; isr: readonly number[] },
): MetadataRecord {
  return partitionRecord(topicId, {
    partition: given.partition,
    replicas: given.replicas,
    isr: given.isr,
    removingReplicas: [],
    addingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: given.isr[0] ?? -1,
    leaderRecoveryState: RECOVERED,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: given.replicas.map((replica) => defaultDirectory(image, replica)),
  })
}
