import type { GroupMember, GroupPartition } from '../../contracts/groups.ts'
import type { Cluster } from '../clusters/registry.ts'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import {
  type CommittedOffset,
  fetchCommittedOffsets,
  onCoordinator,
} from '../kafka/group-offsets.ts'
import { describeGroup, type GroupDescription } from '../kafka/groups.ts'
import { type LedPartition, listOffsets, type OffsetQuery } from '../kafka/offsets.ts'
import { type ByPartition, setByPartition, type TopicPartitionName } from '../kafka/types.ts'
import type { PartitionRates } from '../lag/partition-rates.ts'
import { groupPartitionsOf, lagOf } from './group-item.ts'

export interface LiveGroup {
  readonly coordinator: number
  readonly description: GroupDescription
  readonly offsets: ByPartition<CommittedOffset>
}

/** Null: there is no such group. Throws KafkaError or WireError. */
export async function fetchGroup(
  cluster: Cluster,
  groupId: string,
  timeoutMs: number,
): Promise<LiveGroup | null> {
  const { client } = cluster
  const options = { timeoutMs }
  // Also teaches the client where the brokers are.
  await fetchClusterState(client, [], options)
  const read = async (coordinator: number): Promise<LiveGroup | null> => {
    const [description, offsets] = await Promise.all([
      describeGroup(client, coordinator, groupId, options),
      fetchCommittedOffsets(client, coordinator, [groupId], options),
    ])
    if (description === null) return null
    return { coordinator, description, offsets: offsets.get(groupId) ?? new Map() }
  }
  return onCoordinator(client, groupId, read, options)
}

/** Gives the leader of each; partitions that no longer exist have none. */
export async function withLeaders(
  cluster: Cluster,
  partitions: readonly TopicPartitionName[],
  timeoutMs: number,
): Promise<LedPartition[]> {
  const topics = [...new Set(partitions.map((partition) => partition.topic))]
  if (topics.length === 0) return []
  const state = await fetchClusterState(cluster.client, topics, { timeoutMs })
  const leaders: ByPartition<number | null> = new Map()
  for (const topic of state.topics) {
    for (const { partition, leader } of topic.partitions) {
      setByPartition(leaders, { topic: topic.name, partition }, leader)
    }
  }
  return partitions.map(({ topic, partition }) => ({
    topic,
    partition,
    leader: leaders.get(topic)?.get(partition) ?? null,
  }))
}

export async function fetchOffsets(
  cluster: Cluster,
  partitions: readonly LedPartition[],
  query: OffsetQuery,
  timeoutMs: number,
): Promise<ByPartition<number>> {
  const { offsets } = await listOffsets(cluster.client, partitions, query, { timeoutMs })
  const result: ByPartition<number> = new Map()
  for (const [topic, byPartition] of offsets) {
    for (const [partition, { offset }] of byPartition) {
      setByPartition(result, { topic, partition }, offset)
    }
  }
  return result
}

/** Committed positions were read before this asks for end offsets, so lag is never negative. */
export async function fetchGroupPartitions(
  cluster: Cluster,
  group: LiveGroup,
  timeoutMs: number,
): Promise<PackedGroupPartition[]> {
  const none = { logStarts: new Map(), ends: new Map() }
  const names = groupPartitionsOf(group.description, group.offsets, none).map(
    ([topic, partition]) => ({ topic, partition }),
  )
  const led = await withLeaders(cluster, names, timeoutMs)
  const [logStarts, ends] = await Promise.all([
    fetchOffsets(cluster, led, 'earliest', timeoutMs),
    fetchOffsets(cluster, led, 'latest', timeoutMs),
  ])
  return groupPartitionsOf(group.description, group.offsets, { logStarts, ends })
}

/** `judged`: what the collector's last cycle said of it; null: nothing yet. */
export function unpackGroupPartition(
  packed: PackedGroupPartition,
  members: readonly GroupMember[],
  judged: (Pick<GroupPartition, 'lagTime' | 'verdict'> & PartitionRates) | null,
): GroupPartition {
  const [topic, partition, committed, logStart, end, memberIndex, metadata] = packed
  const member = members[memberIndex]
  return {
    topic,
    partition,
    committed,
    logStart,
    end,
    lag: lagOf(committed, end),
    lagTime: judged?.lagTime ?? null,
    verdict: judged?.verdict ?? null,
    producerRate: judged?.producerRate ?? null,
    consumerRate: judged?.consumerRate ?? null,
    memberId: member?.memberId ?? null,
    clientId: member?.clientId ?? null,
    host: member?.host ?? null,
    metadata,
  }
}
