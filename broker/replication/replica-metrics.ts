// The replica manager's beans under Kafka's names: counts over all partitions, ISR meters, purgatories, and
// six gauges for each hosted partition.
import type { Bean, BeanSource, Meter, MetricsRegistry } from '../metrics/types.ts'
import type { HostedPartitions } from './hosted-partitions.ts'
import type { Partition } from './partition.ts'

const partitionCounts: Readonly<Record<string, (partition: Partition) => boolean>> = {
  LeaderCount: (partition) => partition.isLeader,
  UnderReplicatedPartitions: (partition) => partition.isUnderReplicated,
  UnderMinIsrPartitionCount: (partition) => partition.isUnderMinIsr,
  AtMinIsrPartitionCount: (partition) => partition.isAtMinIsr,
  OfflineReplicaCount: (partition) => partition.isOffline,
  ReassigningPartitions: (partition) => partition.isLeader && partition.state.isReassigning,
}

export interface ReplicaMeters {
  readonly expand: Meter
  readonly shrink: Meter
  readonly failed: Meter
  readonly consumerExpired: Meter
  readonly followerExpired: Meter
  readonly produceExpired: Meter
}

export function registerReplicaMetrics(
  metrics: MetricsRegistry,
  sources: {
    hosted: HostedPartitions
    /** Whether a transaction is open whose producer last wrote then should have ended. */
    isLate: (lastWriteMs: number) => boolean
    fetchers: { maxLagRecords: number; failedPartitionCount: number; minFetchRate: number }
    directories: { queuedCount: number }
    fetchPurgatory: { size: number }
    deletePurgatory: { size: number }
    gate: { delayedCount: number }
  },
): ReplicaMeters {
  const { hosted, fetchers: followers } = sources
  metrics.attach(partitionBeans(hosted))
  const manager = 'kafka.server:type=ReplicaManager,name='
  for (const [name, claims] of Object.entries(partitionCounts)) {
    metrics.gauge(`${manager}${name}`, () => countWhere(hosted, claims))
  }
  const hasLate = ({ log }: Partition) => {
    const lastWriteMs = log?.oldestTransactionMs ?? null
    return lastWriteMs !== null && sources.isLate(lastWriteMs)
  }
  metrics.gauge(`${manager}PartitionsWithLateTransactionsCount`, () => countWhere(hosted, hasLate))
  metrics.gauge(`${manager}PartitionCount`, () => hosted.count)
  metrics.gauge(`${manager}ProducerIdCount`, () => producerIdCount(hosted))

  const fetchers = 'kafka.server:type=ReplicaFetcherManager,name='
  metrics.gauge(`${fetchers}MaxLag,clientId=Replica`, () => followers.maxLagRecords)
  metrics.gauge(
    `${fetchers}FailedPartitionsCount,clientId=Replica`,
    () => followers.failedPartitionCount,
  )
  metrics.gauge(`${fetchers}MinFetchRate,clientId=Replica`, () => followers.minFetchRate)
  metrics.gauge(`${fetchers}DeadThreadCount,clientId=Replica`, () => 0)

  const assignments = 'kafka.server:type=AssignmentsManager,name='
  metrics.gauge(
    `${assignments}QueuedReplicaToDirAssignments`,
    () => sources.directories.queuedCount,
  )

  const purgatory = 'kafka.server:type=DelayedOperationPurgatory,name='
  for (const [operation, read] of [
    ['Fetch', () => sources.fetchPurgatory.size],
    ['Produce', () => sources.gate.delayedCount],
    ['DeleteRecords', () => sources.deletePurgatory.size],
  ] as const) {
    metrics.gauge(`${purgatory}PurgatorySize,delayedOperation=${operation}`, read)
    metrics.gauge(`${purgatory}NumDelayedOperations,delayedOperation=${operation}`, read)
  }

  const expires = 'kafka.server:type=DelayedFetchMetrics,name=ExpiresPerSec,fetcherType='
  return {
    expand: metrics.meter(`${manager}IsrExpandsPerSec`, 'expands'),
    shrink: metrics.meter(`${manager}IsrShrinksPerSec`, 'shrinks'),
    failed: metrics.meter(`${manager}FailedIsrUpdatesPerSec`, 'failedUpdates'),
    consumerExpired: metrics.meter(`${expires}consumer`, 'requests'),
    followerExpired: metrics.meter(`${expires}follower`, 'requests'),
    produceExpired: metrics.meter(
      'kafka.server:type=DelayedProduceMetrics,name=ExpiresPerSec',
      'requests',
    ),
  }
}

const partitionGauges: Readonly<Record<string, (partition: Partition) => number>> = {
  UnderReplicated: (partition) => (partition.isUnderReplicated ? 1 : 0),
  InSyncReplicasCount: (partition) => (partition.isLeader ? partition.isr.length : 0),
  UnderMinIsr: (partition) => (partition.isUnderMinIsr ? 1 : 0),
  AtMinIsr: (partition) => (partition.isAtMinIsr ? 1 : 0),
  ReplicasCount: (partition) => (partition.isLeader ? partition.state.replicationFactor : 0),
  LastStableOffsetLag: ({ log }) =>
    log === null ? 0 : Math.max(0, log.highWatermark - log.lastStableOffset),
}

const PARTITION_BEAN = /^kafka\.cluster:name=([^,]+),partition=(\d+),topic=(.+),type=Partition$/

/** Made when asked for: a broker may host ten thousand partitions. */
function partitionBeans(hosted: HostedPartitions): BeanSource {
  const beanOf = (gauge: string, partition: Partition): Bean | null => {
    const read = partitionGauges[gauge]
    if (read === undefined) return null
    const keys = `name=${gauge},partition=${partition.partition},topic=${partition.topic}`
    const name = `kafka.cluster:${keys},type=Partition`
    return { name, kind: 'gauge', read: () => ({ Value: read(partition) }) }
  }
  return {
    type: 'Partition',
    isPerPartition: true,
    find(name) {
      const [, gauge, partition, topic] = PARTITION_BEAN.exec(name) ?? []
      if (gauge === undefined || topic === undefined) return null
      const found = hosted.get({ topic, partition: Number(partition) })
      return found === null ? null : beanOf(gauge, found)
    },
    *beans() {
      for (const partition of hosted.all()) {
        for (const gauge of Object.keys(partitionGauges)) {
          const bean = beanOf(gauge, partition)
          if (bean !== null) yield bean
        }
      }
    },
  }
}

function countWhere(hosted: HostedPartitions, claims: (partition: Partition) => boolean): number {
  let count = 0
  for (const partition of hosted.all()) if (claims(partition)) count += 1
  return count
}

function producerIdCount(hosted: HostedPartitions): number {
  let count = 0
  for (const { log } of hosted.all()) count += log?.activeProducers().length ?? 0
  return count
}
