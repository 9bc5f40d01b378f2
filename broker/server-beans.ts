// Beans of the process as a whole, under the names of Kafka's: state, controller, quorum, connections, groups, logs.
// Made once by broker-server.ts; values are read when asked for.

import type { BrokerLifecycle, BrokerState } from './controller/broker-lifecycle.ts'
import { type ControllerBeanSources, registerControllerBeans } from './controller-beans.ts'
import type { ClassicGroupCoordinator } from './coordinator/group/group-coordinator.ts'
import { registerGroupBeans } from './group-beans.ts'
import { registerCleanerBeans } from './log/cleaner/beans.ts'
import type { LogManager } from './log/log-manager.ts'
import type { Log } from './log/types.ts'
import { registerLogBeans } from './log-beans.ts'
import { ChannelMetrics } from './metrics/channel-metrics.ts'
import type { MetricsRegistry } from './metrics/types.ts'
import type { SocketListener } from './network/listener.ts'
import { registerNetworkBeans } from './network-beans.ts'
import { registerQuorumBeans } from './quorum-beans.ts'
import type { Clock } from './runtime/runtime.ts'

export interface ServerBeanSources extends ControllerBeanSources {
  clusterId: string
  lifecycle: BrokerLifecycle
  listeners: readonly SocketListener[]
  logs: LogManager
  metadataLog: { log: Log }
  groups: ClassicGroupCoordinator
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
  const { lifecycle, clusterId, logs, clock } = sources
  metrics.gauge('kafka.server:type=KafkaServer,name=BrokerState', () => STATES[lifecycle.state])
  metrics.gauge('kafka.server:type=KafkaServer,name=ClusterId', () => clusterId)
  metrics.gauge('kafka.server:type=ControllerServer,name=ClusterId', () => clusterId)
  registerControllerBeans(metrics, sources)
  registerQuorumBeans(metrics, sources.raft)
  const directories = logs.directories.map(({ path }) => path)
  registerCleanerBeans(metrics, logs.cleaner, { directories, nowMs: clock.nowMs })
  registerLogBeans(metrics, { logs, metadataLog: sources.metadataLog.log })
  const flushes = metrics.timer('kafka.log:type=LogFlushStats,name=LogFlushRateAndTimeMs', 'calls')
  logs.shared.flushed = (durationMs) => flushes.update(durationMs)
  registerGroupBeans(metrics, sources.groups)
  registerNetworkBeans(metrics, sources)
}

/** Connections of this broker to others, by what they are for. */
export interface Channels {
  raft: ChannelMetrics
  heartbeat: ChannelMetrics
  forwarding: ChannelMetrics
  addPartitions: ChannelMetrics
  markers: ChannelMetrics
}

export function openChannels(metrics: MetricsRegistry, clock: Clock, nodeId: number): Channels {
  const open = (bean: string): ChannelMetrics => {
    const channel = new ChannelMetrics(clock)
    metrics.sensors(`kafka.server:type=${bean}`, () => channel.attributes())
    return channel
  }
  return {
    raft: open('raft-channel-metrics'),
    heartbeat: open(`heartbeat-metrics,BrokerId=${nodeId}`),
    forwarding: open(`forwarding-metrics,BrokerId=${nodeId}`),
    addPartitions: open('AddPartitionsManager-channel-metrics'),
    markers: open('txn-marker-channel-metrics'),
  }
}
