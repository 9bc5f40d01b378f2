// AlterReplicaLogDirs, versions 1 and 2: moves replicas of this broker to another of its log directories. Answered
// as soon as the moves have begun; DescribeLogDirs shows how far they are.
import { ErrorCode } from '../../protocol/errors.ts'
import { AlterReplicaLogDirs } from '../../protocol/schemas/34-alter-replica-log-dirs.ts'
import { defineHandler } from './types.ts'

export const alterReplicaLogDirs = defineHandler({
  api: AlterReplicaLogDirs,
  listeners: ['broker'],
  async handle(services, context, request) {
    const isAllowed = services.authorize(context, 'ALTER', 'CLUSTER', 'kafka-cluster')
    const results = new Map<string, { partitionIndex: number; errorCode: number }[]>()
    for (const { path, topics } of request.dirs) {
      for (const { name, partitions } of topics) {
        const answers = results.get(name) ?? []
        results.set(name, answers)
        for (const partition of partitions) {
          const errorCode = isAllowed
            ? await services.replicas.moveToDirectory({ topic: name, partition }, path)
            : ErrorCode.CLUSTER_AUTHORIZATION_FAILED
          answers.push({ partitionIndex: partition, errorCode })
        }
      }
    }
    return {
      results: [...results].map(([topicName, partitions]) => ({ topicName, partitions })),
    }
  },
})
