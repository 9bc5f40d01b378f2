import type { ReplicaMap } from '../../contracts/replica-map.ts'
import type {
  ListTopicsInput,
  ListTopicsOutput,
  TopicDetail,
  TopicItem,
  TopicPartitionDetail,
  TopicReader,
} from '../../contracts/topics.ts'
import { isrRankOf } from '../clusters/snapshot.ts'
import { refusal } from '../errors.ts'
import { groupStateOf } from '../groups/group-item.ts'
import { UNKNOWN_GROUP_LAG } from '../lag/packed.ts'
import { isrHealthOf } from '../topics/isr-health.ts'
import { namesHold, offlineOf, type PastState, readPast, sortedPage } from './as-it-was.ts'
import type { ClusterFacts, TopicFacts } from './facts.ts'

/** Offsets, sizes and rates are not kept with the state: unknown, as their history is in charts. */
export async function listTopicsAsTheyWere(
  input: ListTopicsInput,
  atMs: number,
): Promise<ListTopicsOutput> {
  const { facts, asOf } = await readPast(input.cluster, atMs)
  const items = [...facts.topics]
    .filter(([, topic]) => input.internal !== false || !topic.isInternal)
    .filter(([, topic]) => namesHold(topic.name, input.search))
    .map(([key, topic]) => itemOf(key, topic))
  const value = (item: TopicItem, column: string): string | number | null => {
    if (column === 'isr') return isrRankOf(item.isr)
    const found = item[column as keyof TopicItem]
    return typeof found === 'string' || typeof found === 'number' ? found : null
  }
  const by = { sort: input.sort, value, name: 'name' as const }
  return { items: sortedPage(items, by, input), total: items.length, asOf }
}

function itemOf(key: string, topic: TopicFacts): TopicItem {
  const partitions = topic.partitions.map(([leader, replicas, isr]) => ({ leader, replicas, isr }))
  return {
    name: topic.name,
    id: key.startsWith('~') ? null : key,
    isInternal: topic.isInternal,
    partitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    isr: isrHealthOf(partitions, topic.minInsyncReplicas),
    offsetSpan: null,
    isCompacted: topic.isCompacted,
    sizeBytes: null,
    messagesInRate: null,
    bytesInRate: null,
    bytesOutRate: null,
  }
}

function topicOf({ facts }: PastState, name: string): [string, TopicFacts] {
  const found = [...facts.topics].find(([, topic]) => topic.name === name)
  if (found === undefined) throw refusal('topic-unknown', { topic: name })
  return found
}

export async function getTopicAsItWas(
  input: { cluster: string; topic: string },
  atMs: number,
): Promise<TopicDetail> {
  const past = await readPast(input.cluster, atMs)
  const [key, topic] = topicOf(past, input.topic)
  return {
    ...itemOf(key, topic),
    minInsyncReplicas: topic.minInsyncReplicas,
    partitionDetails: topic.partitions.map(
      ([leader, replicas, isr], partition): TopicPartitionDetail => ({
        ...{ partition, leader, preferred: replicas[0] ?? -1 },
        ...{ replicas: [...replicas], isr: [...isr], offline: offlineOf(past.facts, replicas) },
        ...{ leaderEpoch: null, logStart: null, highWatermark: null, logEnd: null },
        sizeBytes: null,
        replicaLags: replicas.map((broker) => ({ broker, lagRecords: null })),
      }),
    ),
    readers: readersOf(past.facts, topic.name),
    asOf: past.asOf,
  }
}

function readersOf(facts: ClusterFacts, topic: string): TopicReader[] {
  return [...facts.groups]
    .filter(([, group]) => group.topics.includes(topic))
    .map(([group, { state, members }]) => {
      const shares = Object.values(members).flatMap((member) => member.assignment)
      const owned = shares.filter((share) => share.topic === topic)
      return {
        group,
        state: groupStateOf(state),
        members: Object.keys(members).length,
        lag: null,
        lagTime: UNKNOWN_GROUP_LAG.lagTime,
        worst: UNKNOWN_GROUP_LAG.worst,
        partitionsRead: owned.reduce((sum, share) => sum + share.partitions.length, 0),
      }
    })
    .sort((a, b) => (a.group < b.group ? -1 : 1))
}

/** Topics with a problem first, then by name. */
export async function getReplicaMapAsItWas(
  input: { cluster: string; topic?: string | undefined; limit: number },
  atMs: number,
): Promise<ReplicaMap> {
  const past = await readPast(input.cluster, atMs)
  const { facts } = past
  const wanted = input.topic === undefined ? [...facts.topics] : [topicOf(past, input.topic)]
  const ranked = wanted
    .map(([key, topic]) => ({ topic, rank: isrRankOf(itemOf(key, topic).isr) }))
    .sort((a, b) => b.rank - a.rank || (a.topic.name < b.topic.name ? -1 : 1))
    .slice(0, input.limit)
  return {
    brokers: [...facts.brokers]
      .sort(([a], [b]) => a - b)
      .map(([broker, { state }]) => ({ broker, isOnline: state === 'online' })),
    topics: ranked.map(({ topic: { name, isInternal, partitions } }) => ({
      name,
      isInternal,
      partitions: partitions.map(([leader, replicas, isr], partition) => ({
        ...{ partition, leader, leaderEpoch: null },
        ...{ replicas: [...replicas], isr: [...isr] },
      })),
    })),
    total: facts.topics.size,
    asOf: past.asOf,
  }
}
