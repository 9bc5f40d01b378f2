import { z } from 'zod'

export const clusterId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z0-9._-]+$/)
export const topicName = z.string().min(1).max(249)
export const groupId = z.string().max(1024)
export const partitionId = z.number().int().min(0)
export const brokerId = z.number().int().min(-1)
export const offset = z.number().int()
/** Epoch milliseconds. */
export const timeMs = z.number().int()
/** When the figures beside it were read from the cluster; null: not read yet. */
export const asOf = timeMs.nullable()

/** Numbers and booleans as a query string carries them. */
export const queryInt = z.coerce.number().int()
export const queryBoolean = z
  .enum(['true', 'false', '1', '0'])
  .transform((text) => text === 'true' || text === '1')
/** `a,b,c`; an empty string is no names. */
export const queryNames = z.string().transform((text) =>
  text
    .split(',')
    .filter((name) => name !== '')
    .map(decodeURIComponent),
)

/** With it the answer is from the history: what was known at that time, in epoch milliseconds. */
export const atQuery = z.object({ at: queryInt.optional() })

export const clusterParams = z.object({ cluster: clusterId })
export const topicParams = clusterParams.extend({ topic: topicName })
export const groupParams = clusterParams.extend({ group: groupId })
/** A node id, or `default` for the cluster-wide default where configs are meant. */
export const brokerParams = clusterParams.extend({ broker: queryInt.min(0) })

export const pageQuery = z.object({
  search: z.string().max(249).optional(),
  /** A column of the item; a leading `-` sorts downwards. */
  sort: z.string().max(64).optional(),
  page: queryInt.min(1).default(1),
  pageSize: queryInt.min(1).max(1000).default(50),
})

export const rangeQuery = z.object({
  from: queryInt.optional(),
  to: queryInt.optional(),
  /** Milliseconds between points; widened by the server where too many points would result. */
  step: queryInt.min(1000).optional(),
})

/** `total` counts all that match, not only this page. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), total: z.number().int(), asOf })
}

export const topicPartition = z.object({ topic: topicName, partition: partitionId })
export type TopicPartition = z.infer<typeof topicPartition>

/** The outcome of one part of a request; both null: it went well. `code` is Kafka's error name. */
export const partError = z.object({ code: z.string(), message: z.string() })
export type PartError = z.infer<typeof partError>

export const verdictLevel = z.enum(['healthy', 'attention', 'critical', 'unknown'])
export type VerdictLevel = z.infer<typeof verdictLevel>

/** Per second, over `windowMs` of samples; null: not known (see the item's asOf). */
export const rate = z.number().nullable()

export const okResponse = z.object({ ok: z.literal(true) })
