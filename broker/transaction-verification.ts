// Wires the replicas of a broker to the coordinators of transactions: who leads the partition of
// __transaction_state that keeps a transactional id, and how to reach it. Called by BrokerServer.
import type { BrokerConfig } from './config.ts'
import { partitionForKey } from './coordinator/partition-for.ts'
import type { LogManager } from './log/log-manager.ts'
import type { MetadataImage, MetadataView } from './metadata/image-types.ts'
import type { MetricsRegistry } from './metrics/types.ts'
import type { PeerClient } from './network/types.ts'
import type { ReplicaManagerOptions } from './replication/replica-manager.ts'
import { type Coordinator, CoordinatorVerifier } from './replication/transaction-verifier.ts'
import type { Endpoint, Runtime } from './runtime/runtime.ts'

const TRANSACTION_TOPIC = '__transaction_state'
/** As in Kafka: time for the coordinator to notice and to abort. */
const LATE_BUFFER_MS = 5 * 60_000

export function verifyTransactions(options: {
  runtime: Runtime
  config: BrokerConfig
  metrics: MetricsRegistry
  metadata: MetadataView
  logs: LogManager
  connect: (endpoint: Endpoint) => PeerClient
}): NonNullable<ReplicaManagerOptions['transactions']> {
  const { runtime, config, metrics, metadata, logs, connect } = options
  const { shared } = logs
  shared.mustVerifyTransactions = config.transactionPartitionVerificationEnable
  const verifier = new CoordinatorVerifier({
    coordinatorOf: (transactionalId) =>
      coordinatorOf(transactionalId, metadata.image, config.interBrokerListenerName),
    connect,
    requestTimeoutMs: config.requestTimeoutMs,
    clock: runtime.clock,
    timers: runtime.timers,
    logger: runtime.logger,
    metrics,
  })
  return {
    verifier,
    lateAfterMs: config.transactionMaxTimeoutMs + LATE_BUFFER_MS,
    settings: {
      retryBackoffMs: config.addPartitionsToTxnRetryBackoffMs,
      retryBackoffMaxMs: config.addPartitionsToTxnRetryBackoffMaxMs,
      mustVerify: () => shared.mustVerifyTransactions,
    },
  }
}

/** As every client finds it: by the id's hash over the partitions of __transaction_state. */
function coordinatorOf(
  transactionalId: string,
  image: MetadataImage,
  listenerName: string,
): Coordinator | null {
  const partitions = image.topicsByName.get(TRANSACTION_TOPIC)?.partitions ?? []
  if (partitions.length === 0) return null
  const partition = partitions[partitionForKey(transactionalId, partitions.length)]
  const broker = image.brokers.get(partition?.leader ?? -1)
  const endpoint = broker?.endpoints.find(({ name }) => name === listenerName)
  if (broker === undefined || broker.isFenced || endpoint === undefined) return null
  return { brokerId: broker.id, endpoint: { host: endpoint.host, port: endpoint.port } }
}
