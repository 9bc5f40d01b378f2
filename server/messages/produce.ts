import { randomInt } from 'node:crypto'
import type { ProduceMessageInput, ProduceMessageOutput } from '../../contracts/messages.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { fetchTopic } from '../kafka/describe-cluster.ts'
import { partitionForKey, produceOne } from '../kafka/producer.ts'
import { onCluster } from '../kafka/service-error.ts'
import type { TopicState } from '../kafka/types.ts'

/** Writes one message with acks=all. */
export async function produceMessage({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ProduceMessageInput
}): Promise<ProduceMessageOutput> {
  const { client } = clusterOf(input.cluster)
  const topic = await onCluster(() => fetchTopic(client, input.topic))
  if (topic === null) throw refusal('topic-unknown', { topic: input.topic })
  const key = input.key === null ? null : bytesOf(input.key, input.keyEncoding, 'key')
  const value = input.value === null ? null : bytesOf(input.value, input.valueEncoding, 'value')
  const { partition, leader } = choosePartition(topic, input.partition, key)
  const written = await onCluster(() =>
    produceOne(client, {
      topic: topic.name,
      partition,
      leader,
      key,
      value,
      headers: input.headers.map((header) => ({
        key: header.key,
        value: bytesOf(header.value, header.encoding ?? 'text', `header ${header.key}`),
      })),
      timestampMs: input.timestamp ?? ctx.nowMs(),
      compression: input.compression,
    }),
  )
  return { partition, offset: written.offset, timestamp: written.timestampMs }
}

function bytesOf(text: string, encoding: 'text' | 'base64', what: string): Buffer {
  if (encoding === 'text') return Buffer.from(text)
  const compact = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) {
    throw refusal('not-base64', { field: what })
  }
  return Buffer.from(compact, 'base64')
}

function choosePartition(
  topic: TopicState,
  wanted: number | null,
  key: Buffer | null,
): { partition: number; leader: number } {
  const count = topic.partitions.length
  const led = topic.partitions.filter((partition) => partition.leader !== null)
  // Without key any will do: then one that has a leader.
  const id =
    wanted ??
    (key !== null
      ? partitionForKey(key, count)
      : led[randomInt(Math.max(1, led.length))]?.partition)
  const chosen = topic.partitions.find((partition) => partition.partition === id)
  if (chosen === undefined && wanted !== null) {
    throw refusal('partition-unknown', { topic: topic.name, partition: wanted })
  }
  if (chosen === undefined || chosen.leader === null) {
    throw refusal('no-leader', { partition: id ?? '' }, { kafkaError: 'LEADER_NOT_AVAILABLE' })
  }
  return { partition: chosen.partition, leader: chosen.leader }
}
