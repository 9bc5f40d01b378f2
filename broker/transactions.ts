// The transaction coordinator of one broker with what it stands on: producer ids from the controller, and
// connections over which its markers travel. Called by BrokerServer once.

import { WriteTxnMarkers } from '../protocol/schemas/27-write-txn-markers.ts'
import type { BrokerConfig } from './config.ts'
import type { ControllerChannel } from './controller/types.ts'
import { OFFSETS_TOPIC } from './coordinator/group/group-coordinator.ts'
import { BrokerPeers } from './coordinator/transaction/broker-peers.ts'
import { MarkerSender } from './coordinator/transaction/marker-sender.ts'
import { LogTransactionCoordinator } from './coordinator/transaction/transaction-coordinator.ts'
import type { MetadataView } from './metadata/image-types.ts'
import type { MetricsRegistry } from './metrics/types.ts'
import { type PeerClient, PeerError } from './network/types.ts'
import { ProducerIds } from './replication/producer-ids.ts'
import type { Replicas } from './replication/types.ts'
import type { Endpoint, Runtime } from './runtime/runtime.ts'

/** Of markers and of ends that could not be written. */
const RETRY_BACKOFF_MS = 100
/** Of one WriteTxnMarkers. */
const MAX_PARTITIONS_PER_REQUEST = 2000
const MAX_BATCH_BYTES = 512 * 1024
const MAX_QUEUED_RECORDS = 100_000

export function openTransactionCoordinator(options: {
  runtime: Runtime
  config: BrokerConfig
  metrics: MetricsRegistry
  metadata: MetadataView
  replicas: Replicas
  groups: { partitionFor(groupId: string): number }
  controller: ControllerChannel
  connect: (endpoint: Endpoint) => PeerClient
}): LogTransactionCoordinator {
  const { runtime, config, metadata, replicas, groups, controller, connect } = options
  const { interBrokerListenerName } = config
  const peers = new BrokerPeers({ metadata, interBrokerListenerName, connect })
  const markers = new MarkerSender({
    runtime,
    metadata,
    send: async (brokerId, request) => {
      const peer = peers.get(brokerId)
      if (peer === null) throw new PeerError('ENOTCONN', `broker ${brokerId} cannot be reached`)
      return peer.send(WriteTxnMarkers, request, { timeoutMs: config.requestTimeoutMs })
    },
    disconnect: (brokerId) => peers.drop(brokerId),
    close: () => peers.close(),
    settings: {
      retryBackoffMs: RETRY_BACKOFF_MS,
      maxPartitionsPerRequest: MAX_PARTITIONS_PER_REQUEST,
    },
  })
  const coordinator = new LogTransactionCoordinator({
    runtime,
    replicas,
    metadata,
    markers,
    producerIds: new ProducerIds({
      brokerId: config.nodeId,
      localBrokerEpoch: () => replicas.localBrokerEpoch,
      controller,
    }),
    groupPartitionFor: (groupId) => groups.partitionFor(groupId),
    offsetsTopic: OFFSETS_TOPIC,
    settings: {
      topicPartitions: config.transactionStateLogNumPartitions,
      maxTimeoutMs: config.transactionMaxTimeoutMs,
      abortIntervalMs: config.transactionAbortIntervalMs,
      expirationMs: config.transactionalIdExpirationMs,
      expiryIntervalMs: config.transactionExpiryIntervalMs,
      isTwoPhaseCommitEnabled: config.transactionTwoPhaseCommitEnable,
      retryBackoffMs: RETRY_BACKOFF_MS,
      commitTimeoutMs: config.requestTimeoutMs,
      maxBatchBytes: MAX_BATCH_BYTES,
      maxQueuedRecords: MAX_QUEUED_RECORDS,
    },
  })
  registerBeans(options.metrics, coordinator, markers)
  return coordinator
}

function registerBeans(
  metrics: MetricsRegistry,
  coordinator: LogTransactionCoordinator,
  markers: MarkerSender,
): void {
  const type = 'kafka.coordinator.transaction:type=TransactionMarkerChannelManager'
  metrics.gauge(`${type},name=UnknownDestinationQueueSize`, () => markers.waitingCount)
  metrics.gauge(`${type},name=LogAppendRetryQueueSize`, () => coordinator.retryCount)
  metrics.sensors('kafka.server:type=transaction-coordinator-metrics', () => {
    const { maxMs, averageMs } = coordinator.loadTimes()
    return { 'partition-load-time-max': maxMs, 'partition-load-time-avg': averageMs }
  })
}
