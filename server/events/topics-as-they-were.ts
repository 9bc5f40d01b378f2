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
import { groupStateOf, totalLagOf } from '../groups/group-item.ts'
import { isrHealthOf } from '../topics/isr-health.ts'
import { namesHold, offlineOf, type PastState, readPast, sortedPage } from './as-it-was.ts'
import type { ClusterFacts, TopicFacts } from './facts.ts'
import { pastGroupOf, topicKeys } from './groups-as-they-were.ts'
import { lagsAt } from './lag-replay.ts'
import { type Past, pastOf } from './past-samples.ts'
import {
  isTopicFigure,
  NO_TOPIC_FIGURES,
  type TopicFigures,
  topicFiguresAt,
} from './topic-figures.ts'

/** Leaders and ISR from the events, figures from the samples up to then: of the page's topics, or of all to sort by one. */
export async function listTopicsAsTheyWere(
  input: ListTopicsInput,
  atMs: number,
): Promise<ListTopicsOutput> {
  const { facts, asOf } = await readPast(input.cluster, atMs)
  const past = pastOf(input.cluster, atMs)
  const topics = new Map(
    [...facts.topics].filter(
      ([, topic]) =>
        (input.internal !== false || !topic.isInternal) && namesHold(topic.name, input.search),
    ),
  )
  const column = input.sort.replace(/^-/, '')
  const sampled = isTopicFigure(column)
    ? await topicFiguresAt(past, topics, { brokers: facts.brokers.keys(), figures: [column] })
    : () => NO_TOPIC_FIGURES
  const rows = Array.from(topics, ([key, topic]) => ({
    key,
    name: topic.name,
    value: columnOf(itemOf(key, topic, sampled(key)), column),
  }))
  const by = { sort: input.sort, value: (row: (typeof rows)[number]) => row.value } as const
  const page = sortedPage(rows, { ...by, name: 'name' }, input)
  const shown = new Map(page.flatMap(({ key }) => pairOf(topics, key)))
  const figures = await topicFiguresAt(past, shown, { brokers: facts.brokers.keys() })
  const items = Array.from(shown, ([key, topic]) => itemOf(key, topic, figures(key)))
  return { items, total: rows.length, asOf }
}

function pairOf<K, V>(map: ReadonlyMap<K, V>, key: K): (readonly [K, V])[] {
  const value = map.get(key)
  return value === undefined ? [] : [[key, value]]
}

function columnOf(item: TopicItem, column: string): string | number | null {
  if (column === 'isr') return isrRankOf(item.isr)
  const found = item[column as keyof TopicItem]
  return typeof found === 'string' || typeof found === 'number' ? found : null
}

function itemOf(
  key: string,
  topic: TopicFacts,
  { logStarts: _, highWatermarks: __, ...figures }: TopicFigures,
): TopicItem {
  const partitions = topic.partitions.map(([leader, replicas, isr]) => ({ leader, replicas, isr }))
  return {
    name: topic.name,
    id: key.startsWith('~') ? null : key,
    isInternal: topic.isInternal,
    partitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    isr: isrHealthOf(partitions, topic.minInsyncReplicas),
    isCompacted: topic.isCompacted,
    ...figures,
  }
}

function topicOf({ facts }: PastState, name: string): [string, TopicFacts] {
  const found = [...facts.topics].find(([, topic]) => topic.name === name)
  if (found === undefined) throw refusal('topic-unknown', { topic: name })
  return found
}

/** Of a partition's size, its leader's epoch, its log end and its replicas' lag there are no samples. */
export async function getTopicAsItWas(
  input: { cluster: string; topic: string },
  atMs: number,
): Promise<TopicDetail> {
  const past = await readPast(input.cluster, atMs)
  const [key, topic] = topicOf(past, input.topic)
  const samples = pastOf(input.cluster, atMs)
  const [figuresOf, readers] = await Promise.all([
    topicFiguresAt(samples, new Map([[key, topic]]), { brokers: past.facts.brokers.keys() }),
    readersOf(samples, past.facts, topic.name),
  ])
  const figures = figuresOf(key)
  return {
    ...itemOf(key, topic, figures),
    minInsyncReplicas: topic.minInsyncReplicas,
    partitionDetails: topic.partitions.map(
      ([leader, replicas, isr], partition): TopicPartitionDetail => ({
        ...{ partition, leader, preferred: replicas[0] ?? -1 },
        ...{ replicas: [...replicas], isr: [...isr], offline: offlineOf(past.facts, replicas) },
        logStart: figures.logStarts.get(partition) ?? null,
        highWatermark: figures.highWatermarks.get(partition) ?? null,
        ...{ leaderEpoch: null, logEnd: null, sizeBytes: null },
        replicaLags: replicas.map((broker) => ({ broker, lagRecords: null })),
      }),
    ),
    readers,
    asOf: past.asOf,
  }
}

async function readersOf(past: Past, facts: ClusterFacts, topic: string): Promise<TopicReader[]> {
  const readers = [...facts.groups].filter(([, group]) => group.topics.includes(topic))
  const keys = topicKeys(facts)
  const groups = readers.map(([id, group]) => pastGroupOf(id, group, keys, topic))
  const lags = await lagsAt(past, groups)
  return readers
    .map(([group, { state, members }], index): TopicReader => {
      const lag = lags.get(group)
      const owned = [...(groups[index]?.owners.get(topic)?.keys() ?? [])]
      const committed = (lag?.partitions ?? []).map(([, partition]) => partition)
      return {
        group,
        state: groupStateOf(state),
        members: Object.keys(members).length,
        lag: totalLagOf(lag?.partitions ?? []),
        lagTime: lag?.group.lagTime ?? null,
        worst: lag?.group.worst ?? null,
        partitionsRead: new Set([...owned, ...committed]).size,
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
    .map(([key, topic]) => ({ topic, rank: isrRankOf(itemOf(key, topic, NO_TOPIC_FIGURES).isr) }))
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
