import type { Cluster } from '../clusters/registry.ts'
import type { BrokerItemRow } from '../clusters/snapshot.ts'
import type { BrokerNode } from '../kafka/types.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import type { RateTracker } from './rates.ts'
import type { Reading } from './reading.ts'

interface Known {
  readonly cluster: Cluster
  readonly previous: readonly BrokerItemRow[]
  readonly rates: RateTracker
}

interface Share {
  leaders: number
  preferredLeaders: number
  replicas: number
  replicasOutOfSync: number
}

/**
 * Every broker there is reason to believe in: live, fenced, named as a replica, or one of our own
 * processes. One that is gone for good from all of these is left out.
 */
export function describeBrokers(reading: Reading, known: Known): BrokerItemRow[] {
  const shares = sharesOf(reading)
  const live = new Map(reading.state.brokers.map((broker) => [broker.id, broker] as const))
  const fenced = new Map(reading.fenced.map((broker) => [broker.id, broker] as const))
  const previous = new Map(known.previous.map((broker) => [broker.id, broker] as const))
  const ids = new Set([
    ...live.keys(),
    ...fenced.keys(),
    ...shares.keys(),
    ...known.cluster.metrics.knownBrokers,
  ])
  return [...ids]
    .sort((a, b) => a - b)
    .map((id) => {
      const node = live.get(id) ?? fenced.get(id) ?? null
      const isOnline = live.has(id) && !fenced.has(id)
      return describeBroker(reading, known, {
        id,
        node,
        isOnline,
        isFenced: fenced.has(id),
        share: shares.get(id) ?? noShare(),
        before: previous.get(id) ?? null,
      })
    })
}

interface Facts {
  readonly id: number
  readonly node: BrokerNode | null
  readonly isOnline: boolean
  readonly isFenced: boolean
  readonly share: Share
  readonly before: BrokerItemRow | null
}

function describeBroker(reading: Reading, known: Known, facts: Facts): BrokerItemRow {
  const { id, node, isOnline, before } = facts
  const { tMs } = reading
  const metrics = reading.metrics.get(id) ?? null
  const dirs = reading.logDirs.get(id)
  const rate = (field: 'messagesIn' | 'bytesIn' | 'bytesOut'): number | null => {
    const value = metrics?.[field]
    if (value === undefined || value === null) return null
    return known.rates.observe(`b:${id}:${field}`, tMs, [[0, value]])
  }
  const logDirs =
    dirs?.map((dir) => ({
      path: dir.path,
      error: dir.error,
      totalBytes: dir.totalBytes,
      usableBytes: dir.usableBytes,
      sizeBytes: dir.replicas.reduce((sum, replica) => sum + replica.sizeBytes, 0),
      replicas: dir.replicas.length,
    })) ??
    before?.logDirs ??
    []
  return {
    id,
    host: node?.host ?? before?.host ?? '',
    port: node?.port ?? before?.port ?? 0,
    rack: node?.rack ?? before?.rack ?? null,
    isOnline,
    isFenced: facts.isFenced,
    isController: reading.controllerId === id,
    ...facts.share,
    sizeBytes:
      dirs === undefined
        ? (before?.sizeBytes ?? null)
        : logDirs.reduce((sum, dir) => sum + dir.sizeBytes, 0),
    version: metrics?.version ?? before?.version ?? null,
    startedAt: isOnline ? (metrics?.startedAtMs ?? null) : null,
    uptimeMs: isOnline ? (metrics?.uptimeMs ?? null) : null,
    messagesInRate: rate('messagesIn'),
    bytesInRate: rate('bytesIn'),
    bytesOutRate: rate('bytesOut'),
    produceP99Ms: p99Of(metrics, 'produce'),
    fetchP99Ms: p99Of(metrics, 'fetch'),
    memoryUsedBytes: metrics?.residentBytes ?? metrics?.heapUsedBytes ?? null,
    metricsMissing: metricsMissing(known.cluster, metrics, facts),
    offlineSince: isOnline ? null : (before?.offlineSince ?? tMs),
    logDirs,
  }
}

/** Before the first request there is no latency: Kafka's histogram says 0. */
function p99Of(metrics: BrokerMetrics | null, request: 'produce' | 'fetch'): number | null {
  const count = request === 'produce' ? metrics?.produceRequests : metrics?.fetchRequests
  if (count === 0) return null
  return (request === 'produce' ? metrics?.produceP99Ms : metrics?.fetchP99Ms) ?? null
}

function metricsMissing(
  cluster: Cluster,
  metrics: BrokerMetrics | null,
  facts: Facts,
): string | null {
  if (metrics !== null) return null
  if (!facts.isOnline) return 'offline'
  return cluster.metrics.kind === 'none' ? 'no-jmx' : 'no-answer'
}

function noShare(): Share {
  return { leaders: 0, preferredLeaders: 0, replicas: 0, replicasOutOfSync: 0 }
}

function sharesOf(reading: Reading): Map<number, Share> {
  const shares = new Map<number, Share>()
  const shareOf = (id: number): Share => {
    const share = shares.get(id) ?? noShare()
    shares.set(id, share)
    return share
  }
  for (const { leader, replicas, isr } of reading.state.topics.flatMap((t) => t.partitions)) {
    if (leader !== null) shareOf(leader).leaders++
    for (const [index, id] of replicas.entries()) {
      const share = shareOf(id)
      share.replicas++
      if (index === 0) share.preferredLeaders++
      if (!isr.includes(id)) share.replicasOutOfSync++
    }
  }
  return shares
}
