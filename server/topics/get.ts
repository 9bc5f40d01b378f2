import type {
  GetTopicInput,
  TopicDetail,
  TopicItem,
  TopicPartitionDetail,
  TopicReader,
} from '../../contracts/topics.ts'
import { type KnownTopic, readClusterInventory, readTopicInventory } from '../clusters/inventory.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { GroupDetailRow, GroupItem, PackedPartition } from '../clusters/snapshot.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { contains, dialectOf, sql } from '../db/dialect.ts'
import { refusal } from '../errors.ts'
import { getTopicAsItWas } from '../events/topics-as-they-were.ts'
import { lagOf } from '../groups/group-item.ts'
import { fetchTopic } from '../kafka/describe-cluster.ts'
import { listOffsets } from '../kafka/offsets.ts'
import type { TopicState } from '../kafka/types.ts'
import { longestOf } from '../lag/lag-time.ts'
import { unpackedLag } from '../lag/packed.ts'
import { worstOf } from '../lag/verdict.ts'
import { isrHealthOf } from './isr-health.ts'

const LIVE_TIMEOUT_MS = 1_500

/**
 * Leaders, ISR and offsets are read live; when the cluster does not answer in time they come from
 * the inventory, with its age. Sizes and rates are always the collector's.
 */
export async function getTopic({
  input,
}: {
  ctx: ServiceContext
  input: GetTopicInput
}): Promise<TopicDetail> {
  if (input.at !== undefined) return getTopicAsItWas(input, input.at)
  const cluster = clusterOf(input.cluster)
  const [known, { asOf }, live, readers] = await Promise.all([
    readTopicInventory(cluster.id, input.topic),
    readClusterInventory(cluster.id),
    readLive(cluster, input.topic),
    readReaders(cluster.id, input.topic),
  ])
  if (live === null || (live === undefined && (known === null || known.isDeleted))) {
    throw refusal('topic-unknown', { topic: input.topic })
  }
  const before = known === null || known.isDeleted ? null : known
  if (live === undefined) return { ...fromInventory(input.topic, before), readers, asOf }
  return { ...fromLive(live, before), readers, asOf: live.asOf }
}

interface LiveTopic {
  readonly state: TopicState
  readonly offsets: ReadonlyMap<number, PartitionOffsets>
  readonly asOf: number
}

interface PartitionOffsets {
  readonly logStart: number | null
  readonly highWatermark: number | null
  readonly logEnd: number | null
}

/** Null: the topic does not exist; undefined: no answer in time. */
async function readLive(cluster: Cluster, topic: string): Promise<LiveTopic | null | undefined> {
  const options = { timeoutMs: LIVE_TIMEOUT_MS }
  try {
    const state = await fetchTopic(cluster.client, topic, options)
    if (state === null) return null
    const asOf = Date.now()
    const led = state.partitions.map(({ partition, leader }) => ({ topic, partition, leader }))
    const [earliest, latest, logEnd] = await Promise.all(
      (['earliest', 'latest', 'log-end'] as const).map((query) =>
        listOffsets(cluster.client, led, query, options),
      ),
    )
    const offsets = new Map(
      led.map(({ partition }) => {
        const at = (found: typeof earliest): number | null =>
          found?.offsets.get(topic)?.get(partition)?.offset ?? null
        const highWatermark = at(latest)
        const end = at(logEnd)
        return [
          partition,
          {
            logStart: at(earliest),
            highWatermark,
            // Asked for at the same time, a moment apart: never shown below the high watermark.
            logEnd: end === null ? null : Math.max(end, highWatermark ?? end),
          },
        ] as const
      }),
    )
    return { state, offsets, asOf }
  } catch {
    // Any failure of the cluster: the inventory answers, and its age says so.
    return undefined
  }
}

function fromInventory(
  topic: string,
  known: KnownTopic | null,
): TopicItem & Pick<TopicDetail, 'minInsyncReplicas' | 'partitionDetails'> {
  if (known === null) throw refusal('topic-unknown', { topic })
  return {
    ...known.item,
    minInsyncReplicas: known.detail.minInsyncReplicas,
    partitionDetails: known.detail.partitions.map(unpackPartition),
  }
}

function unpackPartition(packed: PackedPartition): TopicPartitionDetail {
  const [partition, leader, leaderEpoch, replicas, isr, offline, logStart, highWatermark] = packed
  return {
    partition,
    leader: leader < 0 ? null : leader,
    preferred: replicas[0] ?? -1,
    replicas: [...replicas],
    isr: [...isr],
    offline: [...offline],
    leaderEpoch,
    logStart,
    highWatermark,
    logEnd: null,
    sizeBytes: packed[8],
    replicaLags: replicas.map((broker, i) => ({ broker, lagRecords: packed[9][i] ?? null })),
  }
}

