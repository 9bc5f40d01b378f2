// Logs that metadata does not assign to this broker: topics deleted and replicas moved away while it was down. Used by
// ReplicaManager, once, before it acts on metadata. What a crash leaves undone is found again.
import type { Logs } from '../log/types.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { Logger } from '../runtime/runtime.ts'

export async function setAsideStrayLogs(
  logs: Logs,
  image: MetadataImage,
  { brokerId, logger }: { brokerId: number; logger: Logger },
): Promise<void> {
  for (const log of [...logs.all()]) {
    const topic = image.topicsByName.get(log.topic)
    const isSameTopic = topic?.id === log.topicId || log.topicId === ''
    const assignment = isSameTopic ? topic?.partitions[log.partition] : undefined
    if (assignment?.replicas.includes(brokerId)) continue
    try {
      await logs.setAside(log)
    } catch (error) {
      const { topic: name, partition } = log
      logger.log('error', 'A stray log stays in place', { topic: name, partition, error })
    }
  }
}
