import type { EventSubjectType, EventType } from '../../contracts/events.ts'
import type { Change, Values } from './change.ts'
import {
  type BrokerFacts,
  type ClusterFacts,
  type ConfigFacts,
  DEFAULT_CONFIG_KEY,
  type GroupFacts,
  type MemberFacts,
  type PartitionFacts,
  type QuorumFacts,
  type TopicFacts,
} from './facts.ts'

/**
 * Everything that differs, complete: `applyChanges(before, diff(before, after))` is `after`. Pure;
 * deletions come first, so that a topic made again under its name is two events in order.
 */
export function diff(clusterId: string, before: ClusterFacts, after: ClusterFacts): Change[] {
  const changes: Change[] = []
  diffCluster(clusterId, before, after, changes)
  diffBrokers(before.brokers, after.brokers, changes)
  diffTopics(before.topics, after.topics, changes)
  diffGroups(before.groups, after.groups, changes)
  diffConfigs(before, after, changes)
  return changes
}

function diffCluster(
  clusterId: string,
  before: ClusterFacts,
  after: ClusterFacts,
  changes: Change[],
): void {
  const of = (type: Change['type'], [from, to]: readonly [Values, Values]): void => {
    changes.push({ type, subjectType: 'cluster', subject: clusterId, before: from, after: to })
  }
  if (before.reach !== after.reach || before.reachSinceMs !== after.reachSinceMs) {
    // What a collector did not see is told by its own event when it is back.
    const isListed = after.reach !== 'uncollected' && before.reach !== 'uncollected'
    of(isListed && before.reach !== after.reach ? 'cluster' : 'settings', [
      { reach: before.reach, reachSinceMs: before.reachSinceMs },
      { reach: after.reach, reachSinceMs: after.reachSinceMs },
    ])
  }
  if (before.controllerId !== after.controllerId) {
    const from = { controllerId: before.controllerId }
    of('controller', [from, { controllerId: after.controllerId }])
  }
  if (before.quorum === null || after.quorum === null) {
    if (before.quorum !== after.quorum) {
      of('settings', [{ quorum: before.quorum }, { quorum: after.quorum }])
    }
    return
  }
  const quorum = changedValues<QuorumFacts>(before.quorum, after.quorum, QUORUM_FIELDS)
  if (quorum !== null) of('quorum', quorum)
}

const QUORUM_FIELDS = ['leaderId', 'leaderEpoch', 'voters'] as const
const GROUP_FIELDS = ['state', 'protocolType', 'protocol', 'coordinator', 'topics'] as const
const BROKER_FIELDS = ['state', 'host', 'port', 'rack', 'version', 'startedAt'] as const
const SETTING_FIELDS = ['name', 'isInternal', 'minInsyncReplicas', 'isCompacted'] as const

/** What differs, before and after; null: nothing. */
function changedValues<T extends object>(
  before: T,
  after: T,
  fields: readonly (keyof T & string)[],
): readonly [Values, Values] | null {
  let from: Record<string, unknown> | null = null
  const to: Record<string, unknown> = {}
  for (const field of fields) {
    if (isSame(before[field], after[field])) continue
    from ??= {}
    from[field] = before[field]
    to[field] = after[field]
  }
  return from === null ? null : [from, to]
}

/** Plain values and lists of them. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  return a.every((value, index) => value === b[index])
}

function diffBrokers(
  before: ReadonlyMap<number, BrokerFacts>,
  after: ReadonlyMap<number, BrokerFacts>,
  changes: Change[],
): void {
  for (const [id, broker] of before) {
    if (after.has(id)) continue
    changes.push(brokerChange(id, { state: broker.state }, null))
  }
  for (const [id, broker] of after) {
    const known = before.get(id)
    if (known === undefined) {
      const { state, host, port } = broker
      changes.push({ ...brokerChange(id, null, { state, host, port }), state: { broker } })
      continue
    }
    const changed = changedValues<BrokerFacts>(known, broker, BROKER_FIELDS)
    if (changed !== null) {
      // A version or a start that was not known before is news to us alone.
      const isListed = Object.entries(changed[0]).some(
        ([name, value]) => value !== null || name === 'rack',
      )
      const change = brokerChange(id, changed[0], changed[1])
      changes.push({ ...change, ...(isListed ? {} : { type: 'settings' }), state: { broker } })
    }
  }
}

function brokerChange(id: number, before: Values | null, after: Values | null): Change {
  return { type: 'broker', subjectType: 'broker', subject: String(id), before, after }
}

function diffTopics(
  before: ReadonlyMap<string, TopicFacts>,
  after: ReadonlyMap<string, TopicFacts>,
  changes: Change[],
): void {
  for (const [key, topic] of before) {
    if (after.has(key)) continue
    changes.push(topicChange('topic-deleted', key, topic.name, [summaryOf(topic), null]))
  }
  for (const [key, topic] of after) {
    const known = before.get(key)
    if (known === topic) continue
    if (known === undefined) {
      const made = topicChange('topic-created', key, topic.name, [null, summaryOf(topic)])
      changes.push({ ...made, state: { topic } })
    } else diffTopic(key, [known, topic], changes)
  }
}

function summaryOf({ partitions }: TopicFacts): Values {
  return { partitions: partitions.length, replicationFactor: partitions[0]?.[1].length ?? 0 }
}

function topicChange(
  type: EventType | 'settings',
  key: string,
  subject: string,
  [before, after]: readonly [Values | null, Values | null],
): Change {
  return { type, subjectType: 'topic', subject, before, after, key }
}

function diffTopic(
  key: string,
  [before, after]: readonly [TopicFacts, TopicFacts],
  changes: Change[],
): void {
  const { name } = after
  const settings = changedValues<TopicFacts>(before, after, SETTING_FIELDS)
  if (settings !== null) changes.push(topicChange('settings', key, name, settings))
  const [from, to] = [before.partitions.length, after.partitions.length]
  if (from !== to) {
    const counts = [{ partitions: from }, { partitions: to }] as const
    const added = after.partitions.slice(from)
    changes.push({ ...topicChange('partitions', key, name, counts), state: { added } })
  }
  for (const [index, type] of PARTITION_EVENTS.entries()) {
    const changed = changedPartitions(before.partitions, after.partitions, index)
    if (changed !== null) changes.push(topicChange(type, key, name, changed))
  }
}

/** By the place in PartitionFacts of what they are about. */
const PARTITION_EVENTS = ['leader', 'replicas', 'isr'] as const

