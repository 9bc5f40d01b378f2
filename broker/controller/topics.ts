// CreateTopics and DeleteTopics. Every topic of a request stands or falls by itself; the records of those that
// stand are written as one batch. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type {
  CreateTopicsRequest,
  CreateTopicsResponse,
} from '../../protocol/schemas/19-create-topics.ts'
import type {
  DeleteTopicsRequest,
  DeleteTopicsResponse,
} from '../../protocol/schemas/20-delete-topics.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import { createRecord, type MetadataRecord } from '../metadata/records.ts'
import { checkAssignment, initialIsr, newPartitionRecord } from './assignments.ts'
import { effectiveConfigsOfNewTopic, newTopicConfigs } from './configs.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import { type ApiError, apiError, checkPartitionsOfRequest, failure } from './errors.ts'
import { placeReplicas, usableBrokers } from './placement.ts'
import { CLUSTER_METADATA_TOPIC, findColliding, topicNameError } from './topic-names.ts'

type CreatableTopic = CreateTopicsRequest['topics'][number]
type CreatedTopic = Encodable<CreateTopicsResponse['topics'][number]>

interface NewPartition {
  readonly partition: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export function createTopics(
  state: ControllerState,
  request: CreateTopicsRequest,
): ControllerResult<Encodable<CreateTopicsResponse>> {
  const { defaultNumPartitions } = state.settings
  checkPartitionsOfRequest(
    request.topics.map(({ assignments, numPartitions }) =>
      assignments.length > 0 || numPartitions !== -1
        ? Math.max(assignments.length, numPartitions)
        : defaultNumPartitions,
    ),
  )
  const records: MetadataRecord[] = []
  const topics: CreatedTopic[] = []
  const names = countNames(request.topics.map(({ name }) => name))
  for (const topic of request.topics) {
    const count = names.get(topic.name) ?? 0
    if (count > 1 || topic.name === CLUSTER_METADATA_TOPIC) continue
    try {
      const created = createTopic(state, topic)
      records.push(...created.records)
      topics.push(created.reply)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      topics.push(refused(topic.name, { code: error.code, message: error.message }))
    }
  }
  for (const [name, count] of names) {
    if (count > 1) {
      topics.push(refused(name, apiError(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')))
    } else if (name === CLUSTER_METADATA_TOPIC) {
      const message = `Creation of internal topic ${CLUSTER_METADATA_TOPIC} is prohibited.`
      topics.push(refused(name, apiError(ErrorCode.INVALID_REQUEST, message)))
    }
  }
  return { records: request.validateOnly ? [] : records, reply: { topics } }
}

function refused(name: string, error: ApiError): CreatedTopic {
  return { name, errorCode: error.code, errorMessage: error.message }
}

function countNames(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** Throws KafkaError when this topic cannot be. */
function createTopic(
  state: ControllerState,
  topic: CreatableTopic,
): ControllerResult<CreatedTopic> {
  const { image } = state
  checkName(image, topic.name)
  const configs = newTopicConfigs(topic.configs)
  const partitions =
    topic.assignments.length > 0 ? assignedPartitions(image, topic) : placedPartitions(state, topic)
  const topicId = state.random.uuid()
  const records = [createRecord('topic', { name: topic.name, topicId })]
  for (const [name, value] of configs) {
    records.push(createRecord('config', { resourceType: 2, resourceName: topic.name, name, value }))
  }
  for (const partition of partitions) records.push(newPartitionRecord(image, topicId, partition))
  const reply = {
    name: topic.name,
    topicId,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    topicConfigErrorCode: ErrorCode.NONE,
    numPartitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? -1,
    configs: effectiveConfigsOfNewTopic(state, configs),
  }
  return { records, reply }
}

function checkName(image: MetadataImage, name: string): void {
  const invalid = topicNameError(name)
  if (invalid !== null) throw failure(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid)
  if (image.topicsByName.has(name)) {
    throw failure(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  }
  const existing = findColliding(image.topicsByName, name)
  if (existing !== undefined) {
    const message = `Topic '${name}' collides with existing topic: ${existing}`
    throw failure(ErrorCode.INVALID_TOPIC_EXCEPTION, message)
  }
}

function assignedPartitions(image: MetadataImage, topic: CreatableTopic): NewPartition[] {
  if (topic.replicationFactor !== -1 || topic.numPartitions !== -1) {
    const field = topic.replicationFactor !== -1 ? 'replication factor' : 'numPartitions'
    const message = `A manual partition assignment was specified, but ${field} was not set to -1.`
    throw failure(ErrorCode.INVALID_REQUEST, message)
  }
  const code = ErrorCode.INVALID_REPLICA_ASSIGNMENT
  const partitions = new Map<number, NewPartition>()
  let replicationFactor: number | null = null
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (partitions.has(partitionIndex)) {
      const message = `Found multiple manual partition assignments for partition ${partitionIndex}`
      throw failure(code, message)
    }
    checkAssignment(image, brokerIds, replicationFactor)
    replicationFactor = brokerIds.length
    const isr = initialIsr(image, brokerIds)
    if (isr.length === 0) throw failure(code, allFenced(partitionIndex))
    partitions.set(partitionIndex, { partition: partitionIndex, replicas: brokerIds, isr })
  }
  return Array.from({ length: partitions.size }, (_, index) => {
    const partition = partitions.get(index)
    if (partition !== undefined) return partition
    throw failure(code, 'partitions should be a consecutive 0-based integer sequence')
  })
}

export function allFenced(partition: number): string {
  return (
    `All brokers specified in the manual partition assignment for partition ${partition} ` +
    'are fenced or in controlled shutdown.'
  )
}

function placedPartitions(state: ControllerState, topic: CreatableTopic): NewPartition[] {
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
    throw failure(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    )
  }
  if (topic.numPartitions < -1 || topic.numPartitions === 0) {
    throw failure(
      ErrorCode.INVALID_PARTITIONS,
      'Number of partitions was set to an invalid non-positive value.',
    )
  }
  const { image, settings } = state
  const replicationFactor =
    topic.replicationFactor === -1 ? settings.defaultReplicationFactor : topic.replicationFactor
  const partitionCount =
    topic.numPartitions === -1 ? settings.defaultNumPartitions : topic.numPartitions
  const unable = (reason: string) =>
    failure(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): ${reason}`,
    )
  let placed: number[][]
  try {
    const spec = { partitionCount, replicationFactor }
    placed = placeReplicas(usableBrokers(image), spec, state.random)
  } catch (error) {
    throw error instanceof KafkaError ? unable(error.message) : error
  }
  return placed.map((replicas, partition) => {
    const isr = initialIsr(image, replicas)
    if (isr.length > 0) return { partition, replicas, isr }
    throw unable('All brokers are currently fenced or in controlled shutdown.')
  })
}

type DeletedTopic = Encodable<DeleteTopicsResponse['responses'][number]>

export function deleteTopics(
  state: ControllerState,
  request: DeleteTopicsRequest,
  version: number,
): ControllerResult<Encodable<DeleteTopicsResponse>> {
  if (!state.settings.deleteTopicEnable) {
    throw version < 3
      ? failure(ErrorCode.INVALID_REQUEST, 'Topic deletion is disabled.')
      : failure(ErrorCode.TOPIC_DELETION_DISABLED)
  }
  const responses: DeletedTopic[] = []
  const refuse = (name: string | null, topicId: string, error: ApiError) =>
    responses.push({ name, topicId, errorCode: error.code, errorMessage: error.message })
  const invalid = (message: string) => apiError(ErrorCode.INVALID_REQUEST, message)

  const byName = [...request.topicNames]
  const byId: string[] = []
  for (const { name, topicId } of request.topics) {
    const hasId = topicId !== ZERO_UUID
    if (name !== null && hasId) {
      refuse(name, topicId, invalid('You may not specify both topic name and topic id.'))
    } else if (name !== null) byName.push(name)
    else if (hasId) byId.push(topicId)
    else refuse(null, ZERO_UUID, invalid('Neither topic name nor id were specified.'))
  }

  /** Topics to delete, by id; null where id and name of the same topic were given. */
  const found = new Map<string, string | null>()
  for (const [id, count] of countNames(byId)) {
    const topic = state.image.topicsById.get(id)
    if (count > 1) refuse(null, id, invalid('Duplicate topic id.'))
    else if (topic === undefined) refuse(null, id, apiError(ErrorCode.UNKNOWN_TOPIC_ID))
    else found.set(id, topic.name)
  }
  for (const [name, count] of countNames(byName)) {
    const topic = state.image.topicsByName.get(name)
    if (count > 1) refuse(name, ZERO_UUID, invalid('Duplicate topic name.'))
    else if (topic === undefined) {
      refuse(name, ZERO_UUID, apiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    } else if (found.has(topic.id) || byId.includes(topic.id)) {
      found.set(topic.id, null)
      const message = 'The provided topic name maps to an ID that was already supplied.'
      refuse(name, topic.id, invalid(message))
    } else found.set(topic.id, name)
  }

  const records: MetadataRecord[] = []
  for (const [topicId, name] of found) {
    if (name === null) continue
    records.push(createRecord('removeTopic', { topicId }))
    responses.push({ name, topicId, errorCode: ErrorCode.NONE, errorMessage: null })
  }
  return { records, reply: { responses } }
}