function fromLive(
  live: LiveTopic,
  known: KnownTopic | null,
): TopicItem & Pick<TopicDetail, 'minInsyncReplicas' | 'partitionDetails'> {
  const { state } = live
  const minInsyncReplicas = known?.detail.minInsyncReplicas ?? null
  const packed = new Map(known?.detail.partitions.map((p) => [p[0], p] as const))
  const partitionDetails = state.partitions.map((partition): TopicPartitionDetail => {
    const offsets = live.offsets.get(partition.partition)
    const before = packed.get(partition.partition)
    const lagOfReplica = (broker: number): number | null =>
      before?.[9][before[3].indexOf(broker)] ?? null
    return {
      partition: partition.partition,
      leader: partition.leader,
      preferred: partition.replicas[0] ?? -1,
      replicas: [...partition.replicas],
      isr: [...partition.isr],
      offline: [...partition.offline],
      leaderEpoch: partition.leaderEpoch,
      logStart: offsets?.logStart ?? before?.[6] ?? null,
      highWatermark: offsets?.highWatermark ?? before?.[7] ?? null,
      logEnd: offsets?.logEnd ?? null,
      sizeBytes: before?.[8] ?? null,
      replicaLags: partition.replicas.map((broker) => ({
        broker,
        lagRecords: lagOfReplica(broker),
      })),
    }
  })
  return {
    name: state.name,
    id: state.topicId,
    isInternal: state.isInternal,
    partitions: state.partitions.length,
    replicationFactor: state.partitions[0]?.replicas.length ?? 0,
    isr: isrHealthOf(state.partitions, minInsyncReplicas),
    offsetSpan: spanOf(partitionDetails),
    isCompacted: known?.item.isCompacted ?? false,
    sizeBytes: known?.item.sizeBytes ?? null,
    messagesInRate: known?.item.messagesInRate ?? null,
    bytesInRate: known?.item.bytesInRate ?? null,
    bytesOutRate: known?.item.bytesOutRate ?? null,
    minInsyncReplicas,
    partitionDetails,
  }
}

function spanOf(partitions: readonly TopicPartitionDetail[]): number | null {
  let span = 0
  for (const { logStart, highWatermark } of partitions) {
    if (logStart === null || highWatermark === null) return null
    span += Math.max(0, highWatermark - logStart)
  }
  return span
}

/** Groups with a commit or a member on the topic. */
async function readReaders(clusterId: string, topic: string): Promise<TopicReader[]> {
  const db = await database()
  const dialect = dialectOf(db)
  // An item holds its topics' names as JSON: the rows that cannot be meant are not read.
  const rows = await db.$queryRawUnsafe<{ item: string; detail: string }[]>(
    sql(
      dialect,
      `SELECT "item", "detail" FROM "GroupInventory" WHERE "clusterId" = ? AND "deletedAt" IS NULL
       AND ${contains(dialect, '"item"')} ORDER BY "groupId"`,
    ),
    clusterId,
    JSON.stringify(topic),
  )
  return rows.flatMap((row) => {
    // Safe because the collector alone writes these columns, in these shapes.
    const item = JSON.parse(row.item) as GroupItem
    if (!item.topics.includes(topic)) return []
    const detail = JSON.parse(row.detail) as GroupDetailRow
    const partitions = detail.partitions.filter(([name]) => name === topic)
    const lags = partitions.flatMap(([, , committed, , end]) => lagOf(committed, end) ?? [])
    const lag = lags.length === 0 ? null : lags.reduce((a, b) => a + b, 0)
    const { id: group, state, members } = item
    const { lagTime, worst } = readerLagOf(topic, detail)
    return [{ group, state, members, lag, partitionsRead: partitions.length, lagTime, worst }]
  })
}

/** Of the group's partitions of this topic, as the collector judged them. */
function readerLagOf(
  topic: string,
  detail: GroupDetailRow,
): Pick<TopicReader, 'lagTime' | 'worst'> {
  const judged = detail.partitions.flatMap(([name, partition], index) => {
    const lag = name === topic ? unpackedLag(detail.lags?.[index]) : null
    return lag === null ? [] : [{ partition, ...lag }]
  })
  return {
    lagTime: longestOf(judged.map((one) => one.lagTime)),
    worst: worstOf(judged.map(({ partition, verdict }) => ({ topic, partition, ...verdict }))),
  }
}
