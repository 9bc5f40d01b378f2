// Metadata, versions 0 to 13. Brokers, topics and partitions as of this broker's image, on the listener the client
// uses. Topics by name, or by id from version 12; none named: all (v0 empty, v1+ null). A missing topic is created
// when both sides allow it; the client hears UNKNOWN_TOPIC_OR_PARTITION and asks again. The controller named is any
// live broker, as each forwards. Nothing here outlives a crash.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { Metadata, type MetadataRequest } from '../../protocol/schemas/03-metadata.ts'
import type { TopicImage } from '../metadata/image-types.ts'
import type { RequestContext } from '../network/types.ts'
import { autoCreateTopics } from './auto-create.ts'
import {
  AuthorizedOperations,
  endpointOn,
  isInternalTopic,
  missingTopicError,
  nodesOn,
  partitionOn,
} from './topic-metadata.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const NAMES_IDS_FROM = 12
const LISTENER_ERRORS_FROM = 6

export const metadata = defineHandler({
  api: Metadata,
  listeners: ['broker'],
  handle(services, context, request) {
    const { image } = services.metadata
    const listener = context.connection.listenerName
    const nodes = nodesOn(image, listener, false)
    const controller = nodes[services.runtime.random.int(Math.max(1, nodes.length))]
    return {
      brokers: nodes.map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
      clusterId: image.clusterId,
      controllerId: controller?.id ?? -1,
      topics: topicsFor(services, context, request),
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? AuthorizedOperations.CLUSTER
        : AuthorizedOperations.NOT_ASKED,
    }
  },
})

function topicsFor(services: BrokerServices, context: RequestContext, request: MetadataRequest) {
  const { image } = services.metadata
  const isVisible = (name: string) => services.authorize(context, 'DESCRIBE', 'TOPIC', name)
  const describe = (topic: TopicImage) => describeTopic(services, context, request, topic)
  const { topics } = request
  if (topics === null || (context.apiVersion === 0 && topics.length === 0)) {
    return [...image.topicsByName.values()].filter(({ name }) => isVisible(name)).map(describe)
  }
  checkTopics(topics, context.apiVersion)
  const ids = new Set(topics.map(({ topicId }) => topicId).filter((id) => id !== ZERO_UUID))
  if (ids.size > 0) {
    return [...ids].map((topicId) => {
      const topic = image.topicsById.get(topicId)
      if (topic && isVisible(topic.name)) return describe(topic)
      return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId }
    })
  }
  const names = [...new Set(topics.map(({ name }) => name ?? ''))]
  const missing = names.filter((name) => isVisible(name) && !image.topicsByName.has(name))
  const isCreating = request.allowAutoTopicCreation && services.config.autoCreateTopicsEnable
  const errors = isCreating ? autoCreateTopics(services, context, missing) : null
  return names.map((name) => {
    if (!isVisible(name)) return failedTopic(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    const topic = image.topicsByName.get(name)
    return topic ? describe(topic) : failedTopic(name, errors?.get(name) ?? missingTopicError(name))
  })
}

function checkTopics(topics: MetadataRequest['topics'] & object, version: number): void {
  if (version >= NAMES_IDS_FROM) return
  for (const { name, topicId } of topics) {
    if (name === null) {
      throw new KafkaError(
        ErrorCode.INVALID_REQUEST,
        `Topic name can not be null for version ${version}`,
      )
    }
    if (topicId !== ZERO_UUID) {
      throw new KafkaError(
        ErrorCode.INVALID_REQUEST,
        `Topic IDs are not supported in requests for version ${version}`,
      )
    }
  }
}

function failedTopic(name: string, errorCode: number) {
  return { errorCode, name, isInternal: isInternalTopic(name) }
}

function describeTopic(
  services: BrokerServices,
  context: RequestContext,
  request: MetadataRequest,
  topic: TopicImage,
) {
  const { image } = services.metadata
  const listener = context.connection.listenerName
  const namesListenerErrors = context.apiVersion >= LISTENER_ERRORS_FROM
  const partitions = topic.partitions.map((partition) => {
    const described = partitionOn(image, listener, partition, namesListenerErrors)
    return context.apiVersion === 0 ? onlyReachable(services, listener, described) : described
  })
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions,
    topicAuthorizedOperations: request.includeTopicAuthorizedOperations
      ? AuthorizedOperations.TOPIC
      : AuthorizedOperations.NOT_ASKED,
  }
}

/** Version 0 lists only replicas that can be reached, and says REPLICA_NOT_AVAILABLE when one cannot. */
function onlyReachable(
  services: BrokerServices,
  listener: string,
  described: ReturnType<typeof partitionOn>,
) {
  const { brokers } = services.metadata.image
  const isReachable = (id: number) => {
    const broker = brokers.get(id)
    return broker !== undefined && !broker.isFenced && endpointOn(broker, listener) !== null
  }
  const replicaNodes = described.replicaNodes.filter(isReachable)
  const isrNodes = described.isrNodes.filter(isReachable)
  const isWhole =
    replicaNodes.length === described.replicaNodes.length &&
    isrNodes.length === described.isrNodes.length
  const isOtherwiseFine = described.errorCode === ErrorCode.NONE
  return {
    ...described,
    replicaNodes,
    isrNodes,
    errorCode: isOtherwiseFine && !isWhole ? ErrorCode.REPLICA_NOT_AVAILABLE : described.errorCode,
  }
}
