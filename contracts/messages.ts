import { z } from 'zod'
import { offset, partitionId, queryInt, queryNames, timeMs, topicParams } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

/**
 * How the bytes are given: `json` and `text` as the exact characters that were written (a 64-bit
 * integer keeps every digit), `binary` as base64, `null` for no bytes at all.
 */
export const contentFormat = z.enum(['null', 'json', 'text', 'binary'])
export type ContentFormat = z.infer<typeof contentFormat>

export const messageHeader = z.object({
  key: z.string(),
  value: z.string().nullable(),
  format: contentFormat,
})
export type MessageHeader = z.infer<typeof messageHeader>

export const compressionType = z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
export type CompressionType = z.infer<typeof compressionType>

export const message = z.object({
  partition: partitionId,
  offset,
  timestamp: timeMs,
  timestampType: z.enum(['create', 'append']),
  key: z.string().nullable(),
  keyFormat: contentFormat,
  value: z.string().nullable(),
  valueFormat: contentFormat,
  headers: z.array(messageHeader),
  keySizeBytes: z.number().int(),
  valueSizeBytes: z.number().int(),
  /** Key, value and headers as written, uncompressed. */
  sizeBytes: z.number().int(),
  /** Of the batch it came in. */
  compression: compressionType,
  /** The value (or key) was longer than asked for and is cut. */
  isTruncated: z.boolean(),
})
export type Message = z.infer<typeof message>

export const filterField = z.enum(['key', 'value', 'headers'])

const browseQuery = z.object({
  /** One partition, or all. */
  partition: queryInt.min(0).optional(),
  /** Contained text over the fields of `in`, case-insensitive. */
  contains: z.string().max(1000).optional(),
  in: queryNames.pipe(z.array(filterField)).optional(),
})

export const listMessagesContract = defineContract({
  id: 'listMessages',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/topics/{topic}/messages',
  access: 'viewer',
  tag: 'Messages',
  summary: 'Read messages without joining any group',
  params: topicParams,
  query: browseQuery.extend({
    from: z.enum(['newest', 'oldest', 'offset', 'time']).default('newest'),
    /** With `from=offset`: the first offset. */
    offset: queryInt.min(0).optional(),
    /** With `from=time`: epoch milliseconds. */
    time: queryInt.optional(),
    /** An answer's `next`: goes on where that one ended, in its direction; `from` is then ignored. */
    cursor: z
      .string()
      .max(12_000)
      .regex(/^[du]([0-9a-z]+~[0-9a-z]+)(\.[0-9a-z]+~[0-9a-z]+)*$/)
      .optional(),
    limit: queryInt.min(1).max(5000).default(100),
    /** Records looked at before the search gives up. */
    scanLimit: queryInt.min(1).max(5_000_000).default(200_000),
    timeoutMs: queryInt.min(100).max(60_000).default(10_000),
    /** Longest key or value given in full; more is cut and marked. */
    maxBytes: queryInt.min(100).max(10_485_760).default(1_048_576),
  }),
  response: z.object({
    /** `newest`: newest first; else oldest first, ordered by time over partitions. */
    items: z.array(message),
    /** Messages given: the length of `items`. */
    total: z.number().int(),
    scanned: z.number().int(),
    matched: z.number().int(),
    stoppedBecause: z.enum(['end-reached', 'limit', 'scan-limit', 'timeout', 'partition-error']),
    /** `next`: where to go on in the direction read; null when that end is reached. */
    partitions: z.array(
      z.object({
        partition: partitionId,
        logStart: offset.nullable(),
        highWatermark: offset.nullable(),
        next: offset.nullable(),
        error: z.string().nullable(),
      }),
    ),
    /** Give it as `cursor` to read on: older ones after `newest`, else later ones; null: all was read. */
    next: z.string().nullable(),
    asOf: timeMs,
  }),
})
export type ListMessagesInput = ContractInput<typeof listMessagesContract>
export type ListMessagesOutput = ContractOutput<typeof listMessagesContract>

export const tailEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('messages'),
    items: z.array(message),
    /** These three since the event before. */
    scanned: z.number().int(),
    matched: z.number().int(),
    /** Left out because they came faster than a page can show. */
    skipped: z.number().int(),
  }),
  z.object({ type: z.literal('error'), message: z.string() }),
])
export type TailEvent = z.infer<typeof tailEvent>

export const tailMessagesContract = defineContract({
  id: 'tailMessages',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/topics/{topic}/messages/tail',
  access: 'viewer',
  tag: 'Messages',
  summary: 'Live tail as server-sent events; each `data` is one event of this schema',
  params: topicParams,
  query: browseQuery,
  response: tailEvent,
  media: 'sse',
})
export type TailMessagesInput = ContractInput<typeof tailMessagesContract>

const encoding = z.enum(['text', 'base64'])

export const produceMessageContract = defineContract({
  id: 'produceMessage',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/topics/{topic}/messages',
  access: 'administrator',
  tag: 'Messages',
  summary: 'Write one message with acks=all',
  params: topicParams,
  body: z.strictObject({
    /** Null: by the key's hash as Java's producer does, or any when there is no key. */
    partition: partitionId.nullable().default(null),
    key: z.string().nullable().default(null),
    keyEncoding: encoding.default('text'),
    /** Null writes a tombstone. */
    value: z.string().nullable(),
    valueEncoding: encoding.default('text'),
    headers: z
      .array(z.strictObject({ key: z.string(), value: z.string(), encoding: encoding.optional() }))
      .max(1000)
      .default([]),
    timestamp: timeMs.nullable().default(null),
    compression: compressionType.default('none'),
  }),
  status: 201,
  response: z.object({ partition: partitionId, offset, timestamp: timeMs }),
})
export type ProduceMessageInput = ContractInput<typeof produceMessageContract>
export type ProduceMessageOutput = ContractOutput<typeof produceMessageContract>
