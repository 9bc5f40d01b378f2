// What each module is told of server.properties: one place where Kafka's names meet the modules' own settings.
// Called by broker-server.ts once, at start. Pure.
import type { BrokerConfig } from './config.ts'
import type { ControllerNodeSettings } from './controller/controller-node.ts'
import { defaultControllerNodeSettings } from './controller/controller-node.ts'
import { defaultFailureDetectorSettings } from './controller/failure-detector.ts'
import type { GroupCoordinatorSettings } from './coordinator/group/group-coordinator.ts'
import { defaultLogManagerSettings, type LogManagerSettings } from './log/log-manager.ts'
import type { LogConfig } from './log/types.ts'
import { defaultListenerSettings, type ListenerSettings } from './network/listener.ts'
import { defaultRaftSettings, type RaftSettings } from './raft/settings.ts'
import {
  defaultReplicationSettings,
  type ReplicationSettings,
} from './replication/replica-manager.ts'

/** Who this process is, once its data directories have been looked at. */
export interface NodeIdentity {
  clusterId: string
  /** directory.id of the metadata log's directory. */
  metadataDirectoryId: string
}

export function logSettings(
  config: BrokerConfig,
  clusterId: string,
  defaultConfig: LogConfig,
): LogManagerSettings {
  return {
    ...defaultLogManagerSettings,
    directories: config.logDirs,
    clusterId,
    nodeId: config.nodeId,
    defaultConfig,
    retentionCheckIntervalMs: config.logRetentionCheckIntervalMs,
    checkpointIntervalMs: config.logFlushOffsetCheckpointIntervalMs,
    startOffsetCheckpointIntervalMs: config.logFlushStartOffsetCheckpointIntervalMs,
    highWatermarkCheckpointIntervalMs: config.replicaHighWatermarkCheckpointIntervalMs,
    flushCheckIntervalMs: config.logFlushSchedulerIntervalMs,
    producerIdExpirationMs: config.producerIdExpirationMs,
    producerIdCheckIntervalMs: config.producerIdExpirationCheckIntervalMs,
    initialTaskDelayMs: config.logInitialTaskDelayMs,
    recoveryThreadsPerDirectory: config.numRecoveryThreadsPerDataDir,
    tailRingBytes: config.tailCacheBytes,
  }
}

export function raftSettings(config: BrokerConfig, identity: NodeIdentity): RaftSettings {
  return {
    ...defaultRaftSettings,
    nodeId: config.nodeId,
    clusterId: identity.clusterId,
    directoryId: identity.metadataDirectoryId,
    voters: new Map(config.voters.map(({ id, host, port }) => [id, { host, port }])),
    bootstrapServers: config.bootstrapServers,
    // Where voters are listed, that is what all of them agree on.
    ownEndpoints: config.voters.length > 0 ? [] : config.advertisedControllerListeners,
    joinsByItself: config.controllerQuorumAutoJoinEnable,
    listenerName: config.controllerListenerNames[0] ?? 'CONTROLLER',
    electionTimeoutMs: config.controllerQuorumElectionTimeoutMs,
    electionBackoffMaxMs: config.controllerQuorumElectionBackoffMaxMs,
    fetchTimeoutMs: config.controllerQuorumFetchTimeoutMs,
    requestTimeoutMs: config.controllerQuorumRequestTimeoutMs,
    retryBackoffMs: config.controllerQuorumRetryBackoffMs,
    ...(config.staticConfigs.has('controller.quorum.append.linger.ms')
      ? { appendLingerMs: config.controllerQuorumAppendLingerMs }
      : {}),
    fetchMaxBytes: config.controllerQuorumFetchMaxBytes,
    fetchSnapshotMaxBytes: config.controllerQuorumFetchSnapshotMaxBytes,
    maxRetentionBytes: config.metadataMaxRetentionBytes,
    maxRetentionMs: config.metadataMaxRetentionMs,
  }
}

export function controllerSettings(
  config: BrokerConfig,
  clusterId: string,
): ControllerNodeSettings {
  return {
    ...defaultControllerNodeSettings,
    nodeId: config.nodeId,
    clusterId,
    configOwner: config,
    defaultNumPartitions: config.numPartitions,
    defaultReplicationFactor: config.defaultReplicationFactor,
    deleteTopicEnable: config.deleteTopicEnable,
    sessionTimeoutMs: config.brokerSessionTimeoutMs,
    maxIdleIntervalMs: config.metadataMaxIdleIntervalMs,
    autoLeaderRebalanceEnable: config.autoLeaderRebalanceEnable,
    leaderImbalanceCheckIntervalMs: config.leaderImbalanceCheckIntervalMs,
    failureDetection: {
      ...defaultFailureDetectorSettings,
      isEnabled: config.brokerFailureDetection,
    },
  }
}

export function replicationSettings(config: BrokerConfig): ReplicationSettings {
  return {
    ...defaultReplicationSettings,
    brokerId: config.nodeId,
    interBrokerListenerName: config.interBrokerListenerName,
    fetcherCount: config.numReplicaFetchers,
    replicaLagTimeMaxMs: config.replicaLagTimeMaxMs,
    fetchMaxBytes: config.fetchMaxBytes,
    isRackAwareFetch: config.isRackAwareFetch,
    replicaFetchMaxBytes: config.replicaFetchMaxBytes,
    replicaFetchResponseMaxBytes: config.replicaFetchResponseMaxBytes,
    replicaFetchMinBytes: config.replicaFetchMinBytes,
    replicaFetchWaitMaxMs: config.replicaFetchWaitMaxMs,
    // Well below the time after which a silent follower leaves the ISR.
    idleFetchWaitMaxMs: Math.min(config.replicaFetchWaitMaxMs * 8, config.replicaLagTimeMaxMs / 6),
    replicaFetchBackoffMs: config.replicaFetchBackoffMs,
    replicaSocketTimeoutMs: config.replicaSocketTimeoutMs,
    directoryMovesMax: config.numReplicaAlterLogDirsThreads ?? config.logDirs.length,
    quotaWindowCount: config.replicationQuotaWindowCount,
    quotaWindowMs: config.replicationQuotaWindowMs,
  }
}

/** Records a coordinator holds back at most, waiting for their turn to be written. */
const MAX_QUEUED_RECORDS = 100_000
const MAX_BATCH_BYTES = 512 * 1024

export function groupSettings(config: BrokerConfig): GroupCoordinatorSettings {
  return {
    initialRebalanceDelayMs: config.groupInitialRebalanceDelayMs,
    maxSize: config.groupMaxSize,
    sessionTimeoutMsMin: config.groupMinSessionTimeoutMs,
    sessionTimeoutMsMax: config.groupMaxSessionTimeoutMs,
    offsetsTopicPartitions: config.offsetsTopicNumPartitions,
    offsetMetadataMaxBytes: config.offsetMetadataMaxBytes,
    offsetsRetentionMs: config.offsetsRetentionMs,
    offsetsRetentionCheckIntervalMs: config.offsetsRetentionCheckIntervalMs,
    commitTimeoutMs: config.offsetsCommitTimeoutMs,
    maxBatchBytes: MAX_BATCH_BYTES,
    maxQueuedRecords: MAX_QUEUED_RECORDS,
  }
}

export function listenerSettings(config: BrokerConfig): ListenerSettings {
  return {
    ...defaultListenerSettings,
    socketRequestMaxBytes: config.socketRequestMaxBytes,
    maxConnections: config.maxConnections,
    connectionsMaxIdleMs: config.connectionsMaxIdleMs,
  }
}
