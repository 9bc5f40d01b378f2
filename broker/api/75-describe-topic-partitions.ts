// DescribeTopicPartitions, version 0. Topics in order of name, at most `responsePartitionLimit` partitions (and
// 2,000), with a cursor to go on from. None named: all. Missing topics are errors only when named.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
} from '../../protocol/schemas/75-describe-topic-partitions.ts'
import type { MetadataImage, TopicImage } from '../metadata/image-types.ts'
import {
  AuthorizedOperations,
  isInternalTopic,
  missingTopicError,
  partitionOn,
} from './topic-metadata.ts'
import { defineHandler } from './types.ts'

/** max.request.partition.size.limit. */
const PARTITIONS_MAX = 2000

type Cursor = { topicName: string; partitionIndex: number }

export const describeTopicPartitions = defineHandler({
  api: DescribeTopicPartitions,
  listeners: ['broker'],
  handle(services, context, request) {
    const { image } = services.metadata
    const listener = context.connection.listenerName
    const isVisible = (name: string) => services.authorize(context, 'DESCRIBE', 'TOPIC', name)
    const names = namesFrom(image, request)
    const topics = []
    let remaining = Math.max(1, Math.min(PARTITIONS_MAX, request.responsePartitionLimit))
    let nextCursor: Cursor | null = null
    for (const name of names) {
      if (!isVisible(name)) {
        if (request.topics.length > 0) {
          topics.push({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name })
        }
        continue
      }
      if (remaining === 0) {
        nextCursor = { topicName: name, partitionIndex: 0 }
        break
      }
      const topic = image.topicsByName.get(name)
      if (!topic) {
        topics.push({ errorCode: missingTopicError(name), name, isInternal: isInternalTopic(name) })
        continue
      }
      const start = request.cursor?.topicName === name ? request.cursor.partitionIndex : 0
      const end = Math.min(topic.partitions.length, start + remaining)
      topics.push(describe(image, listener, topic, { start, end }))
      remaining -= Math.max(0, end - start)
      if (end < topic.partitions.length) {
        nextCursor = { topicName: name, partitionIndex: end }
        break
      }
    }
    return { topics, nextCursor }
  },
})

/** In order, from the cursor's topic on. */
function namesFrom(image: MetadataImage, request: DescribeTopicPartitionsRequest): string[] {
  const { cursor } = request
  const asked =
    request.topics.length === 0
      ? image.topicsByName.keys()
      : new Set(request.topics.map(({ name }) => name))
  const from = cursor?.topicName ?? ''
  const names = [...asked].filter((name) => name >= from).sort()
  if (cursor && cursor.partitionIndex < 0) {
    throw new KafkaError(
      ErrorCode.INVALID_REQUEST,
      `DescribeTopicPartitionsRequest cursor partition must be valid: ${cursor.partitionIndex}`,
    )
  }
  if (cursor && request.topics.length > 0 && !names.includes(from)) {
    throw new KafkaError(
      ErrorCode.INVALID_REQUEST,
      `DescribeTopicPartitionsRequest topic list should contain the cursor topic: ${from}`,
    )
  }
  return names
}

function describe(
  image: MetadataImage,
  listener: string,
  topic: TopicImage,
  range: { start: number; end: number },
) {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.slice(range.start, range.end).map((partition) => ({
      ...partitionOn(image, listener, partition, true),
      eligibleLeaderReplicas: partition.elr,
      lastKnownElr: partition.lastKnownElr,
    })),
    topicAuthorizedOperations: AuthorizedOperations.TOPIC,
  }
}
