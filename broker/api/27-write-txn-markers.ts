// WriteTxnMarkers, versions 1 and 2: transaction coordinators (and administrators who abort a hanging transaction)
// have markers written that end transactions. Each marker is one append with acks=all; partitions are answered
// one by one. A marker in __consumer_offsets also completes the offsets pending in that transaction.
import { ErrorCode } from '../../protocol/errors.ts'
import { buildEndTransactionMarker } from '../../protocol/records/control.ts'
import {
  WriteTxnMarkers,
  type WriteTxnMarkersRequest,
} from '../../protocol/schemas/27-write-txn-markers.ts'
import type { RequestContext } from '../network/types.ts'
import type { ProduceEntry } from '../replication/types.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const OFFSETS_TOPIC = '__consumer_offsets'

type Marker = WriteTxnMarkersRequest['markers'][number]

export const writeTxnMarkers = defineHandler({
  api: WriteTxnMarkers,
  listeners: ['broker'],
  async handle(services, context, request) {
    const isAllowed = mayWriteMarkers(services, context)
    const markers = request.markers.map(async (marker) => {
      const codes = isAllowed
        ? await writeMarker(services, marker)
        : partitionsOf(marker).map(() => ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
      return answer(marker, codes)
    })
    return { markers: await Promise.all(markers) }
  },
})

function mayWriteMarkers(services: BrokerServices, context: RequestContext): boolean {
  return (
    services.authorize(context, 'ALTER', 'CLUSTER', 'kafka-cluster') ||
    services.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster')
  )
}

function partitionsOf({ topics }: Marker): { topic: string; partition: number }[] {
  return topics.flatMap(({ name, partitionIndexes }) =>
    partitionIndexes.map((partition) => ({ topic: name, partition })),
  )
}

/** Error codes in the order of the marker's partitions. */
async function writeMarker(services: BrokerServices, marker: Marker): Promise<number[]> {
  const { replicas, runtime, config } = services
  const { producerId, producerEpoch, coordinatorEpoch, transactionVersion } = marker
  const timestampMs = runtime.clock.nowMs()
  const kind = marker.transactionResult ? 'commit' : 'abort'
  const partitions = partitionsOf(marker)
  const entries: ProduceEntry[] = []
  for (const tp of partitions) {
    // As in Kafka: whoever has no replica does not know the partition.
    if (replicas.get(tp) === null) continue
    const marks = { producerId, producerEpoch, coordinatorEpoch, kind, timestampMs } as const
    entries.push({ ...tp, records: buildEndTransactionMarker(marks), transactionVersion })
  }
  const results = await replicas.produce(entries, {
    acks: -1,
    timeoutMs: config.requestTimeoutMs,
    origin: 'coordinator',
    allowInternalTopics: true,
  })
  const written = new Map(results.map((result) => [`${result.topic}-${result.partition}`, result]))
  return partitions.map(({ topic, partition }) => {
    const result = written.get(`${topic}-${partition}`)
    if (result === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const { errorCode, info } = result
    if (topic === OFFSETS_TOPIC && errorCode === ErrorCode.NONE && info !== null) {
      const { transactionResult } = marker
      services.groups.completeTransaction(producerId, partition, transactionResult, info.lastOffset)
    }
    return errorCode
  })
}

function answer(marker: Marker, codes: readonly number[]) {
  let next = 0
  return {
    producerId: marker.producerId,
    topics: marker.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        errorCode: codes[next++] ?? ErrorCode.UNKNOWN_SERVER_ERROR,
      })),
    })),
  }
}