function changedPartitions(
  before: readonly PartitionFacts[],
  after: readonly PartitionFacts[],
  index: number,
): readonly [Values, Values] | null {
  let from: Record<string, unknown> | null = null
  const to: Record<string, unknown> = {}
  const count = Math.min(before.length, after.length)
  for (let partition = 0; partition < count; partition++) {
    const was = before[partition]?.[index]
    const is = after[partition]?.[index]
    if (isSame(was, is)) continue
    from ??= {}
    from[partition] = was
    to[partition] = is
  }
  return from === null ? null : [from, to]
}

function diffGroups(
  before: ReadonlyMap<string, GroupFacts>,
  after: ReadonlyMap<string, GroupFacts>,
  changes: Change[],
): void {
  const of = (
    type: EventType,
    subject: string,
    [from, to]: readonly [Values | null, Values | null],
  ): Change => ({ type, subjectType: 'group', subject, before: from, after: to })
  for (const [id, group] of before) {
    if (!after.has(id)) changes.push(of('group-deleted', id, [{ state: group.state }, null]))
  }
  for (const [id, group] of after) {
    const known = before.get(id)
    if (known === undefined) {
      const { state, coordinator } = group
      changes.push({ ...of('group-created', id, [null, { state, coordinator }]), state: { group } })
      continue
    }
    const changed = changedValues<GroupFacts>(known, group, GROUP_FIELDS)
    if (changed !== null) changes.push(of('group', id, changed))
    const members = changedMembers(known.members, group.members)
    if (members !== null) changes.push(of('members', id, members))
  }
}

function changedMembers(
  before: GroupFacts['members'],
  after: GroupFacts['members'],
): readonly [Values, Values] | null {
  const from: Record<string, MemberFacts> = {}
  const to: Record<string, MemberFacts> = {}
  for (const [id, member] of Object.entries(before)) {
    const now = after[id]
    if (now !== undefined && JSON.stringify(now) === JSON.stringify(member)) continue
    from[id] = member
    if (now !== undefined) to[id] = now
  }
  for (const [id, member] of Object.entries(after)) {
    if (before[id] === undefined) to[id] = member
  }
  const isNothing = Object.keys(from).length === 0 && Object.keys(to).length === 0
  return isNothing ? null : [from, to]
}

function diffConfigs(before: ClusterFacts, after: ClusterFacts, changes: Change[]): void {
  for (const [key, config] of after.configs) {
    const known = before.configs.get(key)
    if (known === config) continue
    const about = configSubject(key, after)
    // Read for the first time: nobody knows what it was.
    if (known === undefined) {
      const state = { config: [key, config] as const }
      changes.push({ type: 'settings', ...about, before: null, after: null, state })
      continue
    }
    const changed = changedConfigs(known, config)
    if (changed === null) continue
    const [from, to] = changed
    changes.push({
      ...{ type: 'config', ...about, before: from, after: to },
      state: { config: [key, config] },
    })
  }
}

function configSubject(
  key: string,
  after: ClusterFacts,
): { subjectType: EventSubjectType; subject: string } {
  if (key === DEFAULT_CONFIG_KEY) return { subjectType: 'broker', subject: DEFAULT_CONFIG_KEY }
  if (key.startsWith('b:')) return { subjectType: 'broker', subject: key.slice(2) }
  const topic = after.topics.get(key.slice(2))
  return { subjectType: 'topic', subject: topic?.name ?? key.slice(2) }
}

function changedConfigs(before: ConfigFacts, after: ConfigFacts): readonly [Values, Values] | null {
  const from: Record<string, string | null> = {}
  const to: Record<string, string | null> = {}
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[name] ?? null, after[name] ?? null]
    if (was === is) continue
    from[name] = was
    to[name] = is
  }
  return Object.keys(from).length === 0 ? null : [from, to]
}
