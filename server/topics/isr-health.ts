import type { IsrHealth } from '../../contracts/topics.ts'
import type { PartitionState } from '../kafka/types.ts'

/**
 * Is this topic's data safe? Critical: a partition nobody leads, or one that refuses acks=all
 * writes. Attention: copies are missing. `minInsyncReplicas` null (not read yet) counts as 1.
 */
export function isrHealthOf(
  partitions: readonly Pick<PartitionState, 'leader' | 'replicas' | 'isr'>[],
  minInsyncReplicas: number | null,
): IsrHealth {
  let inSync = 0
  let underReplicated = 0
  let underMinIsr = 0
  let offline = 0
  let notPreferred = 0
  for (const { leader, replicas, isr } of partitions) {
    if (leader === null) offline++
    else if (leader !== replicas[0]) notPreferred++
    const isWhole = isr.length >= replicas.length
    if (isWhole && leader !== null) inSync++
    if (!isWhole) underReplicated++
    // As Kafka does: a minimum above the number of replicas asks for all of them.
    if (isr.length < Math.min(minInsyncReplicas ?? 1, replicas.length)) underMinIsr++
  }
  const level =
    offline > 0 || underMinIsr > 0 ? 'critical' : underReplicated > 0 ? 'attention' : 'healthy'
  return {
    level,
    partitionsInSync: inSync,
    partitionsUnderReplicated: underReplicated,
    partitionsUnderMinIsr: underMinIsr,
    partitionsOffline: offline,
    partitionsNotPreferred: notPreferred,
  }
}

/** Partitions of more than one replica that only one broker still holds in sync. */
export function countOneCopyLeft(
  partitions: readonly Pick<PartitionState, 'replicas' | 'isr'>[],
): number {
  return partitions.filter(({ replicas, isr }) => replicas.length > 1 && isr.length <= 1).length
}
