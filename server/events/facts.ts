import type { GroupMember } from '../../contracts/groups.ts'

/** Null: no leader. Replicas: the preferred leader first. */
export type PartitionFacts = readonly [
  leader: number | null,
  replicas: readonly number[],
  isr: readonly number[],
]

export interface TopicFacts {
  readonly name: string
  readonly isInternal: boolean
  /** In effect, whoever set them; null: not read yet. */
  readonly minInsyncReplicas: number | null
  readonly isCompacted: boolean
  /** By partition number. */
  readonly partitions: readonly PartitionFacts[]
}

export type MemberFacts = Omit<GroupMember, 'memberId'>

export interface GroupFacts {
  readonly state: string
  readonly protocolType: string
  readonly protocol: string
  readonly coordinator: number | null
  /** With a commit or an owner. */
  readonly topics: readonly string[]
  /** By member id. */
  readonly members: Readonly<Record<string, MemberFacts>>
}

export type BrokerStateName = 'online' | 'offline'

export interface BrokerFacts {
  readonly state: BrokerStateName
  /** In this state since. */
  readonly sinceMs: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly version: string | null
  /** Of its process; null: the cluster has not told. */
  readonly startedAt: number | null
}

export interface QuorumFacts {
  readonly leaderId: number | null
  readonly leaderEpoch: number
  /** Ordered. */
  readonly voters: readonly number[]
}

/** Overridden configs by name; a secret's value is hidden. */
export type ConfigFacts = Readonly<Record<string, string>>

export const DEFAULT_CONFIG_KEY = 'default'

/** `uncollected`: nobody was there to read it. */
export type Reach = 'read' | 'unreachable' | 'uncollected'

/** All of a cluster whose changes are events, and that any kept minute can be shown of. */
export interface ClusterFacts {
  /** By topic id, or ~name where the cluster has no ids. */
  readonly topics: ReadonlyMap<string, TopicFacts>
  readonly groups: ReadonlyMap<string, GroupFacts>
  readonly brokers: ReadonlyMap<number, BrokerFacts>
  /** By `topicConfigKey`, `brokerConfigKey` or DEFAULT_CONFIG_KEY; absent: not read yet. */
  readonly configs: ReadonlyMap<string, ConfigFacts>
  readonly controllerId: number | null
  /** Null: a ZooKeeper cluster, or it has never told. */
  readonly quorum: QuorumFacts | null
  readonly reach: Reach
  /** The state is the one last read then, unless `reach` is read. */
  readonly reachSinceMs: number
}

export function topicConfigKey(topicKey: string): string {
  return `t:${topicKey}`
}

export function brokerConfigKey(brokerId: number): string {
  return `b:${brokerId}`
}

/** As JSON carries it. */
export interface FactsJson {
  readonly topics: readonly (readonly [string, TopicFacts])[]
  readonly groups: readonly (readonly [string, GroupFacts])[]
  readonly brokers: readonly (readonly [number, BrokerFacts])[]
  readonly configs: readonly (readonly [string, ConfigFacts])[]
  readonly controllerId: number | null
  readonly quorum: QuorumFacts | null
  readonly reach: Reach
  readonly reachSinceMs: number
}

export function factsToJson(facts: ClusterFacts): FactsJson {
  return {
    ...facts,
    topics: [...facts.topics],
    groups: [...facts.groups],
    brokers: [...facts.brokers],
    configs: [...facts.configs],
  }
}

export function factsFromJson(json: FactsJson): ClusterFacts {
  return {
    ...json,
    topics: new Map(json.topics),
    groups: new Map(json.groups),
    brokers: new Map(json.brokers),
    configs: new Map(json.configs),
  }
}
