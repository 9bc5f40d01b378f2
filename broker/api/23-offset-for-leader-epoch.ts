// OffsetForLeaderEpoch, versions 2 to 4: where the largest epoch not above the asked one ends, on the leader.
// Consumers learn from it whether the log was cut below their position (KIP-320).
import { ErrorCode } from '../../protocol/errors.ts'
import { OffsetForLeaderEpoch } from '../../protocol/schemas/23-offset-for-leader-epoch.ts'
import { defineHandler } from './types.ts'

export const offsetForLeaderEpoch = defineHandler({
  api: OffsetForLeaderEpoch,
  listeners: ['broker'],
  handle(services, context, request) {
    const isBroker = services.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster')
    return {
      topics: request.topics.map(({ topic, partitions }) => {
        const isAllowed = isBroker || services.authorize(context, 'DESCRIBE', 'TOPIC', topic)
        return {
          topic,
          partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
            if (!isAllowed) return { partition, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
            const entry = { topic, partition, currentLeaderEpoch, leaderEpoch }
            return { partition, ...services.replicas.offsetForLeaderEpoch(entry) }
          }),
        }
      }),
    }
  },
})
