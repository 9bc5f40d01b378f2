// Parts of replication-cluster.ts: metadata that a test delivers, partitions as they begin, plain batches.
import { defaultCleaningConfig, type LogConfig } from '../../broker/log/types.ts'
import { compareImages } from '../../broker/metadata/delta.ts'
import type {
  MetadataImage,
  MetadataListener,
  MetadataView,
  PartitionImage,
} from '../../broker/metadata/image-types.ts'
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../protocol/schemas/73-assign-replicas-to-dirs.ts'

export const testLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10_485_760,
  indexIntervalBytes: 4096,
  retentionMs: -1,
  retentionBytes: -1,
  maxMessageBytes: 1_048_588,
  cleanupDelete: true,
  cleanupCompact: false,
  compressionType: 'producer',
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: 3_600_000,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  fileDeleteDelayMs: 60_000,
  minInsyncReplicas: 1,
  uncleanLeaderElectionEnable: false,
  ...defaultCleaningConfig,
}

export class ScriptedMetadata implements MetadataView {
  image: MetadataImage
  readonly #listeners: MetadataListener[] = []
  #delivery: Promise<void> = Promise.resolve()

  constructor(image: MetadataImage) {
    this.image = image
  }

  subscribe(_name: string, listener: MetadataListener): void {
    this.#listeners.push(listener)
  }

  waitForOffset(): Promise<void> {
    return Promise.resolve()
  }

  deliver(image: MetadataImage): void {
    this.#delivery = this.#delivery.then(async () => {
      if (image.offset <= this.image.offset) return
      const delta = compareImages(this.image, image)
      this.image = image
      for (const listener of this.#listeners) await listener(delta)
    })
  }
}

export const noPartition = {
  leaderId: -1,
  leaderEpoch: -1,
  isr: [] as number[],
  leaderRecoveryState: 0,
  partitionEpoch: -1,
}

export function newPartition(partition: number, replicas: readonly number[]): PartitionImage {
  return {
    partition,
    replicas,
    isr: replicas,
    removingReplicas: [],
    addingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: replicas[0] ?? -1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: replicas.map(() => ZERO_UUID),
  }
}

export function batchOf(values: readonly string[]): Buffer {
  return buildBatch({ records: values.map((value) => ({ key: null, value: Buffer.from(value) })) })
}

/** Values of uncompressed batches that follow each other. */
export function valuesIn(records: Buffer): string[] {
  const values: string[] = []
  for (let at = 0; at < records.length; ) {
    const sizeBytes = records.readInt32BE(at + 8) + 12
    for (const record of readRecordsSync(records.subarray(at, at + sizeBytes))) {
      values.push(record.value?.toString() ?? '')
    }
    at += sizeBytes
  }
  return values
}

/** What a controller does with AssignReplicasToDirs. */
export function assignReplicas(
  image: MetadataImage,
  request: AssignReplicasToDirsRequest,
  change: (topic: string, partition: PartitionImage) => void,
): Encodable<AssignReplicasToDirsResponse> {
  const directories = request.directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => {
        const topic = image.topicsById.get(topicId)
        const before = topic?.partitions[partitionIndex]
        if (topic === undefined || before === undefined) {
          return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
        }
        const places = [...before.directories]
        places[before.replicas.indexOf(request.brokerId)] = id
        const partitionEpoch = before.partitionEpoch + 1
        change(topic.name, { ...before, directories: places, partitionEpoch })
        return { partitionIndex, errorCode: ErrorCode.NONE }
      }),
    })),
  }))
  return { errorCode: ErrorCode.NONE, directories }
}
