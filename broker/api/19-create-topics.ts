// CreateTopics, versions 2 to 7. Forwarded to the active controller; names that the principal may not create are
// answered here. From v5 the reply carries the new topic's settings, from v7 its id.
import { ErrorCode } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import { defineHandler } from './types.ts'

export const createTopics = defineHandler({
  api: CreateTopics,
  listeners: ['broker', 'controller'],
  async handle(services, context, request) {
    const mayAll = mayOnCluster(services, context, 'CREATE')
    const may = (name: string) => mayAll || services.authorize(context, 'CREATE', 'TOPIC', name)
    const allowed = request.topics.filter(({ name }) => may(name))
    const refused = request.topics
      .filter(({ name }) => !may(name))
      .map(({ name }) => ({
        name,
        errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
        errorMessage: 'Authorization failed.',
      }))
    if (allowed.length === 0) return { topics: refused }
    const asked = { ...request, topics: allowed }
    const { topics } = await forwardToController(services, context, CreateTopics, asked)
    return { topics: [...topics, ...refused] }
  },
})
