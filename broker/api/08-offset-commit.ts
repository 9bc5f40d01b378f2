// OffsetCommit, versions 2 to 10. Partitions that do not exist are refused one by one; topic ids (version 10) are
// resolved to names here, since the coordinator keeps names. Gaps: none.
import { ErrorCode } from '../../protocol/errors.ts'
import { OffsetCommit } from '../../protocol/schemas/08-offset-commit.ts'
import type { TopicImage } from '../metadata/image-types.ts'
import { demandOnGroup, mayOnTopic } from './group-access.ts'
import { defineHandler } from './types.ts'

const TOPIC_IDS_SINCE = 10

export const offsetCommit = defineHandler({
  api: OffsetCommit,
  listeners: ['broker'],
  async handle(services, context, request) {
    demandOnGroup(services, context, 'READ', request.groupId)
    const { image } = services.metadata
    const byId = context.apiVersion >= TOPIC_IDS_SINCE
    const asked = request.topics.map((topic) => {
      const found = byId ? image.topicsById.get(topic.topicId) : image.topicsByName.get(topic.name)
      const named = {
        ...topic,
        name: found?.name ?? topic.name,
        topicId: found?.id ?? topic.topicId,
      }
      const missing = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const mayRead = found === undefined || mayOnTopic(services, context, 'READ', found.name)
      return {
        topic: named,
        errorOf: (partition: number) =>
          mayRead ? errorOf(found, partition, missing) : ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      }
    })
    const known = asked
      .map(({ topic, errorOf }) => ({
        ...topic,
        partitions: topic.partitions.filter((p) => errorOf(p.partitionIndex) === ErrorCode.NONE),
      }))
      .filter((topic) => topic.partitions.length > 0)
    const answer = await services.groups.commitOffsets(context, { ...request, topics: known })
    const errors = new Map<string, number>()
    for (const topic of answer.topics ?? []) {
      for (const partition of topic.partitions ?? []) {
        errors.set(`${topic.name} ${partition.partitionIndex}`, partition.errorCode ?? 0)
      }
    }
    return {
      topics: asked.map(({ topic, errorOf }) => ({
        name: topic.name,
        topicId: topic.topicId,
        partitions: topic.partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode:
            errorOf(partitionIndex) || (errors.get(`${topic.name} ${partitionIndex}`) ?? 0),
        })),
      })),
    }
  },
})

function errorOf(topic: TopicImage | undefined, partition: number, missing: number): number {
  if (topic === undefined) return missing
  return topic.partitions[partition] === undefined
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.NONE
}
