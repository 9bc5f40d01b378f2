import type { Change, Values } from './change.ts'
import {
  type BrokerFacts,
  brokerConfigKey,
  type ClusterFacts,
  type ConfigFacts,
  type GroupFacts,
  type MemberFacts,
  type PartitionFacts,
  type TopicFacts,
  topicConfigKey,
} from './facts.ts'

interface Draft {
  topics: Map<string, TopicFacts>
  groups: Map<string, GroupFacts>
  brokers: Map<number, BrokerFacts>
  configs: Map<string, ConfigFacts>
  /** Of the cluster as a whole, by the names of ClusterFacts. */
  whole: Values
}

/** The state that `changes`, as `diff` gave them, lead to. */
export function applyChanges(before: ClusterFacts, changes: readonly Change[]): ClusterFacts {
  const { topics, groups, brokers, configs, ...whole } = before
  const draft: Draft = {
    topics: new Map(topics),
    groups: new Map(groups),
    brokers: new Map(brokers),
    configs: new Map(configs),
    whole: { ...whole },
  }
  for (const change of changes) {
    if (change.state?.config !== undefined) draft.configs.set(...change.state.config)
    else if (change.subjectType === 'topic') applyToTopic(draft, change)
    else if (change.subjectType === 'group') applyToGroup(draft, change)
    else if (change.subjectType === 'broker') applyToBroker(draft, change)
    else applyToCluster(draft, change)
  }
  const { whole: rest, ...maps } = draft
  // Safe because `whole` began as these very fields, and diff names no others of the cluster.
  return { ...(rest as Omit<ClusterFacts, keyof typeof maps>), ...maps }
}

function applyToCluster(draft: Draft, change: Change): void {
  if (change.type === 'quorum') {
    const quorum = draft.whole.quorum
    draft.whole = { ...draft.whole, quorum: { ...Object(quorum), ...change.after } }
    return
  }
  draft.whole = { ...draft.whole, ...change.after }
}

function applyToBroker(draft: Draft, change: Change): void {
  const id = Number(change.subject)
  const broker = change.state?.broker
  if (broker !== undefined) draft.brokers.set(id, broker)
  else if (change.after === null) {
    draft.brokers.delete(id)
    draft.configs.delete(brokerConfigKey(id))
  }
}

function applyToTopic(draft: Draft, change: Change): void {
  const { key = '', type, after, state } = change
  if (type === 'topic-deleted') {
    draft.topics.delete(key)
    draft.configs.delete(topicConfigKey(key))
    return
  }
  if (state?.topic !== undefined) {
    draft.topics.set(key, state.topic)
    return
  }
  const topic = draft.topics.get(key)
  if (topic === undefined || after === null) return
  if (type === 'settings') draft.topics.set(key, { ...topic, ...after })
  else if (type === 'partitions') {
    const kept = topic.partitions.slice(0, Number(after.partitions))
    draft.topics.set(key, { ...topic, partitions: [...kept, ...(state?.added ?? [])] })
  } else {
    const partitions = topic.partitions.map((partition, index) =>
      String(index) in after ? changedPartition(partition, type, after[index]) : partition,
    )
    draft.topics.set(key, { ...topic, partitions })
  }
}

function changedPartition(
  [leader, replicas, isr]: PartitionFacts,
  type: Change['type'],
  value: unknown,
): PartitionFacts {
  if (type === 'leader') return [value === null ? null : Number(value), replicas, isr]
  // Safe because diff puts lists of broker ids under a partition's number.
  const ids = value as readonly number[]
  return type === 'isr' ? [leader, replicas, ids] : [leader, ids, isr]
}

function applyToGroup(draft: Draft, change: Change): void {
  const { subject, type, before, after, state } = change
  if (state?.group !== undefined) {
    draft.groups.set(subject, state.group)
    return
  }
  if (type === 'group-deleted' || after === null) {
    draft.groups.delete(subject)
    return
  }
  const group = draft.groups.get(subject)
  if (group === undefined) return
  if (type === 'members') {
    const left = new Set(Object.keys(before ?? {}))
    const kept = Object.entries(group.members).filter(([id]) => !left.has(id))
    // Safe because diff puts members under their ids.
    const now = Object.entries(after) as [string, MemberFacts][]
    draft.groups.set(subject, { ...group, members: Object.fromEntries([...kept, ...now]) })
  } else draft.groups.set(subject, { ...group, ...after })
}
