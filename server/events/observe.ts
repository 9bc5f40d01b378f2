import type { BrokerItemRow } from '../clusters/snapshot.ts'
import type { Inventory, TopicRow } from '../collector/inventory.ts'
import type { GroupReading, Reading } from '../collector/reading.ts'
import { groupMembersOf, groupStateOf } from '../groups/group-item.ts'
import type { TopicState } from '../kafka/types.ts'
import { topicKeyOf } from '../metrics/fields.ts'
import {
  type BrokerFacts,
  brokerConfigKey,
  type ClusterFacts,
  type ConfigFacts,
  DEFAULT_CONFIG_KEY,
  type GroupFacts,
  type MemberFacts,
  type PartitionFacts,
  type QuorumFacts,
  type TopicFacts,
  topicConfigKey,
} from './facts.ts'

/** Topic key → the newest leader epoch seen, by partition. */
export type EpochMemory = Map<string, readonly (number | null)[]>

/** What one cycle shows of the cluster, and what it could not. */
export interface Observation {
  readonly reading: Reading
  readonly inventory: Inventory
  /** Read in this cycle, by the keys of ClusterFacts. */
  readonly configs: ReadonlyMap<string, ConfigFacts>
}

/**
 * The cluster as this cycle saw it. What did not answer is as it was: a coordinator that is silent
 * has not lost its groups, nor a quorum that is silent its leader. `epochs` is brought up to date:
 * a broker whose metadata is behind does not take the cluster back in time.
 */
export function factsOf(
  { reading, inventory, configs }: Observation,
  before: ClusterFacts | null,
  epochs: EpochMemory,
): ClusterFacts {
  const topics = topicsOf(reading, inventory.topics, before, epochs)
  const brokers = new Map(
    inventory.brokers.map((row) => [row.id, brokerOf(row, before, reading.startedMs)] as const),
  )
  const isQuorumSilent = reading.quorum === undefined
  const isReadAlready = before?.reach === 'read'
  return {
    topics,
    groups: groupsOf(reading, inventory, before),
    brokers,
    configs: configsOf(before, configs, { topics, brokers }),
    controllerId: isQuorumSilent ? (before?.controllerId ?? null) : reading.controllerId,
    quorum: isQuorumSilent ? (before?.quorum ?? null) : quorumOf(reading),
    reach: 'read',
    reachSinceMs: isReadAlready ? before.reachSinceMs : reading.startedMs,
  }
}

function topicsOf(
  reading: Reading,
  rows: readonly TopicRow[],
  before: ClusterFacts | null,
  epochs: EpochMemory,
): Map<string, TopicFacts> {
  const rowByKey = new Map(rows.map((row) => [row.topicKey, row] as const))
  const topics = new Map<string, TopicFacts>()
  for (const topic of reading.state.topics) {
    const key = topicKeyOf(topic)
    const row = rowByKey.get(key)
    topics.set(key, {
      name: topic.name,
      isInternal: topic.isInternal,
      minInsyncReplicas: row?.detail.minInsyncReplicas ?? null,
      isCompacted: row?.item.isCompacted ?? false,
      partitions: partitionsOf(topic, key, before?.topics.get(key), epochs),
    })
  }
  for (const key of epochs.keys()) if (!topics.has(key)) epochs.delete(key)
  return topics
}

function partitionsOf(
  topic: TopicState,
  key: string,
  before: TopicFacts | undefined,
  epochs: EpochMemory,
): PartitionFacts[] {
  const known = epochs.get(key)
  const next: (number | null)[] = []
  const partitions = topic.partitions.map((partition, index): PartitionFacts => {
    const { leaderEpoch } = partition
    const newest = known?.[index] ?? null
    const old = before?.partitions[index]
    if (leaderEpoch !== null && newest !== null && leaderEpoch < newest && old !== undefined) {
      next.push(newest)
      return old
    }
    next.push(leaderEpoch)
    return [partition.leader, partition.replicas, [...partition.isr].sort((a, b) => a - b)]
  })
  epochs.set(key, next)
  return partitions
}

function groupsOf(
  reading: Reading,
  inventory: Inventory,
  before: ClusterFacts | null,
): Map<string, GroupFacts> {
  const topics = new Map(inventory.groups.map(({ item }) => [item.id, item.topics] as const))
  const groups = new Map<string, GroupFacts>()
  if (!reading.isGroupListComplete)
    for (const [id, group] of before?.groups ?? []) groups.set(id, group)
  for (const group of reading.groups) {
    const id = group.description.groupId
    if (groupStateOf(group.description.state) === 'Dead') groups.delete(id)
    else groups.set(id, groupOf(group, topics.get(id) ?? before?.groups.get(id)?.topics ?? []))
  }
  return groups
}

function groupOf(
  { description, coordinator }: GroupReading,
  topics: readonly string[],
): GroupFacts {
  const members: [string, MemberFacts][] = groupMembersOf(description).map(
    ({ memberId, ...member }) => [memberId, member],
  )
  return {
    state: groupStateOf(description.state),
    protocolType: description.protocolType,
    protocol: description.protocol,
    coordinator,
    topics,
    members: Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function brokerOf(row: BrokerItemRow, before: ClusterFacts | null, nowMs: number): BrokerFacts {
  const known = before?.brokers.get(row.id)
  const state = row.isOnline ? 'online' : 'offline'
  return {
    state,
    sinceMs: known?.state === state ? known.sinceMs : nowMs,
    host: row.host,
    port: row.port,
    rack: row.rack,
    version: row.version,
    // A broker that does not tell has not been restarted for that.
    startedAt: row.startedAt ?? known?.startedAt ?? null,
  }
}

function quorumOf({ quorum }: Reading): QuorumFacts | null {
  if (!quorum) return null
  const { leaderId, leaderEpoch } = quorum
  const voters = [...new Set(quorum.voters.map((voter) => voter.id))].sort((a, b) => a - b)
  return { leaderId, leaderEpoch, voters }
}

/** What was read now over what was known, without what is gone. */
function configsOf(
  before: ClusterFacts | null,
  read: ReadonlyMap<string, ConfigFacts>,
  now: Pick<ClusterFacts, 'topics' | 'brokers'>,
): Map<string, ConfigFacts> {
  const alive = new Set([DEFAULT_CONFIG_KEY])
  for (const key of now.topics.keys()) alive.add(topicConfigKey(key))
  for (const id of now.brokers.keys()) alive.add(brokerConfigKey(id))
  const configs = new Map<string, ConfigFacts>()
  for (const [key, config] of [...(before?.configs ?? []), ...read]) {
    if (alive.has(key)) configs.set(key, config)
  }
  return configs
}
