// The settings of one broker process, typed: what main.ts and the handlers read. Made once at start from
// server.properties; what may change while running is read through config/effective.ts instead.
import { resolve } from 'node:path'
import { brokerConfigs, typedConfigValue } from './config/definitions.ts'
import type { ConfigOwner } from './config/effective.ts'
import {
  parseBootstrapServers,
  parseListeners,
  parseProtocolMap,
  parseVoters,
} from './config/listeners.ts'
import { validateStaticConfigs } from './config/reconfiguration.ts'
import {
  ConfigFileError,
  readServerProperties,
  type ServerProperties,
} from './config/server-properties.ts'

export interface ListenerConfig {
  name: string
  /** As written; '' and '0.0.0.0' are all addresses. */
  host: string
  /** 0: any free one. */
  port: number
}

export interface VoterConfig {
  id: number
  host: string
  port: number
}

export interface BrokerConfig extends ConfigOwner {
  readonly nodeId: number
  readonly isController: boolean
  /** The cluster a new data directory is formatted for; null when the file does not say. */
  readonly clusterId: string | null
  readonly rack: string | null
  readonly brokerListeners: readonly ListenerConfig[]
  readonly controllerListeners: readonly ListenerConfig[]
  /** What clients and brokers are told, one for each broker listener. */
  readonly advertisedListeners: readonly ListenerConfig[]
  /** Where other controllers find this one; empty where this process is none. */
  readonly advertisedControllerListeners: readonly ListenerConfig[]
  readonly interBrokerListenerName: string
  readonly controllerListenerNames: readonly string[]
  /** Empty where the metadata log says who votes, or bootstrap servers say who leads. */
  readonly voters: readonly VoterConfig[]
  readonly bootstrapServers: readonly Omit<VoterConfig, 'id'>[]
  /** Absolute. */
  readonly logDirs: readonly string[]
  readonly metadataLogDir: string
  readonly numPartitions: number
  readonly defaultReplicationFactor: number
  readonly minInsyncReplicas: number
  readonly autoCreateTopicsEnable: boolean
  readonly deleteTopicEnable: boolean
  readonly autoLeaderRebalanceEnable: boolean
  readonly leaderImbalanceCheckIntervalMs: number
  readonly offsetsTopicNumPartitions: number
  readonly offsetsTopicReplicationFactor: number
  readonly offsetsTopicSegmentBytes: number
  readonly offsetsRetentionMs: number
  readonly offsetsRetentionCheckIntervalMs: number
  readonly offsetsCommitTimeoutMs: number
  readonly offsetMetadataMaxBytes: number
  readonly groupInitialRebalanceDelayMs: number
  readonly groupMinSessionTimeoutMs: number
  readonly groupMaxSessionTimeoutMs: number
  readonly groupMaxSize: number
  readonly replicaLagTimeMaxMs: number
  readonly replicaFetchWaitMaxMs: number
  readonly replicaFetchMinBytes: number
  readonly replicaFetchMaxBytes: number
  readonly replicaFetchResponseMaxBytes: number
  readonly replicaFetchBackoffMs: number
  readonly replicationQuotaWindowCount: number
  readonly replicationQuotaWindowMs: number
  readonly replicaSocketTimeoutMs: number
  readonly numReplicaFetchers: number
  /** null: as many as there are log directories. */
  readonly numReplicaAlterLogDirsThreads: number | null
  readonly requestTimeoutMs: number
  readonly fetchMaxBytes: number
  readonly fetchSessionCacheSlots: number
  /** replica.selector.class: consumers are sent to a replica in their rack. */
  readonly isRackAwareFetch: boolean
  readonly socketRequestMaxBytes: number
  readonly connectionsMaxIdleMs: number
  readonly maxConnections: number
  readonly brokerHeartbeatIntervalMs: number
  readonly brokerSessionTimeoutMs: number
  readonly controlledShutdownEnable: boolean
  readonly controlledShutdownTimeoutMs: number
  readonly controllerQuorumAutoJoinEnable: boolean
  readonly controllerQuorumElectionTimeoutMs: number
  readonly controllerQuorumElectionBackoffMaxMs: number
  readonly controllerQuorumFetchTimeoutMs: number
  readonly controllerQuorumRequestTimeoutMs: number
  readonly controllerQuorumRetryBackoffMs: number
  readonly controllerQuorumAppendLingerMs: number
  readonly controllerQuorumFetchMaxBytes: number
  readonly controllerQuorumFetchSnapshotMaxBytes: number
  readonly metadataMaxIdleIntervalMs: number
  readonly metadataLogMaxRecordBytesBetweenSnapshots: number
  readonly metadataLogMaxSnapshotIntervalMs: number
  readonly metadataLogSegmentBytes: number
  readonly metadataLogSegmentMs: number
  readonly metadataMaxRetentionBytes: number
  readonly metadataMaxRetentionMs: number
  readonly logRetentionCheckIntervalMs: number
  readonly logFlushSchedulerIntervalMs: number
  readonly logFlushOffsetCheckpointIntervalMs: number
  readonly logFlushStartOffsetCheckpointIntervalMs: number
  readonly replicaHighWatermarkCheckpointIntervalMs: number
  readonly logInitialTaskDelayMs: number
  readonly producerIdExpirationMs: number
  readonly producerIdExpirationCheckIntervalMs: number
  readonly transactionPartitionVerificationEnable: boolean
  readonly addPartitionsToTxnRetryBackoffMs: number
  readonly addPartitionsToTxnRetryBackoffMaxMs: number
  readonly transactionStateLogNumPartitions: number
  readonly transactionStateLogReplicationFactor: number
  readonly transactionStateLogMinIsr: number
  readonly transactionStateLogSegmentBytes: number
  readonly transactionMaxTimeoutMs: number
  readonly transactionAbortIntervalMs: number
  readonly transactionExpiryIntervalMs: number
  readonly transactionalIdExpirationMs: number
  readonly transactionTwoPhaseCommitEnable: boolean
  readonly numRecoveryThreadsPerDataDir: number
  readonly logDirFailureTimeoutMs: number
  readonly tailCacheBytes: number
  readonly brokerFailureDetection: boolean
  readonly jolokiaHost: string
  /** -1: metrics are not served. */
  readonly jolokiaPort: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/** Typed reads of the file with defaults; every name is one of the tables'. */
class Reader {
  readonly #properties: ServerProperties

