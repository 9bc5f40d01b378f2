import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { Metadata, type MetadataResponse } from '../../protocol/schemas/03-metadata.ts'
import {
  DescribeQuorum,
  type DescribeQuorumResponse,
} from '../../protocol/schemas/55-describe-quorum.ts'
import { DescribeCluster } from '../../protocol/schemas/60-describe-cluster.ts'
import type { ClusterState, PartitionState, TopicState } from './types.ts'
import type { ClientCallOptions, Target, WireClient } from './wire-client.ts'
import { WireError } from './wire-error.ts'

type MetadataTopic = MetadataResponse['topics'][number]
type MetadataPartition = MetadataTopic['partitions'][number]

/**
 * Brokers and topics. `topics` null: all; an empty list: brokers only. Also tells the client the
 * brokers' addresses. Topics with an error are left out; see `fetchTopic` for one's error.
 */
export async function fetchClusterState(
  client: WireClient,
  topics: readonly string[] | null,
  options: ClientCallOptions = {},
): Promise<ClusterState> {
  const answer = await askMetadata(client, topics, options)
  return {
    kafkaClusterId: answer.clusterId,
    metadataControllerId: answer.controllerId < 0 ? null : answer.controllerId,
    brokers: answer.brokers.map(({ nodeId, host, port, rack }) => ({
      id: nodeId,
      host,
      port,
      rack,
    })),
    topics: answer.topics.filter(isReadable).map(topicState),
  }
}

/** Null when there is no such topic. Throws KafkaError for any other error of the topic. */
export async function fetchTopic(
  client: WireClient,
  name: string,
  options: ClientCallOptions = {},
): Promise<TopicState | null> {
  const answer = await askMetadata(client, [name], options)
  const topic = answer.topics[0]
  if (topic === undefined || topic.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return null
  if (!isReadable(topic)) throw new KafkaError(topic.errorCode)
  return topicState(topic)
}

async function askMetadata(
  client: WireClient,
  topics: readonly string[] | null,
  options: ClientCallOptions,
): Promise<MetadataResponse> {
  const request = {
    topics: topics === null ? null : topics.map((name) => ({ name })),
    allowAutoTopicCreation: false,
  }
  const answer = await client.call('any', Metadata, request, options)
  client.setNodes(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }] as const))
  return answer
}

/** Kafka answers LEADER_NOT_AVAILABLE with the partitions all the same. */
function isReadable(topic: MetadataTopic): boolean {
  const { errorCode } = topic
  return errorCode === ErrorCode.NONE || errorCode === ErrorCode.LEADER_NOT_AVAILABLE
}

function topicState(topic: MetadataTopic): TopicState {
  return {
    name: topic.name ?? '',
    topicId: topic.topicId === ZERO_UUID ? null : topic.topicId,
    isInternal: topic.isInternal,
    partitions: topic.partitions.map(partitionState).sort((a, b) => a.partition - b.partition),
  }
}

function partitionState(partition: MetadataPartition): PartitionState {
  return {
    partition: partition.partitionIndex,
    leader: partition.leaderId < 0 ? null : partition.leaderId,
    leaderEpoch: partition.leaderEpoch < 0 ? null : partition.leaderEpoch,
    replicas: partition.replicaNodes,
    isr: partition.isrNodes,
    offline: partition.offlineReplicas,
  }
}

export interface QuorumState {
  readonly leaderId: number | null
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly voters: readonly QuorumReplicaState[]
  readonly observers: readonly QuorumReplicaState[]
  /** Controller listeners, where the cluster tells (DescribeQuorum 2). */
  readonly nodes: ReadonlyMap<number, { host: string; port: number }>
}

export interface QuorumReplicaState {
  readonly id: number
  readonly directoryId: string | null
  readonly logEndOffset: number | null
  readonly lastFetchTimestampMs: number | null
  readonly lastCaughtUpTimestampMs: number | null
}

const METADATA_TOPIC = '__cluster_metadata'

/** Null on a ZooKeeper cluster. Brokers forward the question to the quorum's leader. */
export async function fetchQuorum(
  client: WireClient,
  options: ClientCallOptions = {},
): Promise<QuorumState | null> {
  const request = { topics: [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }] }
  let answer: DescribeQuorumResponse
  try {
    answer = await client.call('any', DescribeQuorum, request, options)
  } catch (error) {
    if (error instanceof WireError && error.failure === 'unsupported') return null
    throw error
  }
  const partition = answer.topics[0]?.partitions[0]
  const errorCode = answer.errorCode || (partition?.errorCode ?? 0)
  if (errorCode !== ErrorCode.NONE) {
    throw new KafkaError(errorCode, answer.errorMessage || partition?.errorMessage || undefined)
  }
  if (partition === undefined) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
  return {
    leaderId: partition.leaderId < 0 ? null : partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    highWatermark: partition.highWatermark,
    voters: partition.currentVoters.map(quorumReplica),
    observers: partition.observers.map(quorumReplica),
    nodes: quorumNodes(answer),
  }
}

function quorumReplica(
  replica: DescribeQuorumResponse['topics'][number]['partitions'][number]['currentVoters'][number],
): QuorumReplicaState {
  const known = (value: number): number | null => (value < 0 ? null : value)
  return {
    id: replica.replicaId,
    directoryId: replica.replicaDirectoryId === ZERO_UUID ? null : replica.replicaDirectoryId,
    logEndOffset: known(replica.logEndOffset),
    lastFetchTimestampMs: known(replica.lastFetchTimestamp),
    lastCaughtUpTimestampMs: known(replica.lastCaughtUpTimestamp),
  }
}

function quorumNodes(answer: DescribeQuorumResponse): Map<number, { host: string; port: number }> {
  const nodes = new Map<number, { host: string; port: number }>()
  for (const { nodeId, listeners } of answer.nodes) {
    const listener = listeners[0]
    if (listener !== undefined) nodes.set(nodeId, { host: listener.host, port: listener.port })
  }
  return nodes
}

/** Registered brokers that are fenced; empty where the cluster cannot tell (before 4.0). */
export async function fetchFencedBrokers(
  client: WireClient,
  options: ClientCallOptions = {},
): Promise<{ id: number; host: string; port: number; rack: string | null }[]> {
  const version = await client.versionOn('any', DescribeCluster)
  if (version === null || version < 2) return []
  const answer = await client.call('any', DescribeCluster, { includeFencedBrokers: true }, options)
  if (answer.errorCode !== ErrorCode.NONE) {
    throw new KafkaError(answer.errorCode, answer.errorMessage ?? undefined)
  }
  return answer.brokers
    .filter((broker) => broker.isFenced)
    .map(({ brokerId, host, port, rack }) => ({ id: brokerId, host, port, rack }))
}

/** Where changes are sent: any broker forwards on KRaft, else only the controller takes them. */
export async function controllerTarget(
  client: WireClient,
  options: ClientCallOptions = {},
): Promise<Target> {
  if ((await client.versionOn('any', DescribeQuorum)) !== null) return 'any'
  return (await fetchClusterState(client, [], options)).metadataControllerId ?? 'any'
}
