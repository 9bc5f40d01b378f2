import type { GroupItem } from '../../contracts/groups.ts'
import type { TopicItem } from '../../contracts/topics.ts'
import type { Cluster } from '../clusters/registry.ts'
import type {
  BrokerItemRow,
  ClusterSnapshot,
  GroupDetailRow,
  PackedPartition,
  TopicDetailRow,
} from '../clusters/snapshot.ts'
import {
  drainMsOf,
  groupMembersOf,
  groupPartitionsOf,
  groupStateOf,
  totalLagOf,
} from '../groups/group-item.ts'
import type { TopicState } from '../kafka/types.ts'
import { packedLags, UNKNOWN_GROUP_LAG } from '../lag/packed.ts'
import { LagTracker, type TrackedGroup, type TrackedLag } from '../lag/tracker.ts'
import { topicKeyOf } from '../metrics/fields.ts'
import { countOneCopyLeft, isrHealthOf } from '../topics/isr-health.ts'
import { describeBrokers } from './broker-inventory.ts'
import { RateTracker, TrendTracker } from './rates.ts'
import type { GroupReading, Reading } from './reading.ts'

export interface TopicRow {
  readonly topicKey: string
  readonly item: TopicItem
  readonly detail: TopicDetailRow
}

export interface GroupRow {
  readonly item: GroupItem
  readonly detail: GroupDetailRow
}

export interface Inventory {
  readonly snapshot: ClusterSnapshot
  readonly topics: readonly TopicRow[]
  readonly groups: readonly GroupRow[]
  readonly brokers: readonly BrokerItemRow[]
}

interface ReplicaFacts {
  readonly sizeBytes: number
  readonly lag: number
}

/** broker → topic → partition */
type ReplicaSizes = Map<number, Map<string, Map<number, ReplicaFacts>>>

/**
 * What turns readings into inventory over time: last known sizes, rates, who was controller since
 * when.
 */
export class InventoryBuilder {
  readonly #cluster: Cluster
  readonly #rates = new RateTracker()
  readonly #trends = new TrendTracker()
  readonly lags = new LagTracker()
  /** Of brokers that are down: what they said last. */
  readonly #sizes: ReplicaSizes = new Map()
  #brokers: readonly BrokerItemRow[]
  #snapshot: ClusterSnapshot | null
  #groupKeys: Map<string, Readonly<Record<string, string>>>

  constructor(
    cluster: Cluster,
    known: {
      brokers: readonly BrokerItemRow[]
      snapshot: ClusterSnapshot | null
      groupKeys: Map<string, Readonly<Record<string, string>>>
    },
  ) {
    this.#cluster = cluster
    this.#brokers = known.brokers
    this.#snapshot = known.snapshot
    this.#groupKeys = known.groupKeys
  }

