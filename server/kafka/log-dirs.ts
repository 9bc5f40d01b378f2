import { errorName } from '../../protocol/errors.ts'
import { DescribeLogDirs } from '../../protocol/schemas/35-describe-log-dirs.ts'
import { groupByTopic, type TopicPartitionName } from './types.ts'
import type { ClientCallOptions, WireClient } from './wire-client.ts'

export interface LogDirState {
  readonly path: string
  /** Kafka's error name, or null. */
  readonly error: string | null
  readonly totalBytes: number | null
  readonly usableBytes: number | null
  readonly replicas: readonly ReplicaSize[]
}

export interface ReplicaSize extends TopicPartitionName {
  readonly sizeBytes: number
  /** Records behind the leader's high watermark, as the broker itself sees it. */
  readonly offsetLag: number
}

/** One broker's log directories; `partitions` null: with all its replicas. */
export async function fetchLogDirs(
  client: WireClient,
  brokerId: number,
  partitions: readonly TopicPartitionName[] | null = null,
  options: ClientCallOptions = {},
): Promise<LogDirState[]> {
  const topics =
    partitions === null
      ? null
      : groupByTopic(partitions).map(({ topic, items }) => ({
          topic,
          partitions: items.map(({ partition }) => partition),
        }))
  const answer = await client.call(brokerId, DescribeLogDirs, { topics }, options)
  return answer.results.map((dir) => ({
    path: dir.logDir,
    error: dir.errorCode === 0 ? null : errorName(dir.errorCode),
    totalBytes: dir.totalBytes < 0 ? null : dir.totalBytes,
    usableBytes: dir.usableBytes < 0 ? null : dir.usableBytes,
    replicas: dir.topics.flatMap((topic) =>
      topic.partitions
        .filter((partition) => !partition.isFutureKey)
        .map((partition) => ({
          topic: topic.name,
          partition: partition.partitionIndex,
          sizeBytes: partition.partitionSize,
          offsetLag: partition.offsetLag,
        })),
    ),
  }))
}
