import { ErrorCode } from '../../protocol/errors.ts'
import { Fetch, type FetchResponse } from '../../protocol/schemas/01-fetch.ts'
import type { LedPartition } from './offsets.ts'
import { groupByTopic } from './types.ts'
import type { ClientCallOptions, WireClient } from './wire-client.ts'

export interface FetchPosition extends LedPartition {
  readonly offset: number
  readonly maxBytes: number
}

export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** Whole batches from the one that holds the position; the last may be cut short. */
  readonly records: Buffer
}

export interface FetchOptions extends ClientCallOptions {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
}

/** The last version that names topics instead of giving their ids. */
const LAST_VERSION_WITH_NAMES = 12

/** One Fetch of one leader, as a consumer without group and session. Throws WireError. */
export async function fetchRecords(
  client: WireClient,
  leader: number,
  positions: readonly FetchPosition[],
  options: FetchOptions,
): Promise<FetchedPartition[]> {
  const request = {
    replicaId: -1,
    maxWaitMs: options.maxWaitMs,
    minBytes: options.minBytes,
    maxBytes: options.maxBytes,
    isolationLevel: 0,
    topics: groupByTopic(positions).map(({ topic, items }) => ({
      topic,
      partitions: items.map(({ partition, offset, maxBytes }) => ({
        partition,
        fetchOffset: offset,
        partitionMaxBytes: maxBytes,
      })),
    })),
  }
  const call = { ...options, maxVersion: LAST_VERSION_WITH_NAMES }
  const answer = await client.call(leader, Fetch, request, call)
  if (answer.errorCode !== ErrorCode.NONE) {
    return positions.map((position) => failed(position, answer.errorCode))
  }
  return answer.responses.flatMap((topic) =>
    topic.partitions.map((partition) => fetched(topic.topic, partition)),
  )
}

function fetched(
  topic: string,
  partition: FetchResponse['responses'][number]['partitions'][number],
): FetchedPartition {
  return {
    topic,
    partition: partition.partitionIndex,
    errorCode: partition.errorCode,
    highWatermark: partition.highWatermark,
    lastStableOffset: partition.lastStableOffset,
    logStartOffset: partition.logStartOffset,
    records: partition.records ?? Buffer.alloc(0),
  }
}

function failed(position: FetchPosition, errorCode: number): FetchedPartition {
  return {
    topic: position.topic,
    partition: position.partition,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    records: Buffer.alloc(0),
  }
}