  build(reading: Reading, intervalMs: number): Inventory {
    this.#takeSizes(reading)
    const topics = reading.state.topics.map((topic) => this.#topicRow(reading, topic))
    const keys = new Map(reading.state.topics.map((t) => [t.name, topicKeyOf(t)] as const))
    const tracked = this.groupsOf(reading)
    const names = new Map([...keys].map(([name, key]) => [key, name] as const))
    const lags = this.lags.observe({
      tMs: reading.tMs,
      groups: tracked,
      endsOf: (topicKey) => reading.ends.get(names.get(topicKey) ?? ''),
    })
    const groups = tracked.map((group) => this.#groupRow(reading, group, lags.get(group.groupId)))
    const brokers = describeBrokers(reading, {
      cluster: this.#cluster,
      previous: this.#brokers,
      rates: this.#rates,
    })
    this.#brokers = brokers
    const snapshot = this.#clusterSnapshot(reading, { topics, groups, brokers, intervalMs })
    this.#snapshot = snapshot
    this.#rates.forgetOlderThan(reading.tMs)
    return { snapshot, topics, groups, brokers }
  }

  /** Groups whose coordinator answered: of the others the row of the last cycle says more. */
  groupsOf(reading: Reading): (TrackedGroup & { readonly reading: GroupReading })[] {
    const keys = new Map(reading.state.topics.map((t) => [t.name, topicKeyOf(t)] as const))
    return reading.groups.flatMap((group) => {
      const { description, offsets } = group
      if (offsets === null) return []
      const { groupId } = description
      const partitions = groupPartitionsOf(description, offsets, reading)
      const topicKeys: Record<string, string> = { ...this.#groupKeys.get(groupId) }
      for (const topic of new Set(partitions.map(([name]) => name))) {
        const key = keys.get(topic)
        if (key !== undefined) topicKeys[topic] = key
      }
      this.#groupKeys.set(groupId, topicKeys)
      return [{ groupId, partitions, topicKeys, reading: group }]
    })
  }

  #takeSizes(reading: Reading): void {
    for (const [brokerId, dirs] of reading.logDirs) {
      const byTopic = new Map<string, Map<number, ReplicaFacts>>()
      for (const replica of dirs.flatMap((dir) => dir.replicas)) {
        const byPartition = byTopic.get(replica.topic) ?? new Map<number, ReplicaFacts>()
        const { sizeBytes, offsetLag } = replica
        byPartition.set(replica.partition, { sizeBytes, lag: Math.max(0, offsetLag) })
        byTopic.set(replica.topic, byPartition)
      }
      this.#sizes.set(brokerId, byTopic)
    }
  }

  #topicRow(reading: Reading, topic: TopicState): TopicRow {
    const topicKey = topicKeyOf(topic)
    const settings = reading.topicSettings.get(topic.name)
    const starts = reading.logStarts.get(topic.name)
    const ends = reading.ends.get(topic.name)
    const partitions = topic.partitions.map((partition): PackedPartition => {
      const { leader, replicas } = partition
      const facts = (brokerId: number): ReplicaFacts | undefined =>
        this.#sizes.get(brokerId)?.get(topic.name)?.get(partition.partition)
      return [
        partition.partition,
        leader ?? -1,
        partition.leaderEpoch,
        replicas,
        partition.isr,
        partition.offline,
        starts?.get(partition.partition) ?? null,
        ends?.get(partition.partition) ?? null,
        leader === null ? null : (facts(leader)?.sizeBytes ?? null),
        replicas.map((id) => (reading.logDirs.has(id) ? (facts(id)?.lag ?? null) : null)),
      ]
    })
    const minInsyncReplicas = settings?.minInsyncReplicas ?? null
    const item: TopicItem = {
      name: topic.name,
      id: topic.topicId,
      isInternal: topic.isInternal,
      partitions: topic.partitions.length,
      replicationFactor: topic.partitions[0]?.replicas.length ?? 0,
      isr: isrHealthOf(topic.partitions, minInsyncReplicas),
      offsetSpan: offsetSpanOf(partitions),
      isCompacted: settings?.isCompacted ?? false,
      sizeBytes: this.#topicSize(topic),
      ...this.#topicRates(reading, topic, topicKey),
    }
    return { topicKey, item, detail: { minInsyncReplicas, partitions } }
  }

  #topicSize(topic: TopicState): number | null {
    let total: number | null = null
    for (const { partition, replicas } of topic.partitions) {
      for (const brokerId of replicas) {
        const facts = this.#sizes.get(brokerId)?.get(topic.name)?.get(partition)
        if (facts !== undefined) total = (total ?? 0) + facts.sizeBytes
      }
    }
    return total
  }

