import type { GroupItem } from '../../contracts/groups.ts'
import { twiceSeconds } from '../lag/heat-cells.ts'
import { rankOf } from '../lag/verdict.ts'
import type { Sample } from '../metrics/chunk.ts'
import { entityOf, type FieldName, topicKeyOf, WHOLE } from '../metrics/fields.ts'
import type { Cycle, EntitySamples } from '../metrics/journal.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import type { Inventory } from './inventory.ts'
import type { Reading } from './reading.ts'
import type { Traffic } from './topic-traffic.ts'

/** Everything of a reading that becomes a point of some series, all at the reading's one time. */
export function samplesOf(
  clusterId: string,
  reading: Reading,
  built: { inventory: Inventory; traffic: ReadonlyMap<string, Traffic>; messagesIn: number },
): Cycle {
  const entities: EntitySamples[] = []
  const add = (entity: string, family: EntitySamples['family'], samples: Sample[]): void => {
    if (samples.length > 0) entities.push({ entity, family, samples })
  }
  const sizes = new Map(built.inventory.topics.map((row) => [row.topicKey, row.item.sizeBytes]))
  for (const topic of reading.state.topics) {
    const key = topicKeyOf(topic)
    const entity = entityOf.topic(key)
    const sizeBytes = sizes.get(key) ?? null
    add(entity, 'log', [...topicLogSamples(reading, topic), ...whole({ sizeBytes })])
    add(entity, 'traffic', whole({ ...built.traffic.get(topic.name) }))
  }
  for (const group of built.inventory.groups) {
    for (const [topic, key] of Object.entries(group.detail.topicKeys)) {
      const samples = group.detail.partitions.flatMap(([name, sub, value]): Sample[] =>
        name === topic && value !== null ? [{ field: 'committedOffset', sub, value }] : [],
      )
      add(entityOf.groupTopic(group.item.id, key), 'offsets', samples)
    }
    add(entityOf.group(group.item.id), 'health', groupSamples(group.item))
  }
  for (const broker of built.inventory.brokers) {
    const metrics = reading.metrics.get(broker.id)
    const entity = entityOf.broker(broker.id)
    if (metrics !== undefined) add(entity, 'traffic', brokerTrafficSamples(metrics))
    const gauges = whole({
      leaders: broker.leaders,
      replicas: broker.replicas,
      diskBytes: broker.sizeBytes,
      underReplicated: broker.replicasOutOfSync,
      ...(metrics === undefined ? {} : brokerGauges(metrics)),
    })
    add(entity, 'health', gauges)
    for (const [family, figures] of metrics?.beans ?? []) {
      add(entity, family, beanSamples(figures))
    }
  }
  add(entityOf.cluster(), 'health', clusterSamples(built, reading.isGroupListComplete))
  return { clusterId, tMs: reading.tMs, entities }
}

function whole(values: Partial<Record<FieldName, number | null>>): Sample[] {
  return Object.entries(values).flatMap(([field, value]) =>
    // Safe because the parameter's keys are field names.
    value === null ? [] : [{ field: field as FieldName, sub: WHOLE, value }],
  )
}

function topicLogSamples(reading: Reading, topic: Reading['state']['topics'][number]): Sample[] {
  const samples: Sample[] = []
  const ends = reading.ends.get(topic.name)
  const starts = reading.logStarts.get(topic.name)
  for (const { partition: sub } of topic.partitions) {
    const end = ends?.get(sub)
    const start = starts?.get(sub)
    if (end !== undefined) samples.push({ field: 'logEndOffset', sub, value: end })
    if (start !== undefined) samples.push({ field: 'logStartOffset', sub, value: start })
  }
  return samples
}

function brokerTrafficSamples(metrics: BrokerMetrics): Sample[] {
  return whole({
    messagesIn: metrics.messagesIn,
    bytesIn: metrics.bytesIn,
    bytesOut: metrics.bytesOut,
    replicationBytesIn: metrics.replicationBytesIn,
    replicationBytesOut: metrics.replicationBytesOut,
    produceRequests: metrics.produceRequests,
    fetchRequests: metrics.fetchRequests,
    failedProduceRequests: metrics.failedProduceRequests,
    failedFetchRequests: metrics.failedFetchRequests,
    isrShrinks: metrics.isrShrinks,
    isrExpands: metrics.isrExpands,
  })
}

function brokerGauges(metrics: BrokerMetrics): Partial<Record<FieldName, number | null>> {
  const known = (count: number | null, p99Ms: number | null): number | null =>
    count === 0 ? null : p99Ms
  return {
    produceP99Ms: known(metrics.produceRequests, metrics.produceP99Ms),
    fetchP99Ms: known(metrics.fetchRequests, metrics.fetchP99Ms),
    fetchFollowerP99Ms: metrics.fetchFollowerP99Ms,
    heapUsedBytes: metrics.heapUsedBytes,
    residentBytes: metrics.residentBytes,
    uptimeMs: metrics.uptimeMs,
    eventLoopDelayMs: metrics.eventLoopDelayMs,
    cpuLoad: metrics.cpuLoad,
  }
}

/** For the heat map: what a group's page works out of offsets again, of a thousand at once. */
function groupSamples({ totalLag, lagTime, worst }: GroupItem): Sample[] {
  return whole({
    totalLag,
    lagTwiceSeconds: lagTime && twiceSeconds(lagTime),
    verdictRank: worst === null ? null : rankOf(worst.verdict),
  })
}

function beanSamples(
  figures: ReadonlyMap<number, { value: number; stored: 'counter' | 'gauge' }>,
): Sample[] {
  return Array.from(figures, ([sub, { value, stored }]) => ({
    field: stored === 'counter' ? 'beanCounter' : 'beanGauge',
    sub,
    value,
  }))
}

function clusterSamples(
  built: { inventory: Inventory; messagesIn: number },
  areGroupsComplete: boolean,
): Sample[] {
  const { snapshot, groups, topics } = built.inventory
  const sumKnown = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0)
  }
  return whole({
    messagesIn: built.messagesIn,
    // Less than all groups' lag is not the cluster's.
    totalLag: areGroupsComplete ? sumKnown(groups.map((group) => group.item.totalLag)) : null,
    sizeBytes: sumKnown(topics.map((topic) => topic.item.sizeBytes)),
    underReplicated: snapshot.partitionsUnderReplicated,
    offlinePartitions: snapshot.partitionsOffline,
    leaders: snapshot.partitions - snapshot.partitionsOffline,
    collectorUptimeMs: Math.round(process.uptime() * 1_000),
  })
}
