// OffsetDelete, version 0: single committed offsets of a group; GROUP_SUBSCRIBED_TO_TOPIC for those in use. What
// does not exist is refused partition by partition; an error of the group replaces all of them, as in Kafka.
import { ErrorCode } from '../../protocol/errors.ts'
import { OffsetDelete } from '../../protocol/schemas/47-offset-delete.ts'
import { demandOnGroup, mayOnTopic } from './group-access.ts'
import { defineHandler } from './types.ts'

export const offsetDelete = defineHandler({
  api: OffsetDelete,
  listeners: ['broker'],
  async handle(services, context, request) {
    demandOnGroup(services, context, 'DELETE', request.groupId)
    const { topicsByName } = services.metadata.image
    const split = request.topics.map(({ name, partitions }) => {
      const mayRead = mayOnTopic(services, context, 'READ', name)
      const count = mayRead ? (topicsByName.get(name)?.partitions.length ?? 0) : 0
      const errorCode = mayRead
        ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        : ErrorCode.TOPIC_AUTHORIZATION_FAILED
      const isThere = (p: { partitionIndex: number }): boolean =>
        p.partitionIndex >= 0 && p.partitionIndex < count
      return {
        known: { name, partitions: partitions.filter(isThere) },
        missing: partitions.filter((p) => !isThere(p)).map((p) => ({ ...p, errorCode })),
      }
    })
    const topics = split.map(({ known }) => known).filter((topic) => topic.partitions.length > 0)
    const answer = await services.groups.deleteOffsets(context, { ...request, topics })
    if (answer.errorCode !== ErrorCode.NONE) return answer
    const done = new Map(answer.topics?.map((topic) => [topic.name, topic.partitions ?? []]))
    return {
      errorCode: ErrorCode.NONE,
      topics: split.map(({ known: { name }, missing }) => ({
        name,
        partitions: [...missing, ...(done.get(name) ?? [])],
      })),
    }
  },
})
