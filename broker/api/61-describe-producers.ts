// DescribeProducers, version 0: the producers that a partition's leader remembers, and where the transactions that
// are open began; what finds hanging transactions (kafka-transactions.sh).
import { ErrorCode } from '../../protocol/errors.ts'
import { DescribeProducers } from '../../protocol/schemas/61-describe-producers.ts'
import type { Log, TopicPartition } from '../log/types.ts'
import { type BrokerServices, defineHandler } from './types.ts'

export const describeProducers = defineHandler({
  api: DescribeProducers,
  listeners: ['broker'],
  handle(services, context, request) {
    const topics = request.topics.map(({ name, partitionIndexes }) => {
      const isAllowed = services.authorize(context, 'READ', 'TOPIC', name)
      const partitions = partitionIndexes.map((partition) => {
        if (!isAllowed) return refused(partition, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        return describe(services, { topic: name, partition })
      })
      return { name, partitions }
    })
    return { topics }
  },
})

function describe(services: BrokerServices, tp: TopicPartition) {
  const { partition: partitionIndex } = tp
  const hosted = services.replicas.get(tp)
  if (hosted === null) {
    const topic = services.metadata.image.topicsByName.get(tp.topic)
    const isElsewhere = topic?.partitions[partitionIndex] !== undefined
    return refused(
      partitionIndex,
      isElsewhere ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    )
  }
  if (hosted.isOffline) return refused(partitionIndex, ErrorCode.KAFKA_STORAGE_ERROR)
  if (!hosted.isLeader || hosted.log === null) {
    return refused(partitionIndex, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    activeProducers: hosted.log.activeProducers().map(toAnswer),
  }
}

function toAnswer(producer: ReturnType<Log['activeProducers']>[number]) {
  const { lastTimestampMs, ...rest } = producer
  return { ...rest, lastTimestamp: lastTimestampMs }
}

function refused(partitionIndex: number, errorCode: number) {
  return { partitionIndex, errorCode, activeProducers: [] }
}
