import { type GroupMember, type GroupState, groupState } from '../../contracts/groups.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import type { CommittedOffset } from '../kafka/group-offsets.ts'
import type { GroupDescription } from '../kafka/groups.ts'
import type { ByPartition } from '../kafka/types.ts'

/**
 * Kafka's spelling to ours: `PreparingRebalance`, `Empty`, …; a state we do not know is Unknown.
 */
export function groupStateOf(state: string): GroupState {
  const parsed = groupState.safeParse(state)
  return parsed.success ? parsed.data : 'Unknown'
}

export function groupMembersOf(description: GroupDescription): GroupMember[] {
  return description.members.map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    host: member.host,
    assignment: member.assignment.map(({ topic, partitions }) => ({ topic, partitions })),
  }))
}

export interface OffsetLookup {
  readonly logStarts: ByPartition<number>
  readonly ends: ByPartition<number>
}

/** Every partition with a commit or an owner, by topic and partition. */
export function groupPartitionsOf(
  description: GroupDescription,
  offsets: ByPartition<CommittedOffset>,
  lookup: OffsetLookup,
): PackedGroupPartition[] {
  const owners = new Map<string, Map<number, number>>()
  for (const [index, member] of description.members.entries()) {
    for (const { topic, partitions } of member.assignment) {
      const byPartition = owners.get(topic) ?? new Map<number, number>()
      for (const partition of partitions) byPartition.set(partition, index)
      owners.set(topic, byPartition)
    }
  }
  const rows: PackedGroupPartition[] = []
  for (const topic of [...new Set([...offsets.keys(), ...owners.keys()])].sort()) {
    const committed = offsets.get(topic)
    const owned = owners.get(topic)
    const partitions = new Set([...(committed?.keys() ?? []), ...(owned?.keys() ?? [])])
    for (const partition of [...partitions].sort((a, b) => a - b)) {
      const commit = committed?.get(partition)
      rows.push([
        topic,
        partition,
        commit?.offset ?? null,
        lookup.logStarts.get(topic)?.get(partition) ?? null,
        lookup.ends.get(topic)?.get(partition) ?? null,
        owned?.get(partition) ?? -1,
        commit?.metadata ?? null,
      ])
    }
  }
  return rows
}

/** Null without a commit, or while the end is not known. Never negative. */
export function lagOf(committed: number | null, end: number | null): number | null {
  return committed === null || end === null ? null : Math.max(0, end - committed)
}

/** Sum over partitions with a commit; null: none has one. */
export function totalLagOf(partitions: readonly PackedGroupPartition[]): number | null {
  let total: number | null = null
  for (const [, , committed, , end] of partitions) {
    const lag = lagOf(committed, end)
    if (lag !== null) total = (total ?? 0) + lag
  }
  return total
}

/**
 * How long until the lag is gone at the present rate; 0 when it is, null when it is not shrinking.
 */
export function drainMsOf(totalLag: number | null, growthRate: number | null): number | null {
  if (totalLag === 0) return 0
  if (totalLag === null || growthRate === null || growthRate >= 0) return null
  return Math.round((totalLag / -growthRate) * 1_000)
}
