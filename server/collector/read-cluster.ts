import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { metricsTargets } from '../clusters/metrics-source.ts'
import type { Cluster } from '../clusters/registry.ts'
import { describeTopicConfigs } from '../kafka/configs.ts'
import { fetchClusterState, fetchFencedBrokers, fetchQuorum } from '../kafka/describe-cluster.ts'
import { fetchLogDirs } from '../kafka/log-dirs.ts'
import type { MetricsTarget } from '../kafka/metrics-reads.ts'
import { type LedPartition, listOffsets, type OffsetQuery } from '../kafka/offsets.ts'
import { type ByPartition, type ClusterState, setByPartition } from '../kafka/types.ts'
import { fanOut, type WireClient } from '../kafka/wire-client.ts'
import { messageOf, WireError } from '../kafka/wire-error.ts'
import type { BeanSeries } from '../metrics/catalogue/types.ts'
import { type BrokerMetrics, fetchBrokerMetrics } from './broker-metrics.ts'
import { createGroupMemory, type GroupMemory, readGroups } from './read-groups.ts'
import type { Reading, TopicSettings } from './reading.ts'

const METADATA_TIMEOUT_MS = 3_000
const BROKER_TIMEOUT_MS = 3_000
/** Beside it, for each partition of the cluster: answers to many of them wait behind one another. */
const PARTITION_TIMEOUT_MS = 0.1
/** For a broker that has just failed to answer: the others do not wait for it again. */
const SUSPECT_TIMEOUT_MS = 500
const SETTINGS_EVERY_MS = 60_000
/** An exporter walks through thousands of MBeans for every answer. */
const METRICS_TIMEOUT_MS = { jolokia: 5_000, prometheus: 10_000 } as const
/** One that took this long for nothing is left alone for a while: the cycle waits for it. */
const METRICS_SLOW_MS = 2_500
const METRICS_REST_MS = 30_000

/** What is kept from one cycle to the next. */
export interface ReaderMemory {
  readonly suspects: Map<number, string>
  readonly groups: GroupMemory
  topicSettings: Map<string, TopicSettings>
  settingsReadMs: number
  /** Brokers whose metrics did not come in time, and until when they are not asked again. */
  readonly metricsRest: Map<number, number>
  /** Attributes that people have pinned, read beside the catalogue's. */
  pinned: readonly BeanSeries[]
}

export function createReaderMemory(): ReaderMemory {
  return {
    suspects: new Map(),
    groups: createGroupMemory(),
    topicSettings: new Map(),
    settingsReadMs: 0,
    metricsRest: new Map(),
    pinned: [],
  }
}

/** How long a broker of a cluster with so many partitions has for an answer, in ms. */
export function brokerTimeoutMsOf(partitions: number): number {
  return BROKER_TIMEOUT_MS + partitions * PARTITION_TIMEOUT_MS
}

/** Asks each broker with a deadline of its own and remembers who did not answer. */
class Conversation {
  readonly #memory: ReaderMemory
  readonly #timeoutMs: number
  readonly errors = new Map<number, string>()

  constructor(memory: ReaderMemory, timeoutMs: number) {
    this.#memory = memory
    this.#timeoutMs = timeoutMs
  }

  /**
   * Asks suspects for next to nothing. Who answers is none any more: what is asked of a large cluster takes longer
   * than a suspect is given, however well its broker is.
   */
  async begin(client: WireClient): Promise<void> {
    const { results } = await fanOut(this.#memory.suspects.keys(), (brokerId) =>
      client.call(brokerId, Metadata, { topics: [] }, { timeoutMs: SUSPECT_TIMEOUT_MS }),
    )
    for (const brokerId of results.keys()) this.#memory.suspects.delete(brokerId)
  }

  isSuspect(brokerId: number): boolean {
    return this.#memory.suspects.has(brokerId) || this.errors.has(brokerId)
  }

  timeoutMs(brokerId: number): number {
    return this.isSuspect(brokerId) ? SUSPECT_TIMEOUT_MS : this.#timeoutMs
  }

  note(errors: ReadonlyMap<number, Error>): void {
    for (const [brokerId, error] of errors) {
      if (isSilence(error)) this.errors.set(brokerId, messageOf(error))
    }
  }

  end(): void {
    this.#memory.suspects.clear()
    for (const [brokerId, error] of this.errors) this.#memory.suspects.set(brokerId, error)
  }
}

/** A broker that refuses, or is too old for what was asked, is there all the same. */
function isSilence(error: Error): boolean {
  return error instanceof WireError && error.failure !== 'unsupported'
}

/**
 * One cycle. Committed positions are read before end offsets, so that lag is never negative. Throws
 * only when no broker gives metadata.
 */