  constructor(properties: ServerProperties) {
    this.#properties = properties
  }

  text(name: string): string | null {
    return this.#properties.values.get(name) ?? brokerConfigs.get(name)?.defaultValue ?? null
  }

  #typed(name: string) {
    const type = brokerConfigs.get(name)?.type
    const text = this.text(name)
    if (type === undefined || text === null) throw new Error(`${name} has no value`)
    return typedConfigValue(type, text)
  }

  number(name: string): number {
    return this.#typed(name) as number
  }

  boolean(name: string): boolean {
    return this.#typed(name) as boolean
  }

  list(name: string): readonly string[] {
    return this.text(name) === null ? [] : (this.#typed(name) as readonly string[])
  }

  /** Throws the error of a bad value, at its line. */
  fail(name: string, reason: string): never {
    const line = this.#properties.lines.get(name)
    const place = line === undefined ? this.#properties.path : `${this.#properties.path}:${line}`
    throw new ConfigFileError(`${place}: ${name}: ${reason}`)
  }
}

/**
 * `path` names the file in messages. `hostName` is advertised where a listener is bound to all addresses.
 * Throws ConfigFileError; warnings are for the log.
 */
export function loadBrokerConfig(
  path: string,
  text: string,
  hostName: string,
): { config: BrokerConfig; warnings: readonly string[] } {
  const properties = readServerProperties(path, text)
  const reader = new Reader(properties)
  const roles = reader.list('process.roles')
  if (!roles.includes('broker')) {
    reader.fail(
      'process.roles',
      'a controller that is no broker is not served here: process.roles=broker,controller makes ' +
        'this node vote on metadata, and hold no replicas as long as none are placed on it',
    )
  }
  const listeners = loadListeners(reader, hostName)
  const nodeId = reader.number('node.id')
  const voters = parseVoters(reader.list('controller.quorum.voters'), (reason) =>
    reader.fail('controller.quorum.voters', reason),
  )
  const bootstrapServers = parseBootstrapServers(
    reader.list('controller.quorum.bootstrap.servers'),
    (reason) => reader.fail('controller.quorum.bootstrap.servers', reason),
  )
  const isController = roles.includes('controller')
  if (voters.length === 0 && bootstrapServers.length === 0) {
    reader.fail(
      'controller.quorum.voters',
      'If using process.roles, either controller.quorum.bootstrap.servers must contain the set of ' +
        'bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.',
    )
  }
  if (isController && voters.length > 0 && !voters.some((voter) => voter.id === nodeId)) {
    reader.fail(
      'controller.quorum.voters',
      `If process.roles contains the 'controller' role, the node id ${nodeId} must be included in ` +
        `the set of voters controller.quorum.voters=[${voters.map((voter) => voter.id).join(', ')}]`,
    )
  }
  const logDirs = (
    reader.text('log.dirs') === null ? reader.list('log.dir') : reader.list('log.dirs')
  ).map((directory) => resolve(directory))
  const firstLogDir = logDirs[0]
  if (firstLogDir === undefined) return reader.fail('log.dirs', 'names no directory')
  const config: BrokerConfig = {
    nodeId,
    // Shown under its former name too, as Kafka does.
    staticConfigs: new Map([['broker.id', String(nodeId)], ...properties.values]),
    isController,
    clusterId: reader.text('eyrie.cluster.id'),
    rack: reader.text('broker.rack'),
    ...listeners,
    voters,
    bootstrapServers,
    logDirs,
    metadataLogDir: resolve(reader.text('metadata.log.dir') ?? firstLogDir),
    ...loadTopics(reader),
    ...loadGroups(reader),
    ...loadTransactions(reader),
    ...loadReplication(reader),
    ...loadNetwork(reader),
    ...loadQuorum(reader),
    ...loadLog(reader),
    ...loadEyrie(reader),
  }
  const unmet = validateStaticConfigs(config)
  if (unmet !== null) throw new ConfigFileError(`${path}: ${unmet}`)
  return { config, warnings: properties.warnings }
}

function loadListeners(reader: Reader, hostName: string) {
  const fail = (name: string) => (reason: string) => reader.fail(name, reason)
  const protocols = parseProtocolMap(
    reader.text('listener.security.protocol.map') ?? '',
    fail('listener.security.protocol.map'),
  )
  const all = parseListeners(reader.list('listeners'), fail('listeners'))
  const controllerListenerNames = reader.list('controller.listener.names')
  for (const { name } of all) {
    const protocol =
      protocols.get(name) ?? (controllerListenerNames.includes(name) ? 'PLAINTEXT' : null)
    if (protocol === null) {
      reader.fail('listeners', `No security protocol defined for listener ${name}`)
    }
    if (protocol !== 'PLAINTEXT') {
      reader.fail('listeners', `${name} asks for ${protocol}; only PLAINTEXT is served`)
    }
  }
  const isController = (listener: ListenerConfig) => controllerListenerNames.includes(listener.name)
  const brokerListeners = all.filter((listener) => !isController(listener))
  const advertised = parseListeners(
    reader.list('advertised.listeners'),
    fail('advertised.listeners'),
  )
  const toAdvertised = (listener: ListenerConfig) => {
    const told = advertised.find(({ name }) => name === listener.name)
    if (told?.host === '0.0.0.0') {
      reader.fail('advertised.listeners', 'clients cannot connect to 0.0.0.0: name an address')
    }
    const isWildcard = listener.host === '' || listener.host === '0.0.0.0'
    return told ?? { ...listener, host: isWildcard ? hostName : listener.host }
  }
  const advertisedListeners = brokerListeners.map(toAdvertised)
  const interBrokerListenerName =
    reader.text('inter.broker.listener.name') ??
    reader.text('security.inter.broker.protocol') ??
    'PLAINTEXT'
  const roles = reader.list('process.roles')
  if (
    roles.includes('broker') &&
    !brokerListeners.some(({ name }) => name === interBrokerListenerName)
  ) {
    reader.fail(
      'inter.broker.listener.name',
      `inter.broker.listener.name must be a listener name defined in advertised.listeners. ` +
        `The valid options based on currently configured listeners are ` +
        brokerListeners.map(({ name }) => name).join(','),
    )
  }
  return {
    brokerListeners,
    controllerListeners: all.filter(isController),
    advertisedListeners,
    advertisedControllerListeners: all.filter(isController).map(toAdvertised),
    interBrokerListenerName,
    controllerListenerNames,
  }
}

function loadTopics(reader: Reader) {
  return {
    numPartitions: reader.number('num.partitions'),
    defaultReplicationFactor: reader.number('default.replication.factor'),
    minInsyncReplicas: reader.number('min.insync.replicas'),
    autoCreateTopicsEnable: reader.boolean('auto.create.topics.enable'),
    deleteTopicEnable: reader.boolean('delete.topic.enable'),
    autoLeaderRebalanceEnable: reader.boolean('auto.leader.rebalance.enable'),
    leaderImbalanceCheckIntervalMs: reader.number('leader.imbalance.check.interval.seconds') * 1000,
  }
}

function loadGroups(reader: Reader) {
  return {
    offsetsTopicNumPartitions: reader.number('offsets.topic.num.partitions'),
    offsetsTopicReplicationFactor: reader.number('offsets.topic.replication.factor'),
    offsetsTopicSegmentBytes: reader.number('offsets.topic.segment.bytes'),
    offsetsRetentionMs: reader.number('offsets.retention.minutes') * 60_000,
    offsetsRetentionCheckIntervalMs: reader.number('offsets.retention.check.interval.ms'),
    offsetsCommitTimeoutMs: reader.number('offsets.commit.timeout.ms'),
    offsetMetadataMaxBytes: reader.number('offset.metadata.max.bytes'),
    groupInitialRebalanceDelayMs: reader.number('group.initial.rebalance.delay.ms'),
    groupMinSessionTimeoutMs: reader.number('group.min.session.timeout.ms'),
    groupMaxSessionTimeoutMs: reader.number('group.max.session.timeout.ms'),
    groupMaxSize: reader.number('group.max.size'),
  }
}

function loadTransactions(reader: Reader) {
  return {
    transactionStateLogNumPartitions: reader.number('transaction.state.log.num.partitions'),
    transactionStateLogReplicationFactor: reader.number('transaction.state.log.replication.factor'),
    transactionStateLogMinIsr: reader.number('transaction.state.log.min.isr'),
    transactionStateLogSegmentBytes: reader.number('transaction.state.log.segment.bytes'),
    transactionMaxTimeoutMs: reader.number('transaction.max.timeout.ms'),
    transactionAbortIntervalMs: reader.number(
      'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    ),
    transactionExpiryIntervalMs: reader.number(
      'transaction.remove.expired.transaction.cleanup.interval.ms',
    ),
    transactionalIdExpirationMs: reader.number('transactional.id.expiration.ms'),
    transactionTwoPhaseCommitEnable: reader.boolean('transaction.two.phase.commit.enable'),
  }
}

function loadReplication(reader: Reader) {
  return {
    replicaLagTimeMaxMs: reader.number('replica.lag.time.max.ms'),
    replicaFetchWaitMaxMs: reader.number('replica.fetch.wait.max.ms'),
    replicaFetchMinBytes: reader.number('replica.fetch.min.bytes'),
    replicaFetchMaxBytes: reader.number('replica.fetch.max.bytes'),
    replicaFetchResponseMaxBytes: reader.number('replica.fetch.response.max.bytes'),
    replicaFetchBackoffMs: reader.number('replica.fetch.backoff.ms'),
    replicationQuotaWindowCount: reader.number('replication.quota.window.num'),
    replicationQuotaWindowMs: reader.number('replication.quota.window.size.seconds') * 1000,
    replicaSocketTimeoutMs: reader.number('replica.socket.timeout.ms'),
    numReplicaFetchers: reader.number('num.replica.fetchers'),
    numReplicaAlterLogDirsThreads: loadMoves(reader),
  }
}

function loadNetwork(reader: Reader) {
  return {
    requestTimeoutMs: reader.number('request.timeout.ms'),
    fetchMaxBytes: reader.number('fetch.max.bytes'),
    fetchSessionCacheSlots: reader.number('max.incremental.fetch.session.cache.slots'),
    isRackAwareFetch: isRackAwareFetch(reader),
    socketRequestMaxBytes: reader.number('socket.request.max.bytes'),
    connectionsMaxIdleMs: reader.number('connections.max.idle.ms'),
    maxConnections: reader.number('max.connections'),
    brokerHeartbeatIntervalMs: reader.number('broker.heartbeat.interval.ms'),
    brokerSessionTimeoutMs: reader.number('broker.session.timeout.ms'),
    controlledShutdownEnable: reader.boolean('controlled.shutdown.enable'),
    controlledShutdownTimeoutMs: reader.number('eyrie.controlled.shutdown.timeout.ms'),
  }
}

/** At least one. */
function loadMoves(reader: Reader): number | null {
  const name = 'num.replica.alter.log.dirs.threads'
  return reader.text(name) === null ? null : Math.max(1, reader.number(name))
}

const LEADER_SELECTOR = 'org.apache.kafka.common.replica.LeaderSelector'
const RACK_AWARE_SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector'

function isRackAwareFetch(reader: Reader): boolean {
  const name = reader.text('replica.selector.class')
  if (name === null || name === LEADER_SELECTOR) return false
  if (name === RACK_AWARE_SELECTOR) return true
  return reader.fail(
    'replica.selector.class',
    `${name} is not there; ${LEADER_SELECTOR} and ${RACK_AWARE_SELECTOR} are`,
  )
}

function loadQuorum(reader: Reader) {
  return {
    controllerQuorumAutoJoinEnable: reader.boolean('controller.quorum.auto.join.enable'),
    controllerQuorumElectionTimeoutMs: reader.number('controller.quorum.election.timeout.ms'),
    controllerQuorumElectionBackoffMaxMs: reader.number(
      'controller.quorum.election.backoff.max.ms',
    ),
    controllerQuorumFetchTimeoutMs: reader.number('controller.quorum.fetch.timeout.ms'),
    controllerQuorumRequestTimeoutMs: reader.number('controller.quorum.request.timeout.ms'),
    controllerQuorumRetryBackoffMs: reader.number('controller.quorum.retry.backoff.ms'),
    controllerQuorumAppendLingerMs: reader.number('controller.quorum.append.linger.ms'),
    controllerQuorumFetchMaxBytes: reader.number('controller.quorum.fetch.max.bytes'),
    controllerQuorumFetchSnapshotMaxBytes: reader.number(
      'controller.quorum.fetch.snapshot.max.bytes',
    ),
    metadataMaxIdleIntervalMs: reader.number('metadata.max.idle.interval.ms'),
    metadataLogMaxRecordBytesBetweenSnapshots: reader.number(
      'metadata.log.max.record.bytes.between.snapshots',
    ),
    metadataLogMaxSnapshotIntervalMs: reader.number('metadata.log.max.snapshot.interval.ms'),
    metadataLogSegmentBytes: reader.number('metadata.log.segment.bytes'),
    metadataLogSegmentMs: reader.number('metadata.log.segment.ms'),
    metadataMaxRetentionBytes: reader.number('metadata.max.retention.bytes'),
    metadataMaxRetentionMs: reader.number('metadata.max.retention.ms'),
  }
}

function loadLog(reader: Reader) {
  return {
    logRetentionCheckIntervalMs: reader.number('log.retention.check.interval.ms'),
    logFlushSchedulerIntervalMs: reader.number('log.flush.scheduler.interval.ms'),
    logFlushOffsetCheckpointIntervalMs: reader.number('log.flush.offset.checkpoint.interval.ms'),
    logFlushStartOffsetCheckpointIntervalMs: reader.number(
      'log.flush.start.offset.checkpoint.interval.ms',
    ),
    replicaHighWatermarkCheckpointIntervalMs: reader.number(
      'replica.high.watermark.checkpoint.interval.ms',
    ),
    logInitialTaskDelayMs: reader.number('log.initial.task.delay.ms'),
    producerIdExpirationMs: reader.number('producer.id.expiration.ms'),
    producerIdExpirationCheckIntervalMs: reader.number('producer.id.expiration.check.interval.ms'),
    transactionPartitionVerificationEnable: reader.boolean(
      'transaction.partition.verification.enable',
    ),
    addPartitionsToTxnRetryBackoffMs: reader.number('add.partitions.to.txn.retry.backoff.ms'),
    addPartitionsToTxnRetryBackoffMaxMs: reader.number(
      'add.partitions.to.txn.retry.backoff.max.ms',
    ),
    numRecoveryThreadsPerDataDir: reader.number('num.recovery.threads.per.data.dir'),
    logDirFailureTimeoutMs: reader.number('log.dir.failure.timeout.ms'),
  }
}

function loadEyrie(reader: Reader) {
  const levels = ['debug', 'info', 'warn', 'error'] as const
  return {
    tailCacheBytes: reader.number('eyrie.tail.cache.bytes'),
    brokerFailureDetection: reader.boolean('eyrie.broker.failure.detection'),
    jolokiaHost: reader.text('eyrie.jolokia.host') ?? '127.0.0.1',
    jolokiaPort: reader.number('eyrie.jolokia.port'),
    logLevel: levels.find((level) => level === reader.text('eyrie.log.level')) ?? 'info',
  }
}
