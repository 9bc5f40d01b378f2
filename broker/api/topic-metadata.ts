// What clients are told about brokers, topics and partitions on the listener they use; shared by Metadata,
// DescribeCluster and DescribeTopicPartitions. Pure: reads one metadata image.
import { ErrorCode } from '../../protocol/errors.ts'
import { topicNameError } from '../controller/topic-names.ts'
import type {
  BrokerEndpointImage,
  BrokerImage,
  MetadataImage,
  PartitionImage,
} from '../metadata/image-types.ts'

const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])

export function isInternalTopic(name: string): boolean {
  return INTERNAL_TOPICS.has(name)
}

/** Bits are the codes of AclOperation; all that the resource supports, as without an authorizer. */
export const AuthorizedOperations = {
  NOT_ASKED: -2147483648,
  /** READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS. */
  TOPIC: bits(3, 4, 5, 6, 7, 8, 10, 11),
  /** CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, both config operations, IDEMPOTENT_WRITE. */
  CLUSTER: bits(5, 7, 8, 9, 10, 11, 12),
  /** READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS. */
  GROUP: bits(3, 6, 8, 10, 11),
} as const

function bits(...operations: number[]): number {
  return operations.reduce((field, operation) => field | (1 << operation), 0)
}

export function endpointOn(broker: BrokerImage, listener: string): BrokerEndpointImage | null {
  return broker.endpoints.find(({ name }) => name === listener) ?? null
}

export interface NodeOnListener {
  id: number
  host: string
  port: number
  rack: string | null
  isFenced: boolean
}

/** Brokers reachable on `listener`, by id; fenced ones only when asked for. */
export function nodesOn(
  image: MetadataImage,
  listener: string,
  includeFenced: boolean,
): NodeOnListener[] {
  const nodes: NodeOnListener[] = []
  for (const broker of image.brokers.values()) {
    if (broker.isFenced && !includeFenced) continue
    const endpoint = endpointOn(broker, listener)
    if (!endpoint) continue
    const { id, rack, isFenced } = broker
    nodes.push({ id, host: endpoint.host, port: endpoint.port, rack, isFenced })
  }
  return nodes.sort((left, right) => left.id - right.id)
}

export interface PartitionOnListener {
  errorCode: number
  partitionIndex: number
  leaderId: number
  leaderEpoch: number
  replicaNodes: readonly number[]
  isrNodes: readonly number[]
  offlineReplicas: readonly number[]
}

/**
 * One partition as seen on `listener`. Without a leader, or one that this listener does not reach: leader -1
 * and LEADER_NOT_AVAILABLE, or LISTENER_NOT_FOUND where `namesListenerErrors` (clients that know the code).
 */
export function partitionOn(
  image: MetadataImage,
  listener: string,
  partition: PartitionImage,
  namesListenerErrors: boolean,
): PartitionOnListener {
  const broker = image.brokers.get(partition.leader)
  const isReachable = broker !== undefined && endpointOn(broker, listener) !== null
  const unreachable =
    broker !== undefined && namesListenerErrors
      ? ErrorCode.LISTENER_NOT_FOUND
      : ErrorCode.LEADER_NOT_AVAILABLE
  return {
    errorCode: isReachable ? ErrorCode.NONE : unreachable,
    partitionIndex: partition.partition,
    leaderId: isReachable ? partition.leader : -1,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    offlineReplicas: partition.replicas.filter((id) => image.brokers.get(id)?.isFenced !== false),
  }
}

/** Why a topic that does not exist cannot be told about. */
export function missingTopicError(name: string): number {
  return topicNameError(name) === null
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.INVALID_TOPIC_EXCEPTION
}
