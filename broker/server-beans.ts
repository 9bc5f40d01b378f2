// Gauges of the process as a whole, under the names of Kafka's beans: state, controller, quorum, connections. Made
// once by broker-server.ts; values are read when asked for.
import type { BrokerLifecycle, BrokerState } from './controller/broker-lifecycle.ts'
import type { ControllerNode } from './controller/controller-node.ts'
import { registerCleanerBeans } from './log/cleaner/beans.ts'
import type { LogManager } from './log/log-manager.ts'
import type { MetadataPublisher } from './metadata/publisher.ts'
import type { MetricsRegistry } from './metrics/types.ts'
import type { SocketListener } from './network/listener.ts'
import type { RaftNode } from './raft/driver.ts'

export interface ServerBeanSources {
  nodeId: number
  clusterId: string
  publisher: MetadataPublisher
  raft: RaftNode
  controller: ControllerNode
  lifecycle: BrokerLifecycle
  listeners: readonly SocketListener[]
  logs: LogManager
  nowMs: () => number
}

/** As Kafka's BrokerState numbers them. */
const STATES: Readonly<Record<BrokerState, number>> = {
  starting: 1,
  recovery: 2,
  running: 3,
  'pending shutdown': 6,
  stopped: 7,
}

export function registerServerBeans(metrics: MetricsRegistry, sources: ServerBeanSources): void {
  const { lifecycle, clusterId } = sources
  metrics.gauge('kafka.server:type=KafkaServer,name=BrokerState', () => STATES[lifecycle.state])
  metrics.gauge('kafka.server:type=KafkaServer,name=ClusterId', () => clusterId)
  registerControllerBeans(metrics, sources)
  registerQuorumBeans(metrics, sources)
  const directories = sources.logs.directories.map(({ path }) => path)
  registerCleanerBeans(metrics, sources.logs.cleaner, { directories, nowMs: sources.nowMs })
  for (const listener of sources.listeners) {
    const labels = `listener=${listener.name},networkProcessor=0`
    metrics.attributes(`kafka.server:type=socket-server-metrics,${labels}`, () => ({
      'connection-count': listener.connectionCount,
    }))
  }
}

function registerControllerBeans(metrics: MetricsRegistry, sources: ServerBeanSources): void {
  const { controller, publisher } = sources
  const gauge = (name: string, read: () => number) =>
    metrics.gauge(`kafka.controller:type=KafkaController,name=${name}`, read)
  const brokers = () => [...publisher.image.brokers.values()]
  gauge('ActiveControllerCount', () => (controller.isActive ? 1 : 0))
  gauge('ActiveBrokerCount', () => brokers().filter(({ isFenced }) => !isFenced).length)
  gauge('FencedBrokerCount', () => brokers().filter(({ isFenced }) => isFenced).length)
  gauge('GlobalTopicCount', () => publisher.image.topicsByName.size)
  gauge('GlobalPartitionCount', () => countPartitions(publisher, () => true))
  gauge('OfflinePartitionsCount', () => countPartitions(publisher, ({ leader }) => leader < 0))
  gauge('PreferredReplicaImbalanceCount', () =>
    countPartitions(publisher, ({ leader, replicas }) => leader !== replicas[0]),
  )
  gauge('LastAppliedRecordOffset', () => publisher.appliedOffset)
}

function countPartitions(
  publisher: MetadataPublisher,
  isCounted: (partition: { leader: number; replicas: readonly number[] }) => boolean,
): number {
  let count = 0
  for (const topic of publisher.image.topicsByName.values()) {
    for (const partition of topic.partitions) if (isCounted(partition)) count += 1
  }
  return count
}

function registerQuorumBeans(metrics: MetricsRegistry, sources: ServerBeanSources): void {
  const { raft, nodeId } = sources
  metrics.attributes('kafka.server:type=raft-metrics', () => {
    const { leaderId, epoch } = raft.leaderAndEpoch
    const followerState = leaderId === null ? 'candidate' : 'follower'
    return {
      'current-state': leaderId === nodeId ? 'leader' : followerState,
      'current-leader': leaderId ?? -1,
      'current-epoch': epoch,
      'high-watermark': raft.highWatermark,
      'log-end-offset': raft.logEndOffset,
    }
  })
}
