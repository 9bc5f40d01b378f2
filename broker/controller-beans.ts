// Beans of the controller and of the metadata that every process follows, under Kafka's names. Made once by
// server-beans.ts; values are read when asked for.
import type { ControllerMeasures } from './controller/controller-measures.ts'
import type { ControllerNode } from './controller/controller-node.ts'
import { METADATA_VERSION_FEATURE, supportedFeatures } from './metadata/bootstrap.ts'
import type { BrokerImage, MetadataDelta, PartitionImage } from './metadata/image-types.ts'
import type { MetadataPublisher } from './metadata/publisher.ts'
import { Sensor } from './metrics/sensor.ts'
import type { Bean, BeanSource, MetricsRegistry } from './metrics/types.ts'
import type { RaftNode } from './raft/driver.ts'
import type { Clock } from './runtime/runtime.ts'

const CONTROLLER = 'kafka.controller:type=KafkaController,name='
const LOADER = 'kafka.server:type=MetadataLoader,name='

export interface ControllerBeanSources {
  publisher: MetadataPublisher
  raft: RaftNode
  controller: ControllerNode
  measures: ControllerMeasures
  clock: Clock
  hasStaticVoters: boolean
}

export function registerControllerBeans(
  metrics: MetricsRegistry,
  sources: ControllerBeanSources,
): void {
  const { controller, publisher, raft, measures, clock } = sources
  const { statistics } = publisher
  const gauge = (name: string, read: () => number) => metrics.gauge(`${CONTROLLER}${name}`, read)
  const countBrokers = (isCounted: (broker: BrokerImage) => boolean) => () =>
    [...publisher.image.brokers.values()].filter(isCounted).length
  gauge('ActiveControllerCount', () => (controller.isActive ? 1 : 0))
  gauge(
    'ActiveBrokerCount',
    countBrokers(({ isFenced }) => !isFenced),
  )
  gauge(
    'FencedBrokerCount',
    countBrokers(({ isFenced }) => isFenced),
  )
  gauge(
    'ControlledShutdownBrokerCount',
    countBrokers(({ inControlledShutdown }) => inControlledShutdown),
  )
  gauge('GlobalTopicCount', () => publisher.image.topicsByName.size)
  const countPartitions = (isCounted: (partition: PartitionImage) => boolean) => () =>
    partitionCount(publisher, isCounted)
  gauge(
    'GlobalPartitionCount',
    countPartitions(() => true),
  )
  gauge(
    'OfflinePartitionsCount',
    countPartitions(({ leader }) => leader < 0),
  )
  gauge(
    'PreferredReplicaImbalanceCount',
    countPartitions(({ leader, replicas }) => leader !== replicas[0]),
  )
  gauge('EventQueueOperationsStartedCount', () => measures.operationsStarted)
  gauge('EventQueueOperationsTimedOutCount', () => measures.operationsTimedOut)
  gauge('IgnoredStaticVoters', () => ignoredStaticVoters(sources))
  const lagMs = () =>
    statistics.lastTimestampMs === 0 ? 0 : Math.max(0, clock.nowMs() - statistics.lastTimestampMs)
  gauge('LastAppliedRecordLagMs', () => (controller.isActive ? 0 : lagMs()))
  gauge('LastAppliedRecordOffset', () => publisher.appliedOffset)
  gauge('LastAppliedRecordTimestamp', () => statistics.lastTimestampMs)
  gauge('LastCommittedRecordOffset', () => raft.highWatermark - 1)
  gauge('MetadataErrorCount', () => statistics.applyErrors)
  gauge('NewActiveControllersCount', () => measures.terms)
  gauge('TimedOutBrokerHeartbeatCount', () => measures.sessionsTimedOut)
  metrics.attach(brokerBeans(sources))
  publisher.subscribe('controller-beans', (delta) => markElections(delta, measures))
  metrics.sensors('kafka.server:type=broker-metadata-metrics', () => ({
    'ignored-static-voters': ignoredStaticVoters(sources),
    'last-applied-record-lag-ms': lagMs(),
    'last-applied-record-offset': publisher.appliedOffset,
    'last-applied-record-timestamp': statistics.lastTimestampMs,
    'metadata-apply-error-count': statistics.applyErrors,
  }))
  const emitter = 'kafka.server:type=SnapshotEmitter,name='
  metrics.gauge(`${emitter}LatestSnapshotGeneratedAgeMs`, () =>
    Math.round(clock.monotonicMs() - statistics.lastSnapshotMs),
  )
  metrics.gauge(`${emitter}LatestSnapshotGeneratedBytes`, () => statistics.lastSnapshotBytes)
  registerFeatureBeans(metrics, sources)
}

