// CreatePartitions, versions 0 to 3. Forwarded to the active controller; topics that the principal may not alter
// are answered here.
import { ErrorCode } from '../../protocol/errors.ts'
import { CreatePartitions } from '../../protocol/schemas/37-create-partitions.ts'
import { forwardToController } from './forward.ts'
import { defineHandler } from './types.ts'

export const createPartitions = defineHandler({
  api: CreatePartitions,
  listeners: ['broker', 'controller'],
  async handle(services, context, request) {
    const may = (name: string) => services.authorize(context, 'ALTER', 'TOPIC', name)
    const topics = request.topics.filter(({ name }) => may(name))
    const refused = request.topics
      .filter(({ name }) => !may(name))
      .map(({ name }) => ({ name, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }))
    const asked = { ...request, topics }
    const { results } = await forwardToController(services, context, CreatePartitions, asked)
    return { results: [...results, ...refused] }
  },
})
