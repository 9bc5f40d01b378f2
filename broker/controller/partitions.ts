// CreatePartitions. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../protocol/schemas/37-create-partitions.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import { checkAssignment, initialIsr, newPartitionRecord } from './assignments.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import { apiError, checkPartitionsOfRequest, errorOf, failure } from './errors.ts'
import { placeReplicas, usableBrokers } from './placement.ts'
import { allFenced } from './topics.ts'

type CreatedPartitions = Encodable<CreatePartitionsResponse['results'][number]>
type GrownTopic = CreatePartitionsRequest['topics'][number]

export function createPartitions(
  state: ControllerState,
  request: CreatePartitionsRequest,
): ControllerResult<Encodable<CreatePartitionsResponse>> {
  checkPartitionsOfRequest(
    request.topics.map(
      ({ name, count }) => count - (state.image.topicsByName.get(name)?.partitions.length ?? count),
    ),
  )
  const records: MetadataRecord[] = []
  const isDuplicate = (topic: GrownTopic) =>
    request.topics.some((other) => other !== topic && other.name === topic.name)
  const duplicates = new Set(request.topics.filter(isDuplicate).map(({ name }) => name))
  const results: CreatedPartitions[] = [...duplicates].map((name) => {
    const { code, message } = apiError(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
    return { name, errorCode: code, errorMessage: message }
  })
  for (const topic of request.topics) {
    if (duplicates.has(topic.name)) continue
    const error = errorOf(() => records.push(...newPartitions(state, topic)))
    // Kafka tells an unknown topic by its code alone.
    const isUnknown = error.code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const errorMessage = isUnknown ? null : error.message
    results.push({ name: topic.name, errorCode: error.code, errorMessage })
  }
  return { records: request.validateOnly ? [] : records, reply: { results } }
}

/** Throws KafkaError. */
function newPartitions(state: ControllerState, request: GrownTopic): MetadataRecord[] {
  const { image } = state
  const topic = image.topicsByName.get(request.name)
  if (topic === undefined) throw failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const present = topic.partitions.length
  const additional = request.count - present
  if (additional === 0) {
    throw failure(ErrorCode.INVALID_PARTITIONS, `Topic already has ${present} partition(s).`)
  }
  if (additional < 0) {
    throw failure(
      ErrorCode.INVALID_PARTITIONS,
      `The topic ${topic.name} currently has ${present} partition(s); ${request.count} ` +
        'would not be an increase.',
    )
  }
  const replicationFactor = topic.partitions[0]?.replicas.length ?? 0
  const lists = assignmentsOf(state, request, { additional, replicationFactor })
  return lists.map((replicas, index) => {
    const partition = present + index
    const isr = initialIsr(image, replicas)
    if (isr.length > 0) return newPartitionRecord(image, topic.id, { partition, replicas, isr })
    if (request.assignments !== null) {
      throw failure(ErrorCode.INVALID_REPLICA_ASSIGNMENT, allFenced(partition))
    }
    throw failure(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): All brokers are ` +
        'currently fenced or in controlled shutdown.',
    )
  })
}

function assignmentsOf(
  state: ControllerState,
  request: GrownTopic,
  need: { additional: number; replicationFactor: number },
): readonly (readonly number[])[] {
  const { additional, replicationFactor } = need
  if (request.assignments === null) {
    const spec = { partitionCount: additional, replicationFactor }
    return placeReplicas(usableBrokers(state.image), spec, state.random)
  }
  const lists = request.assignments.map(({ brokerIds }) => brokerIds)
  if (lists.length !== additional) {
    throw failure(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Attempted to add ${additional} additional partition(s), but only ${lists.length} ` +
        'assignment(s) were specified.',
    )
  }
  for (const replicas of lists) checkAssignment(state.image, replicas, replicationFactor)
  return lists
}
