// OffsetDelete: single offsets of a group go, but for those of topics that a member is subscribed to. Called by
// ClassicGroupCoordinator. After a crash the tombstones are in the log, or the client heard an error.
import type { Encodable } from '../../../protocol/api.ts'
import { ErrorCode } from '../../../protocol/errors.ts'
import { decodeMessage } from '../../../protocol/message.ts'
import { ConsumerProtocolSubscription } from '../../../protocol/messages/data/consumer-protocol-subscription.ts'
import type {
  OffsetDeleteRequest,
  OffsetDeleteResponse,
} from '../../../protocol/schemas/47-offset-delete.ts'
import type { ClassicGroup } from './classic-group.ts'
import { metadataFor } from './member.ts'
import type { GroupShard } from './shard.ts'

const CONSUMER = 'consumer'
const VERSION_BYTES = 2

/** Null where the coordinator cannot know: another protocol type, or metadata that it cannot read. */
function subscribedTopics(group: ClassicGroup): ReadonlySet<string> | null {
  if (group.protocolType !== CONSUMER) return null
  if (!group.hasMembers) return new Set()
  const topics = new Set<string>()
  for (const member of group.members.values()) {
    const metadata = metadataFor(member, group.protocolName)
    try {
      // Every version begins with the fields of version 0.
      const read = decodeMessage(ConsumerProtocolSubscription, 0, metadata, VERSION_BYTES)
      for (const topic of read.topics) topics.add(topic)
    } catch {
      return null
    }
  }
  return topics
}

/** Kafka's rule for the whole group: only consumers may lose offsets while they are at work. */
function groupError(group: ClassicGroup | null): number {
  if (group === null || group.isIn('Dead')) return ErrorCode.GROUP_ID_NOT_FOUND
  const isAtWork = !group.isIn('Empty')
  return isAtWork && group.protocolType !== CONSUMER ? ErrorCode.NON_EMPTY_GROUP : ErrorCode.NONE
}

export async function deleteOffsets(
  shard: GroupShard,
  request: OffsetDeleteRequest,
): Promise<Encodable<OffsetDeleteResponse>> {
  const { groupId } = request
  if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID, topics: [] }
  const group = shard.get(groupId)
  const errorCode = groupError(group)
  if (group === null || errorCode !== ErrorCode.NONE) return { errorCode, topics: [] }
  const subscribed = subscribedTopics(group)
  const isSubscribed = (topic: string): boolean =>
    subscribed === null ? group.protocolType === CONSUMER : subscribed.has(topic)
  const wanted = new Map(
    request.topics
      .filter(({ name }) => !isSubscribed(name))
      .map(({ name, partitions }) => [name, new Set(partitions.map((p) => p.partitionIndex))]),
  )
  const written = await new Promise<number>((resolve) => {
    shard.deleteOffsets(groupId, (topic, id) => wanted.get(topic)?.has(id) ?? false, resolve)
  })
  if (written !== ErrorCode.NONE) return { errorCode: written, topics: [] }
  return {
    errorCode: ErrorCode.NONE,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: wanted.has(name) ? ErrorCode.NONE : ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC,
      })),
    })),
  }
}
