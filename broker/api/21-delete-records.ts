// DeleteRecords, versions 0 to 2. Moves the log start of led partitions (-1: to the high watermark) and answers
// once every live replica has moved its own. Internal topics and topics that are only compacted are refused.
import { ErrorCode } from '../../protocol/errors.ts'
import { DeleteRecords } from '../../protocol/schemas/21-delete-records.ts'
import { defineHandler } from './types.ts'

export const deleteRecords = defineHandler({
  api: DeleteRecords,
  listeners: ['broker'],
  async handle(services, context, request) {
    const { image } = services.metadata
    const topics = request.topics.map(async ({ name, partitions }) => {
      const isAllowed = services.authorize(context, 'DELETE', 'TOPIC', name)
      const results = partitions.map(async ({ partitionIndex, offset }) => {
        const isKnown = image.topicsByName.get(name)?.partitions[partitionIndex] !== undefined
        if (!isAllowed || !isKnown) {
          const errorCode = isAllowed
            ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            : ErrorCode.TOPIC_AUTHORIZATION_FAILED
          return { partitionIndex, lowWatermark: -1, errorCode }
        }
        const entry = { topic: name, partition: partitionIndex, offset }
        const result = await services.replicas.deleteRecords(entry, request.timeoutMs)
        return { partitionIndex, ...result }
      })
      return { name, partitions: await Promise.all(results) }
    })
    return { topics: await Promise.all(topics) }
  },
})
