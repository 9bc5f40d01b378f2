// What this broker says of a partition that it does not host, and who leads it as metadata has it.
import { ErrorCode } from '../../protocol/errors.ts'
import type { TopicPartition } from '../log/types.ts'
import type { MetadataImage } from '../metadata/image-types.ts'

/** NOT_LEADER_OR_FOLLOWER where the partition exists elsewhere, else UNKNOWN_TOPIC_OR_PARTITION. */
export function errorWhenNotHosted(image: MetadataImage, tp: TopicPartition): number {
  return image.topicsByName.get(tp.topic)?.partitions[tp.partition] === undefined
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.NOT_LEADER_OR_FOLLOWER
}

/** KIP-951: told along with errors that mean "ask somebody else". */
export function currentLeaderOf(
  image: MetadataImage,
  tp: TopicPartition,
): { leaderId: number; leaderEpoch: number } {
  const partition = image.topicsByName.get(tp.topic)?.partitions[tp.partition]
  return { leaderId: partition?.leader ?? -1, leaderEpoch: partition?.leaderEpoch ?? -1 }
}

export function tellsLeader(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.FENCED_LEADER_EPOCH
  )
}

const internalTopics: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])

export function isInternalTopic(topic: string): boolean {
  return internalTopics.has(topic)
}
