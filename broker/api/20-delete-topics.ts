// DeleteTopics, versions 1 to 6. Forwarded to the active controller; topics that the principal may not delete are
// answered here. From v6 topics may be named by id.
import { ErrorCode } from '../../protocol/errors.ts'
import { DeleteTopics, type DeleteTopicsRequest } from '../../protocol/schemas/20-delete-topics.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import { type BrokerServices, defineHandler } from './types.ts'

export const deleteTopics = defineHandler({
  api: DeleteTopics,
  listeners: ['broker', 'controller'],
  async handle(services, context, request) {
    const mayAll = mayOnCluster(services, context, 'DELETE')
    const may = (name: string | null) =>
      mayAll || name === null || services.authorize(context, 'DELETE', 'TOPIC', name)
    const nameOf = topicNamer(services)
    const topics = request.topics.filter((topic) => may(nameOf(topic)))
    const topicNames = request.topicNames.filter(may)
    const refusal = { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: null }
    const refused = [
      ...request.topics
        .filter((topic) => !may(nameOf(topic)))
        .map(({ name, topicId }) => ({ name, topicId, ...refusal })),
      ...request.topicNames.filter((name) => !may(name)).map((name) => ({ name, ...refusal })),
    ]
    const asked = { ...request, topics, topicNames }
    const { responses } = await forwardToController(services, context, DeleteTopics, asked)
    return { responses: [...responses, ...refused] }
  },
})

/** null where nobody knows the name. */
function topicNamer({ metadata }: BrokerServices) {
  return ({ name, topicId }: DeleteTopicsRequest['topics'][number]): string | null =>
    name ?? metadata.image.topicsById.get(topicId)?.name ?? null
}
