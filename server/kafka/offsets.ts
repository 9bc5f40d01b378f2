import { ErrorCode } from '../../protocol/errors.ts'
import { ListOffsets, type ListOffsetsResponse } from '../../protocol/schemas/02-list-offsets.ts'
import {
  type ByPartition,
  chunksOf,
  groupByTopic,
  setByPartition,
  type TopicPartitionName,
} from './types.ts'
import { type ClientCallOptions, fanOut, type WireClient } from './wire-client.ts'

export interface LedPartition extends TopicPartitionName {
  readonly leader: number | null
}

/**
 * `latest`: the high watermark. `log-end`: the leader's log end offset, which only a replica or a
 * debugging consumer (id −2) is told. A number: the first offset whose timestamp is not earlier.
 */
export type OffsetQuery = 'earliest' | 'latest' | 'log-end' | number

export interface FoundOffset {
  /** −1 with a timestamp query: no record is that late. */
  readonly offset: number
  readonly timestampMs: number
}

export interface OffsetsFound {
  readonly offsets: ByPartition<FoundOffset>
  /** Kafka's error code per partition that was refused. */
  readonly errors: ByPartition<number>
  /** Brokers that gave no answer; their partitions are in neither map. */
  readonly brokerErrors: Map<number, Error>
}

const PARTITIONS_PER_REQUEST = 4_000
const CONSUMER = -1
const DEBUGGING_CONSUMER = -2

function timestampOf(query: OffsetQuery): number {
  if (typeof query === 'number') return query
  return query === 'earliest' ? -2 : -1
}

/** Asks every leader at once. Partitions without a leader are in `errors`. */
export async function listOffsets(
  client: WireClient,
  partitions: Iterable<LedPartition>,
  query: OffsetQuery,
  options: ClientCallOptions = {},
): Promise<OffsetsFound> {
  const found: OffsetsFound = { offsets: new Map(), errors: new Map(), brokerErrors: new Map() }
  const byLeader = new Map<number, LedPartition[]>()
  for (const partition of partitions) {
    if (partition.leader === null) {
      setByPartition(found.errors, partition, ErrorCode.LEADER_NOT_AVAILABLE)
      continue
    }
    const list = byLeader.get(partition.leader)
    if (list === undefined) byLeader.set(partition.leader, [partition])
    else list.push(partition)
  }
  const { errors } = await fanOut(byLeader.keys(), async (leader) => {
    const requests = chunksOf(byLeader.get(leader) ?? [], PARTITIONS_PER_REQUEST).map((chunk) =>
      client.call(leader, ListOffsets, requestFor(chunk, query), options),
    )
    for (const answer of await Promise.all(requests)) take(answer, found)
  })
  for (const [broker, error] of errors) found.brokerErrors.set(broker, error)
  return found
}

function requestFor(chunk: LedPartition[], query: OffsetQuery) {
  const timestamp = timestampOf(query)
  return {
    replicaId: query === 'log-end' ? DEBUGGING_CONSUMER : CONSUMER,
    topics: groupByTopic(chunk).map(({ topic, items }) => ({
      name: topic,
      partitions: items.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
    })),
  }
}

function take(answer: ListOffsetsResponse, found: OffsetsFound): void {
  for (const { name, partitions } of answer.topics) {
    for (const { partitionIndex, errorCode, offset, timestamp } of partitions) {
      const at = { topic: name, partition: partitionIndex }
      if (errorCode !== ErrorCode.NONE) setByPartition(found.errors, at, errorCode)
      else setByPartition(found.offsets, at, { offset, timestampMs: timestamp })
    }
  }
}