export async function readCluster(cluster: Cluster, memory: ReaderMemory): Promise<Reading> {
  const { client } = cluster
  const startedMs = Date.now()
  const state = await fetchClusterState(client, null, { timeoutMs: METADATA_TIMEOUT_MS })
  const brokerIds = state.brokers.map((broker) => broker.id)
  const partitions = ledPartitions(state)
  const timeoutMs = brokerTimeoutMsOf(partitions.length)
  const conversation = new Conversation(memory, timeoutMs)
  await conversation.begin(client)
  const [quorum, fenced, groupsRead, logDirs, metrics, logStarts, topicSettings] =
    await Promise.all([
      fetchQuorum(client, { timeoutMs }).catch(() => undefined),
      fetchFencedBrokers(client, { timeoutMs }).catch(() => []),
      readGroups(client, brokerIds, { conversation, memory: memory.groups }),
      fanOut(brokerIds, (brokerId) =>
        fetchLogDirs(client, brokerId, null, { timeoutMs: conversation.timeoutMs(brokerId) }),
      ),
      readMetrics(cluster, state, conversation, memory),
      readOffsets(cluster, partitions, 'earliest', conversation),
      readTopicSettings(cluster, state, { memory, timeoutMs }),
    ])
  conversation.note(logDirs.errors)
  const tMs = Date.now()
  const ends = await readOffsets(cluster, partitions, 'latest', conversation)
  conversation.end()
  return {
    startedMs,
    tMs,
    state,
    quorum,
    controllerId: quorum ? quorum.leaderId : state.metadataControllerId,
    fenced,
    logStarts,
    ends,
    logDirs: logDirs.results,
    metrics,
    groups: groupsRead.groups,
    isGroupListComplete: groupsRead.isComplete,
    topicSettings,
    brokerErrors: conversation.errors,
  }
}

/** An agent that does not answer leaves its broker without metrics, and is no fault of the broker. */
async function readMetrics(
  cluster: Cluster,
  state: ClusterState,
  conversation: Conversation,
  memory: ReaderMemory,
): Promise<Reading['metrics']> {
  const targets = metricsTargets(cluster.metrics, state.brokers)
  const startedMs = Date.now()
  const asked = [...targets].filter(([id]) => (memory.metricsRest.get(id) ?? 0) <= startedMs)
  const metrics = new Map<number, BrokerMetrics>()
  const ask = async ([id, target]: readonly [number, MetricsTarget]): Promise<void> => {
    const timeoutMs = conversation.isSuspect(id)
      ? SUSPECT_TIMEOUT_MS
      : METRICS_TIMEOUT_MS[target.kind]
    try {
      metrics.set(id, await fetchBrokerMetrics(target, timeoutMs, memory.pinned))
      memory.metricsRest.delete(id)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      const isSlow = Date.now() - startedMs >= METRICS_SLOW_MS
      if (isSlow) memory.metricsRest.set(id, Date.now() + METRICS_REST_MS)
    }
  }
  await Promise.all(asked.map(ask))
  return metrics
}

function ledPartitions(state: ClusterState): LedPartition[] {
  return state.topics.flatMap((topic) =>
    topic.partitions.map(({ partition, leader }) => ({ topic: topic.name, partition, leader })),
  )
}

async function readOffsets(
  cluster: Cluster,
  partitions: readonly LedPartition[],
  query: OffsetQuery,
  conversation: Conversation,
): Promise<ByPartition<number>> {
  const offsets: ByPartition<number> = new Map()
  const leaders = new Set(partitions.map((partition) => partition.leader))
  leaders.delete(null)
  await Promise.all(
    [...leaders].map(async (leader) => {
      if (leader === null) return
      const mine = partitions.filter((partition) => partition.leader === leader)
      const options = { timeoutMs: conversation.timeoutMs(leader) }
      const found = await listOffsets(cluster.client, mine, query, options)
      conversation.note(found.brokerErrors)
      for (const [topic, byPartition] of found.offsets) {
        for (const [partition, { offset }] of byPartition) {
          setByPartition(offsets, { topic, partition }, offset)
        }
      }
    }),
  )
  return offsets
}

/** Asked for all topics once a minute, and at once for a topic not seen before. */
async function readTopicSettings(
  cluster: Cluster,
  state: ClusterState,
  { memory, timeoutMs }: { memory: ReaderMemory; timeoutMs: number },
): Promise<ReadonlyMap<string, TopicSettings>> {
  const isDue = Date.now() - memory.settingsReadMs >= SETTINGS_EVERY_MS
  const names = state.topics.map((topic) => topic.name)
  const wanted = isDue ? names : names.filter((name) => !memory.topicSettings.has(name))
  if (wanted.length === 0) return memory.topicSettings
  try {
    const configNames = ['cleanup.policy', 'min.insync.replicas']
    const configs = await describeTopicConfigs(cluster.client, wanted, configNames, { timeoutMs })
    const next = isDue ? new Map<string, TopicSettings>() : new Map(memory.topicSettings)
    for (const [topic, values] of configs) {
      const min = Number(values.get('min.insync.replicas'))
      next.set(topic, {
        isCompacted: (values.get('cleanup.policy') ?? '').includes('compact'),
        minInsyncReplicas: Number.isInteger(min) && min > 0 ? min : null,
      })
    }
    memory.topicSettings = next
    if (isDue) memory.settingsReadMs = Date.now()
  } catch (error) {
    // What was read a minute ago serves until the next cycle asks again.
    if (memory.topicSettings.size === 0) console.error(`topic configs: ${messageOf(error)}`)
  }
  return memory.topicSettings
}
