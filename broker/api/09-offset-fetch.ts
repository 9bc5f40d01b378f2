// OffsetFetch, versions 1 to 10: one group up to version 7, many from 8, topic ids from 10. An unknown group or
// partition is no error: its offset is -1. requireStable (from 7) answers UNSTABLE_OFFSET_COMMIT for offsets that an
// open transaction may still move.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import {
  OffsetFetch,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
} from '../../protocol/schemas/09-offset-fetch.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { RequestContext } from '../network/types.ts'
import { mayOnGroup, mayOnTopic } from './group-access.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const GROUPS_SINCE = 8
const TOPIC_IDS_SINCE = 10

type AskedGroup = OffsetFetchRequest['groups'][number]

export const offsetFetch = defineHandler({
  api: OffsetFetch,
  listeners: ['broker'],
  async handle(services, context, request) {
    const { image } = services.metadata
    if (context.apiVersion >= GROUPS_SINCE) {
      const byId = context.apiVersion >= TOPIC_IDS_SINCE
      const groups = byId ? request.groups.map((group) => withNames(group, image)) : request.groups
      const answer = await fetchAllowed(services, context, { ...request, groups })
      return byId
        ? { groups: (answer.groups ?? []).map((group, i) => withUnknown(group, groups[i])) }
        : answer
    }
    const topics = request.topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null
    const asked = { groupId: request.groupId, memberId: null, memberEpoch: -1, topics }
    const answer = await fetchAllowed(services, context, { ...request, groups: [asked] })
    const group = answer.groups?.[0]
    const errorCode = group?.errorCode ?? ErrorCode.NONE
    if (errorCode === ErrorCode.NONE) return { topics: group?.topics, errorCode }
    // Version 1 has no error of the whole: each partition carries it.
    return {
      errorCode,
      topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          committedOffset: -1,
          metadata: '',
          errorCode,
        })),
      })),
    }
  },
})

/** Groups that may not be described have an error of their own; so have topics, unless all were asked for. */
async function fetchAllowed(
  services: BrokerServices,
  context: RequestContext,
  request: OffsetFetchRequest,
): Promise<Encodable<OffsetFetchResponse>> {
  const isOpen = request.groups.map(({ groupId }) =>
    mayOnGroup(services, context, 'DESCRIBE', groupId),
  )
  const open = request.groups.filter((_, i) => isOpen[i])
  const answer = await services.groups.fetchOffsets(context, { ...request, groups: open })
  const answered = [...(answer.groups ?? [])]
  const mayDescribe = (topic: { name?: string | undefined }): boolean =>
    mayOnTopic(services, context, 'DESCRIBE', topic.name ?? '')
  const groups = request.groups.map((asked, i) => {
    if (!isOpen[i]) {
      return { groupId: asked.groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, topics: [] }
    }
    const group = answered.shift()
    if (asked.topics === null) return { ...group, topics: group?.topics?.filter(mayDescribe) }
    return {
      ...group,
      topics: group?.topics?.map((topic) =>
        mayDescribe(topic) ? topic : { ...topic, partitions: refusedOf(topic.partitions) },
      ),
    }
  })
  return { ...answer, groups }
}

function refusedOf(partitions: readonly { partitionIndex?: number | undefined }[] | undefined) {
  return partitions?.map(({ partitionIndex }) => ({
    partitionIndex,
    committedOffset: -1,
    metadata: '',
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  }))
}

function withNames(group: AskedGroup, image: MetadataImage): AskedGroup {
  const topics = group.topics?.map((topic) => ({
    ...topic,
    name: image.topicsById.get(topic.topicId)?.name ?? '',
  }))
  return { ...group, topics: topics ?? null }
}

/** Topics whose id nobody knows answer UNKNOWN_TOPIC_ID. */
function withUnknown<
  G extends { topics?: readonly { topicId?: string | undefined }[] | undefined },
>(answer: G, asked: AskedGroup | undefined): G {
  const unknown = new Set(asked?.topics?.filter((t) => t.name === '').map((t) => t.topicId))
  if (unknown.size === 0) return answer
  const topics = asked?.topics?.map((topic, i) =>
    unknown.has(topic.topicId)
      ? {
          topicId: topic.topicId,
          partitions: topic.partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            committedOffset: -1,
            metadata: '',
            errorCode: ErrorCode.UNKNOWN_TOPIC_ID,
          })),
        }
      : answer.topics?.[i],
  )
  return { ...answer, topics }
}