function registerFeatureBeans(metrics: MetricsRegistry, sources: ControllerBeanSources): void {
  const { publisher, raft } = sources
  metrics.gauge(`${LOADER}HandleLoadSnapshotCount`, () => publisher.statistics.snapshotsLoaded)
  metrics.gauge(`${LOADER}CurrentControllerId`, () => raft.leaderAndEpoch.leaderId ?? -1)
  const levelOf = (feature: string) => () => publisher.image.features.get(feature) ?? 0
  metrics.gauge(`${LOADER}CurrentMetadataVersion`, levelOf(METADATA_VERSION_FEATURE))
  for (const [feature, { minVersion, maxVersion }] of supportedFeatures) {
    const label = `feature-name=${feature.replace(/\./g, '-')}`
    metrics.sensors(`kafka.server:type=node-metrics,${label}`, () => ({
      'maximum-supported-level': maxVersion,
      'minimum-supported-level': minVersion,
    }))
    // The level of kraft.version is the quorum's, not the metadata's.
    if (feature === 'kraft.version') continue
    const camelCase = feature.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase())
    metrics.gauge(`${LOADER}FinalizedLevel,featureName=${camelCase}`, levelOf(feature))
  }
}

/** What a publisher tells of its batches, as beans; made before the publisher is. */
export function metadataMeter(metrics: MetricsRegistry, clock: Clock) {
  const listener = 'kafka.server:type=BrokerMetadataListener,name='
  const timeUs = metrics.histogram(`${listener}MetadataBatchProcessingTimeUs`)
  const sizes = metrics.histogram(`${listener}MetadataBatchSizes`)
  const busyMs = new Sensor(clock)
  metrics.gauge(`${LOADER}AvgIdleRatio`, () => Math.max(0, 1 - busyMs.rate() / 1000))
  return {
    batch(recordCount: number, durationMs: number): void {
      timeUs.update(durationMs * 1000)
      sizes.update(recordCount)
      busyMs.record(durationMs)
    },
  }
}

function ignoredStaticVoters({ raft, hasStaticVoters }: ControllerBeanSources): number {
  return hasStaticVoters && raft.kraftVersion > 0 ? 1 : 0
}

function partitionCount(
  publisher: MetadataPublisher,
  isCounted: (partition: PartitionImage) => boolean,
): number {
  let count = 0
  for (const topic of publisher.image.topicsByName.values()) {
    for (const partition of topic.partitions) if (isCounted(partition)) count += 1
  }
  return count
}

/** A leader that was not in sync: from the eligible ones, or at the price of data. */
function markElections(delta: MetadataDelta, measures: ControllerMeasures): void {
  for (const name of delta.changedTopics) {
    const before = delta.previous.topicsByName.get(name)?.partitions ?? []
    for (const { partition, leader } of delta.image.topicsByName.get(name)?.partitions ?? []) {
      const old = before[partition]
      if (old === undefined || leader < 0 || leader === old.leader) continue
      if (old.isr.includes(leader)) continue
      measures.leaderElected(old.elr.includes(leader) ? 'elr' : 'unclean')
    }
  }
}

/** As Kafka numbers them; a broker that is not registered has no bean. */
function registrationState({ isFenced, inControlledShutdown }: BrokerImage): number {
  if (isFenced) return 10
  return inControlledShutdown ? 20 : 30
}

/** One bean a broker for its registration and, at the active controller, for when it was heard last. */
function brokerBeans({ publisher, controller }: ControllerBeanSources): BeanSource {
  const bean = (id: number, name: string, read: () => number): Bean => ({
    name: `kafka.controller:broker=${id},name=${name},type=KafkaController`,
    kind: 'gauge',
    read: () => ({ Value: read() }),
  })
  function* beans(): Generator<Bean> {
    const ages = controller.heartbeatAgesMs()
    for (const broker of publisher.image.brokers.values()) {
      yield bean(broker.id, 'BrokerRegistrationState', () => registrationState(broker))
      const ageMs = ages.get(broker.id)
      if (ageMs === undefined) continue
      yield bean(broker.id, 'TimeSinceLastHeartbeatReceivedMs', () => Math.round(ageMs))
    }
  }
  return {
    type: 'KafkaController',
    beans,
    find(name) {
      if (!name.startsWith('kafka.controller:broker=')) return null
      for (const each of beans()) if (each.name === name) return each
      return null
    },
  }
}
