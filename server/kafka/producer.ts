import type { CompressionCodec } from '../../protocol/compression/index.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { buildBatch, compressBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import type { WireClient } from './wire-client.ts'

export interface OutgoingMessage {
  readonly topic: string
  readonly partition: number
  readonly leader: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { key: string; value: Buffer }[]
  readonly timestampMs: number
  readonly compression: CompressionCodec
}

/** The last version that names topics instead of giving their ids. */
const LAST_VERSION_WITH_NAMES = 12
const PRODUCE_TIMEOUT_MS = 10_000

/**
 * Writes one message with acks=all and gives its offset and, on topics with LogAppendTime, the
 * broker's timestamp. Not retried: after a timeout it may or may not have been written.
 */
export async function produceOne(
  client: WireClient,
  message: OutgoingMessage,
): Promise<{ offset: number; timestampMs: number }> {
  const { key, value, headers, timestampMs } = message
  const batch = buildBatch({ records: [{ key, value, headers, timestampMs }] })
  const records = await compressBatch(batch, message.compression)
  const request = {
    acks: -1,
    timeoutMs: PRODUCE_TIMEOUT_MS,
    topicData: [{ name: message.topic, partitionData: [{ index: message.partition, records }] }],
  }
  const call = { timeoutMs: PRODUCE_TIMEOUT_MS + 2_000, maxVersion: LAST_VERSION_WITH_NAMES }
  const answer = await client.call(message.leader, Produce, request, call)
  const result = answer.responses[0]?.partitionResponses[0]
  if (result === undefined) throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
  if (result.errorCode !== ErrorCode.NONE) {
    const recordError = result.recordErrors[0]?.batchIndexErrorMessage
    throw new KafkaError(result.errorCode, result.errorMessage ?? recordError ?? undefined)
  }
  const isAppendTime = result.logAppendTimeMs >= 0
  return {
    offset: result.baseOffset,
    timestampMs: isAppendTime ? result.logAppendTimeMs : timestampMs,
  }
}

const SEED = 0x9747b28c
const M = 0x5bd1e995

/** Murmur2 as Java's producer computes it, 32 bits signed. */
export function murmur2(data: Uint8Array): number {
  const length = data.length
  let h = (SEED ^ length) | 0
  const words = length >> 2
  for (let i = 0; i < words; i++) {
    const at = i * 4
    let k =
      (data[at] ?? 0) |
      ((data[at + 1] ?? 0) << 8) |
      ((data[at + 2] ?? 0) << 16) |
      ((data[at + 3] ?? 0) << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    k = Math.imul(k, M)
    h = Math.imul(h, M) ^ k
  }
  const tail = words * 4
  const left = length & 3
  if (left >= 3) h ^= (data[tail + 2] ?? 0) << 16
  if (left >= 2) h ^= (data[tail + 1] ?? 0) << 8
  if (left >= 1) h = Math.imul(h ^ (data[tail] ?? 0), M)
  h ^= h >>> 13
  h = Math.imul(h, M)
  return h ^ (h >>> 15)
}

/** The partition Java's default partitioner gives a key. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitionCount
}