  #topicRates(
    reading: Reading,
    topic: TopicState,
    topicKey: string,
  ): Pick<TopicItem, 'messagesInRate' | 'bytesInRate' | 'bytesOutRate'> {
    const traffic = (field: 'bytesIn' | 'bytesOut') => {
      const counters: [number, number][] = []
      for (const [brokerId, metrics] of reading.metrics) {
        const value = metrics.topics.get(topic.name)?.[field]
        if (value !== undefined && value !== null) counters.push([brokerId, value])
        // A broker that never moved a byte of it has no MBean for it: that is a zero.
        else counters.push([brokerId, 0])
      }
      return counters
    }
    const ends = reading.ends.get(topic.name) ?? new Map<number, number>()
    const { tMs } = reading
    return {
      messagesInRate: this.#rates.observe(`t:${topicKey}:messages`, tMs, ends),
      bytesInRate: this.#rates.observe(`t:${topicKey}:in`, tMs, traffic('bytesIn')),
      bytesOutRate: this.#rates.observe(`t:${topicKey}:out`, tMs, traffic('bytesOut')),
    }
  }

  #groupRow(
    reading: Reading,
    group: TrackedGroup & { readonly reading: GroupReading },
    lag: TrackedLag | undefined,
  ): GroupRow {
    const { groupId, partitions, topicKeys } = group
    const { description, coordinator } = group.reading
    const totalLag = totalLagOf(partitions)
    const lagGrowthRate = this.#trends.observe(groupId, reading.tMs, totalLag)
    const item: GroupItem = {
      id: groupId,
      state: groupStateOf(description.state),
      protocolType: description.protocolType,
      protocol: description.protocol,
      coordinator,
      members: description.members.length,
      topics: [...new Set(partitions.map(([topic]) => topic))],
      totalLag,
      lagGrowthRate,
      drainMs: drainMsOf(totalLag, lagGrowthRate),
      ...(lag?.group ?? UNKNOWN_GROUP_LAG),
    }
    const memberDetails = groupMembersOf(description)
    const lags = lag === undefined ? [] : packedLags(lag)
    return { item, detail: { memberDetails, topicKeys, partitions, lags } }
  }

  #clusterSnapshot(
    reading: Reading,
    built: {
      topics: readonly TopicRow[]
      groups: readonly GroupRow[]
      brokers: readonly BrokerItemRow[]
      intervalMs: number
    },
  ): ClusterSnapshot {
    const sum = (count: (row: TopicRow) => number): number =>
      built.topics.reduce((total, row) => total + count(row), 0)
    const { controllerId } = reading
    const before = this.#snapshot
    // Elected again, a controller begins anew. An epoch that is not told says nothing.
    const epochBefore = before?.quorum?.leaderEpoch ?? reading.quorum?.leaderEpoch
    const isSameEpoch = reading.quorum == null || reading.quorum.leaderEpoch === epochBefore
    const isSame = before !== null && before.controllerId === controllerId && isSameEpoch
    const rates = built.topics
      .filter((row) => !row.item.isInternal && row.item.messagesInRate !== null)
      .map((row) => row.item.messagesInRate ?? 0)
    return {
      kafkaClusterId: reading.state.kafkaClusterId,
      mode:
        reading.quorum === undefined ? 'unknown' : reading.quorum === null ? 'zookeeper' : 'kraft',
      controllerId,
      controllerSinceMs: isSame ? before.controllerSinceMs : reading.tMs,
      brokersOnline: built.brokers.filter((broker) => broker.isOnline).length,
      brokersTotal: built.brokers.length,
      topics: built.topics.length,
      partitions: sum((row) => row.item.partitions),
      // Where not all could be asked, those that did not answer are as they were.
      groups: reading.isGroupListComplete
        ? built.groups.length
        : Math.max(built.groups.length, before?.groups ?? 0),
      partitionsUnderReplicated: sum((row) => row.item.isr.partitionsUnderReplicated),
      partitionsUnderMinIsr: sum((row) => row.item.isr.partitionsUnderMinIsr),
      partitionsOffline: sum((row) => row.item.isr.partitionsOffline),
      partitionsNotPreferred: sum((row) => row.item.isr.partitionsNotPreferred),
      partitionsOneCopyLeft: reading.state.topics.reduce(
        (total, topic) => total + countOneCopyLeft(topic.partitions),
        0,
      ),
      messagesInRate: rates.length === 0 ? null : rates.reduce((a, b) => a + b, 0),
      version: built.brokers.find((broker) => broker.version !== null)?.version ?? null,
      hasJmx: this.#cluster.metrics.kind !== 'none',
      intervalMs: built.intervalMs,
      quorum: reading.quorum ? { ...reading.quorum, nodes: [...reading.quorum.nodes] } : null,
    }
  }
}

/** Null while an offset of some partition is not known. */
function offsetSpanOf(partitions: readonly PackedPartition[]): number | null {
  let span = 0
  for (const [, , , , , , logStart, highWatermark] of partitions) {
    if (logStart === null || highWatermark === null) return null
    span += Math.max(0, highWatermark - logStart)
  }
  return span
}
