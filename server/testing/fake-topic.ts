import { ErrorCode } from '../../protocol/errors.ts'
import { batchLastOffset, batchPositions, batchSizeBytes } from '../../protocol/records/batch.ts'
import { Fetch } from '../../protocol/schemas/01-fetch.ts'
import { ListOffsets } from '../../protocol/schemas/02-list-offsets.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { FakeBroker } from './fake-broker.ts'

/** Batches of one partition, one after the other, as they would lie in its log. */
export interface FakePartition {
  readonly log: Buffer
  readonly logStart: number
  readonly end: number
}

/** A one-broker cluster with one topic whose partitions are given as bytes. */
export async function startFakeTopic(
  topic: string,
  partitions: readonly FakePartition[],
): Promise<FakeBroker> {
  const broker = await FakeBroker.start()
  broker
    .on(Metadata, () => ({
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: broker.port }],
      controllerId: 1,
      topics: [
        {
          errorCode: ErrorCode.NONE,
          name: topic,
          partitions: partitions.map((_, partitionIndex) => ({
            partitionIndex,
            leaderId: 1,
            replicaNodes: [1],
            isrNodes: [1],
          })),
        },
      ],
    }))
    .on(ListOffsets, (request) => ({
      topics: request.topics.map(({ name, partitions: asked }) => ({
        name,
        partitions: asked.map(({ partitionIndex, timestamp }) => {
          const partition = partitions[partitionIndex]
          const offset = timestamp === -2 ? partition?.logStart : partition?.end
          return { partitionIndex, offset: offset ?? -1 }
        }),
      })),
    }))
    .on(Fetch, (request) => ({
      responses: request.topics.map(({ topic: name, partitions: asked }) => ({
        topic: name,
        partitions: asked.map(({ partition, fetchOffset, partitionMaxBytes }) => {
          const found = partitions[partition]
          const records = found ? slice(found.log, fetchOffset, partitionMaxBytes) : null
          return { partitionIndex: partition, highWatermark: found?.end ?? -1, records }
        }),
      })),
    }))
  return broker
}

/** From the batch that holds the offset (or the next one); cut at the limit like a broker cuts. */
function slice(log: Buffer, offset: number, maxBytes: number): Buffer {
  for (const at of batchPositions(log)) {
    if (batchLastOffset(log, at) < offset) continue
    const end = Math.max(at + batchSizeBytes(log, at), at + maxBytes)
    return log.subarray(at, Math.min(end, log.length))
  }
  return Buffer.alloc(0)
}
